"""Where the matrix says nothing and where it says two things, over everything there is.

The space is every territory × every sector × every kind of source (and no source known), each an
array axis; territories stand in the order of their tree, so that a rule covers one block. Rules
are laid over it from the least to the most specific one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lantian.web.duties.choosing import Conditions, rank
from lantian.web.duties.tree import Node

_NOBODY = -1


@dataclass(frozen=True)
class Gap:
    """Combinations for which no rule holds.

    Parameters
    ----------
    source_kinds
        Empty text: no source known.
    whole
        Whether it is all kinds of sources there are.
    """

    territory: Node
    sector: str
    source_kinds: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Overlap:
    """Two rules that are the most specific ones of the same combinations.

    Parameters
    ----------
    first, second
        Their places among the rules given.
    problem_type
        For which; empty: for any that no rule names.
    combinations
        How many.
    example
        Territory, sector and kind of source of one.
    """

    first: int
    second: int
    problem_type: str
    combinations: int
    example: tuple[Node, str, str]


@dataclass(frozen=True)
class Found:
    """What was looked at and found."""

    combinations: int
    missing: int
    gaps: Sequence[Gap]
    overlaps: Sequence[Overlap]


def look(
    rules: Sequence[Conditions],
    nodes: Mapping[int, Node],
    sectors: Sequence[str],
    source_kinds: Sequence[str],
) -> Found:
    """Return the gaps and overlaps of rules.

    A combination is a gap if no rule that holds for any problem type covers it: rules that name
    one cannot promise anything for the others. Overlaps are looked for with each problem type that
    a rule names, too.
    """
    places = sorted(nodes.values(), key=lambda n: n.first)
    kinds = ("", *source_kinds)
    space = _Space(places, tuple(sectors), kinds)
    order = sorted(range(len(rules)), key=lambda i: rank(rules[i], nodes))
    general = [i for i in order if not rules[i].problem_type]
    best, ties = space.lay(rules, nodes, general)
    overlaps = space.overlaps(ties, "")
    for named in sorted({r.problem_type for r in rules} - {""}):
        _, more = space.lay(
            rules, nodes, [i for i in order if rules[i].problem_type in ("", named)]
        )
        overlaps += [
            o for o in space.overlaps(more, named)
            if named in (rules[o.first].problem_type, rules[o.second].problem_type)
        ]  # fmt: skip
    missing = best == _NOBODY
    return Found(best.size, int(missing.sum()), space.gaps(missing), overlaps)


class _Space:
    def __init__(
        self, places: Sequence[Node], sectors: tuple[str, ...], kinds: tuple[str, ...]
    ) -> None:
        self._places, self._sectors, self._kinds = places, sectors, kinds
        self._sector_at = {s: slice(i, i + 1) for i, s in enumerate(sectors)} | {"": slice(None)}
        self._kind_at = {k: slice(i, i + 1) for i, k in enumerate(kinds)} | {"": slice(None)}

    def lay(
        self, rules: Sequence[Conditions], nodes: Mapping[int, Node], order: Sequence[int]
    ) -> tuple[np.ndarray, Sequence[tuple[int, np.ndarray, np.ndarray]]]:
        """Return the deciding rule of each combination, and the ties.

        Returns
        -------
        best
            ``(n_territories, n_sectors, n_kinds)``, -1 where no rule holds.
        ties
            Second rule, combinations (flat), and the first rule there.
        """
        shape = (len(self._places), len(self._sectors), len(self._kinds))
        best = np.full(shape, _NOBODY, dtype=np.int32)
        height = np.full(shape, -1, dtype=np.int32)
        at = np.arange(best.size).reshape(shape)
        ties: list[tuple[int, np.ndarray, np.ndarray]] = []
        heights = {r: n for n, r in enumerate(sorted({rank(rules[i], nodes) for i in order}))}
        for i in order:
            rule, level = rules[i], heights[rank(rules[i], nodes)]
            block = self._block(rule, nodes)
            same = height[block] == level
            if same.any():
                ties.append((i, at[block][same], best[block][same]))
            best[block] = np.where(same, best[block], i)
            height[block] = level
        flat = height.ravel()  # ties that a more specific rule settled are none
        settled = [
            (i, where[keep], first[keep])
            for i, where, first in ties
            if (keep := flat[where] == heights[rank(rules[i], nodes)]).any()
        ]
        return best, settled

    def _block(self, rule: Conditions, nodes: Mapping[int, Node]) -> tuple[slice, slice, slice]:
        if rule.territory is None:
            where = slice(None)
        else:
            node = nodes[rule.territory]
            where = slice(node.first, node.last + 1)
        nowhere = slice(0, 0)  # a sector or kind that the data no longer has
        return (
            where,
            self._sector_at.get(rule.sector, nowhere),
            self._kind_at.get(rule.source_kind, nowhere),
        )

    def overlaps(
        self, ties: Sequence[tuple[int, np.ndarray, np.ndarray]], problem_type: str
    ) -> list[Overlap]:
        """Return ties as pairs of rules."""
        found = []
        for second, where, firsts in ties:
            for first in np.unique(firsts):
                mine = where[firsts == first]
                rest, kind = divmod(int(mine[0]), len(self._kinds))
                place, sector = divmod(rest, len(self._sectors))
                example = (self._places[place], self._sectors[sector], self._kinds[kind])
                found.append(Overlap(int(first), second, problem_type, len(mine), example))
        return found

    def gaps(self, missing: np.ndarray) -> list[Gap]:
        """Return what is missing, the kinds of sources of a territory and sector together."""
        found = []
        for t, s in np.argwhere(missing.any(axis=2)):
            gone = missing[t, s]
            kinds = tuple(k for k, is_gone in zip(self._kinds, gone, strict=True) if is_gone)
            place, sector = self._places[int(t)], self._sectors[int(s)]
            found.append(Gap(place, sector, kinds, whole=bool(gone.all())))
        return found
