"""The reference of the kinds, made from what they declare."""

from __future__ import annotations

import pytest

from cnnspec import layers
from cnnspec.report import reference


@pytest.mark.parametrize("name", layers.names())
def test_every_kind_has_a_whole_page(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    text = "\n".join(reference.page(kind))
    assert text.startswith(kind.usage())
    assert len(reference.prose(kind)) >= 1
    assert "example" in text
    for argument in kind.arguments:
        assert argument.doc, f"{name}: `{argument.name}` has no description"
        assert argument.type.describe() in text


def test_every_kind_is_listed_in_a_known_family() -> None:
    families = reference.by_family()
    assert set(families) <= set(reference.FAMILIES)
    assert sorted(kind.name for kinds in families.values() for kind in kinds) == list(layers.names())


def test_the_list_names_every_kind() -> None:
    listed = [line.split()[0] for line in reference.listing() if line.startswith("  ")]
    assert sorted(listed) == list(layers.names())
