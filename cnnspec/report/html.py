"""A network as a table in a notebook."""

from __future__ import annotations

from cnnspec.network import Network


def html_table(net: Network) -> str:
    """The summary as HTML, everything escaped."""
    from cnnspec.report.summary import html

    return html(net)
