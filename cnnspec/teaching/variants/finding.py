"""Which variant an answer is of that has lost the line that says so: the one whose given part it has."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from cnnspec.source import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parser import parse
from cnnspec.teaching.settings import Settings
from cnnspec.teaching.variants.drawing import pick, variants
from cnnspec.teaching.variants.writing import written_out

Given = tuple[str, ...]


def given_part(text: str) -> Given:
    """The statements of a sheet without what is expected of them, comments and spaces.

    >>> given_part("# mine\\nconv 6,  f=5 -> 24x24x6  # ?\\nexpect params == 156")
    ('conv6,f=5',)
    """
    parts = ("".join(line.partition("#")[0].partition("->")[0].split()) for line in text.splitlines())
    return tuple(part for part in parts if part and not part.startswith(("expect", "model")))


def seeds_by_given(source: Source, settings: Settings) -> Mapping[Given, str]:
    """A seed that draws the variant, by its given part; without those that several have, or the exercise itself."""
    file, _ = parse(source)
    model = next(node.name for node in file.body if isinstance(node, tree.Model))
    every = variants(source, settings)
    givens = [given_part(written_out(source, file, values, "").text) for values in every]
    own = given_part(written_out(source, file, _defaults(source, settings), "").text)
    single = {given: i for i, given in enumerate(givens) if givens.count(given) == 1 and given != own}
    seeds: dict[int, str] = {}
    for n in count(1):
        if len(seeds) == len(every):
            break
        seeds.setdefault(pick(len(every), f"{model}:{n}"), str(n))
    return {given: seeds[i] for given, i in single.items()}


def _defaults(source: Source, settings: Settings) -> Mapping[str, object]:
    from cnnspec.teaching.variants.drawing import choose

    return choose(source, settings, "")[1]
