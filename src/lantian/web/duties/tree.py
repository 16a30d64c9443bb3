"""The territories as a matrix needs them: what is above a place, and what is below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lantian.web.places.models import Territory


@dataclass(frozen=True)
class Node:
    """A territory in its tree.

    Parameters
    ----------
    depth
        1 at the top.
    first, last
        Its place in the order in which a territory comes before what is below it, and the place
        of the last one below it.
    """

    id: int
    code: str
    name: str
    parent: int | None
    depth: int
    first: int
    last: int


class Tree:
    """All territories, read once; a page or a resolution makes its own."""

    def __init__(self, rows: Iterable[tuple[int, str, str, int | None]]) -> None:
        self._rows = list(rows)

    @classmethod
    def load(cls) -> Tree:
        """Return the tree as it is stored; one query."""
        found = Territory.objects.order_by("code").values_list("pk", "code", "name", "parent_id")
        return cls(found)

    @cached_property
    def nodes(self) -> Mapping[int, Node]:
        """Return all by id, each before what is below it.

        Territories that would be above themselves hang on nothing, so none of them is here.
        """
        below: dict[int | None, list[tuple[int, str, str, int | None]]] = {}
        for row in self._rows:
            below.setdefault(row[3], []).append(row)
        found: dict[int, Node] = {}

        def add(row: tuple[int, str, str, int | None], depth: int) -> None:
            first = len(found)
            pk, code, name, parent = row
            found[pk] = Node(pk, code, name, parent, depth, first, first)
            for child in below.get(pk, ()):
                add(child, depth + 1)
            found[pk] = Node(pk, code, name, parent, depth, first, len(found) - 1)

        for top in below.get(None, ()):
            add(top, 1)
        return found

    def above(self, territory: int) -> Sequence[Node]:
        """Return a territory and what it belongs to, upwards."""
        found: list[Node] = []
        at: int | None = territory
        while at is not None and at in self.nodes:
            found.append(self.nodes[at])
            at = self.nodes[at].parent
        return found
