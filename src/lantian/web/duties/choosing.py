"""Which rule goes before which: the order of the matrix, without a database.

Of the rules that hold for a problem the most specific one decides:

1. a rule for a nearer territory goes before one for a wider one, and any territory comes last, so
   that a town or a park can have its own arrangement;
2. among rules of the same territory, one that names the problem type goes before one that does not;
3. among those, the one that names more of sector and kind of source goes first.

Rules that are alike in all three are equally specific. Where two of them are the most specific
ones the matrix says two things, and nobody may guess which is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lantian.web.duties.tree import Node


@dataclass(frozen=True)
class Conditions:
    """For what a rule holds; None or empty: for any."""

    territory: int | None
    sector: str
    source_kind: str
    problem_type: str


@dataclass(frozen=True)
class Problem:
    """What is asked about.

    Parameters
    ----------
    places
        Ids of the territory and of what it belongs to.
    sector, source_kind, problem_type
        Empty: not known; then only rules for any hold.
    """

    places: frozenset[int]
    sector: str
    source_kind: str
    problem_type: str


R = TypeVar("R", bound=Conditions)


def holds(rule: Conditions, problem: Problem) -> bool:
    """Say whether a rule holds for a problem."""
    return (
        (rule.territory is None or rule.territory in problem.places)
        and rule.sector in ("", problem.sector)
        and rule.source_kind in ("", problem.source_kind)
        and rule.problem_type in ("", problem.problem_type)
    )


def rank(rule: Conditions, nodes: Mapping[int, Node]) -> tuple[int, int, int]:
    """Return how specific a rule is; of two, the greater goes first."""
    depth = 0 if rule.territory is None else nodes[rule.territory].depth
    return depth, int(rule.problem_type != ""), (rule.sector != "") + (rule.source_kind != "")


def most_specific(
    rules: Iterable[R], problem: Problem, nodes: Mapping[int, Node]
) -> tuple[Sequence[R], Sequence[R]]:
    """Return the most specific rules that hold, and the others, the more specific ones first.

    The first is empty where no rule holds, and has more than one where the matrix overlaps.
    """
    held = sorted((r for r in rules if holds(r, problem)), key=lambda r: rank(r, nodes))[::-1]
    best = [r for r in held if rank(r, nodes) == rank(held[0], nodes)]
    return best, held[len(best) :]
