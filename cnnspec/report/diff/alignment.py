"""The longest common subsequence of two sequences, and alignments that look at less and less."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Pair: TypeAlias = tuple[int, int]
MOST_CELLS = 800_000_000  # bits of the table: 100 MB


def align(a: Sequence[T], b: Sequence[T], keys: Sequence[Callable[[T], Hashable]]) -> list[Pair]:
    """Pairs of places in a and b, both rising: first of what is equal by the first key, in the gaps by the next one.

    >>> align("conv relu conv".split(), "conv conv relu CONV".split(), [str, str.lower])
    [(0, 1), (1, 2), (2, 3)]
    """
    if not keys or not a or not b:
        return []
    found = common([keys[0](item) for item in a], [keys[0](item) for item in b])
    pairs: list[Pair] = []
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *found, (len(a), len(b))]):
        inside = align(a[i + 1 : next_i], b[j + 1 : next_j], keys[1:])
        pairs += [(i + 1 + k, j + 1 + m) for k, m in inside]
        if next_i < len(a):
            pairs.append((next_i, next_j))
    return pairs


def common(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """The places of a longest common subsequence.

    >>> common("abcbdab", "bdcaba")
    [(1, 0), (2, 2), (3, 4), (5, 5)]
    """
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    search = _longest if len(middle_a) * len(middle_b) <= MOST_CELLS else _of_unique
    middle = [(start + i, start + j) for i, j in search(middle_a, middle_b)]
    tail = [(len(a) - k, len(b) - k) for k in range(end, 0, -1)]
    return [*((k, k) for k in range(start)), *middle, *tail]


def _longest(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """By a row of bits for each item of b: bit i is 0 where the subsequence grows with item i of a.

    (Crochemore, Iliopoulos, Pinzon, Reid: A fast and practical bit-vector algorithm for the longest common
    subsequence problem, 2001.)
    """
    places: dict[Hashable, int] = {}
    for i, item in enumerate(a):
        places[item] = places.get(item, 0) | 1 << i
    every = (1 << len(a)) - 1
    rows = [every]
    for item in b:
        row = rows[-1]
        matches = row & places.get(item, 0)
        rows.append(((row + matches) | (row - matches)) & every)
    return list(_backwards(rows, len(a)))[::-1]


def _backwards(rows: Sequence[int], i: int) -> Iterator[Pair]:
    j = len(rows) - 1
    while i and j:
        if rows[j] >> (i - 1) & 1:
            i -= 1
        elif not rows[j - 1] >> (i - 1) & 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
            yield i, j


def _of_unique(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Of very long sequences: the longest rising run of the items that are in each of them once."""
    once = {item for item, n in Counter(a).items() if n == 1} & {item for item, n in Counter(b).items() if n == 1}
    where = {item: j for j, item in enumerate(b)}
    ends: list[int] = []
    chains: list[tuple[Pair, int]] = []  # a pair, and the number of the one before it
    heads: list[int] = []
    for i, item in enumerate(a):
        if item in once:
            j = where[item]
            k = bisect_left(ends, j)
            ends[k : k + 1], heads[k : k + 1] = [j], [len(chains)]
            chains.append(((i, j), heads[k - 1] if k else -1))
    pairs, at = [], heads[-1] if heads else -1
    while at >= 0:
        pair, at = chains[at]
        pairs.append(pair)
    return pairs[::-1]
