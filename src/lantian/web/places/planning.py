"""What a file of territories would change, and everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.web.places.models import Level, Territory
from lantian.web.places.queries import LEVELS
from lantian.web.places.reading import Given, as_geometry
from lantian.web.places.words import find_level, level_word

State = Literal["new", "changed", "same"]
# Boundaries of two sources never meet exactly; more than this part of the smaller one is a fault.
_OVERLAP = 0.01
_INSIDE = 0.5
_CODE_LENGTH, _NAME_LENGTH = 32, 80
DERIVED = "~"


@dataclass(frozen=True)
class Entry:
    """One territory after the import.

    Parameters
    ----------
    parent
        Code of what it belongs to; None: it is at the top.
    boundary
        None: the file has none; one stored stays.
    what
        Fields that differ from those stored.
    """

    line: int
    code: str
    name: str
    level: Level
    parent: str | None
    boundary: BaseGeometry | None
    datum: str | None
    state: State
    what: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an import would do; it may be carried out only without problems."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]

    def count(self, state: State) -> int:
        """Return how many territories are new, changed or the same."""
        return sum(e.state == state for e in self.entries)

    @property
    def fingerprint(self) -> str:
        """Return a text that changes whenever something else would be done."""
        told = [
            (e.code, e.name, e.level, e.parent, e.state, e.what, e.boundary and e.boundary.wkb_hex)
            for e in self.entries
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def plan(given: Sequence[Given], problems: Sequence[Problem], file: str) -> Plan:
    """Return what entering ``given`` would do.

    A territory without a code is the one of the same name below the same parent, or gets a code
    derived from these, so that the same file is the same territory again.
    """
    stored = {t.code: t for t in Territory.objects.select_related("parent")}
    work = _Planning(file, stored, list(problems))
    return work.plan(given)


class _Planning:
    def __init__(self, file: str, stored: Mapping[str, Territory], problems: list[Problem]) -> None:
        self._file = file
        self._stored = stored
        self._problems = problems
        self._entries: dict[str, Entry] = {}

    def plan(self, given: Sequence[Given]) -> Plan:
        named = [g for g in given if self._sound(g)]
        named.sort(key=lambda g: LEVELS.index(find_level(g.level or "") or Level.CITY))
        for one in named:  # what is above comes first, so that its code is known
            self._enter(one)
        entries = sorted(self._entries.values(), key=lambda e: e.line)
        self._order(entries)
        if not self._problems:
            self._geometry(entries)
        return Plan(entries, sorted(self._problems, key=lambda p: p.line or 0))

    def _order(self, entries: Sequence[Entry]) -> None:
        """Object to a parent that is not above any more, by the levels the file gives."""
        levels = {c: t.level for c, t in self._stored.items()} | {e.code: e.level for e in entries}
        names = {c: t.name for c, t in self._stored.items()} | {e.code: e.name for e in entries}
        for entry in entries:
            above = entry.parent
            if above is not None and LEVELS.index(levels[above]) >= LEVELS.index(entry.level):
                self._object(
                    entry, "parent", "unknown_parent", _not_above(names[above], entry.level)
                )

    def _object(self, one: Given | Entry, column: str, code: str, message: str) -> None:
        value = getattr(one, column, None)
        shown = value if isinstance(value, str) else None
        self._problems.append(
            Problem(self._file, message, f"territories.{code}", one.line, column, shown)
        )

    def _sound(self, one: Given) -> bool:
        before = len(self._problems)
        if not one.name:
            self._object(one, "name", "no_name", _("The territory has no name."))
        elif len(one.name) > _NAME_LENGTH:
            self._object(one, "name", "long_name", _("The name is too long."))
        if find_level(one.level or "") is None:
            self._object(
                one, "level", "unknown_level",
                _("“{level}” is no level; there are {levels}.").format(
                    level=one.level or "",
                    levels=", ".join(f"{v} ({level_word(v)})" for v in LEVELS),
                ),
            )  # fmt: skip
        if one.code and (len(one.code) > _CODE_LENGTH or not one.code.isprintable()):
            self._object(one, "code", "bad_code", _("The code is too long."))
        return len(self._problems) == before

    def _enter(self, one: Given) -> None:
        level = find_level(one.level or "")
        if level is None or not one.name:  # _sound has objected to it
            return
        parent = self._parent(one, level)
        if parent is _UNKNOWN:
            return
        code = one.code or self._code(one.name, level, parent)
        if code in self._entries:
            self._object(
                one, "code", "twice",
                _("{name} is already on line {line}.").format(
                    name=f"{one.name} ({code})", line=self._entries[code].line
                ),
            )  # fmt: skip
            return
        state, what = self._compare(code, one, level, parent)
        self._entries[code] = Entry(
            one.line, code, one.name, level, parent, one.shape, one.datum, state, what
        )

    def _parent(self, one: Given, level: Level) -> str | None:
        """Return the code of what a territory belongs to; `_UNKNOWN` after objecting."""
        if not one.parent:
            known = self._stored.get(one.code or "")
            return known.parent.code if known is not None and known.parent is not None else None
        if one.parent in (one.code, one.name) and one.parent not in self._all_codes(level):
            self._object(one, "parent", "own_parent", _("A territory cannot belong to itself."))
            return _UNKNOWN
        higher = self._all_codes(level)
        if one.parent in higher:
            return one.parent
        called = [code for code, name in higher.items() if name == one.parent]
        if len(called) == 1:
            return called[0]
        if called:
            message = _("Several territories are called {name}: {codes}. Write the code.").format(
                name=one.parent, codes=", ".join(called)
            )
        elif self._exists(one.parent):
            message = _not_above(one.parent, level)
        else:
            message = _(
                "There is no territory {parent}, neither in the file nor stored. Add it, or "
                "correct the name or code."
            ).format(parent=one.parent)
        self._object(one, "parent", "unknown_parent", message)
        return _UNKNOWN

    def _all_codes(self, below: Level) -> dict[str, str]:
        """Return code → name of all territories above a level, as they will be."""
        top = LEVELS.index(below)
        found = {c: t.name for c, t in self._stored.items() if LEVELS.index(t.level) < top}
        found |= {c: e.name for c, e in self._entries.items() if LEVELS.index(e.level) < top}
        return found

    def _exists(self, text: str) -> bool:
        known = [(c, t.name) for c, t in self._stored.items()]
        known += [(c, e.name) for c, e in self._entries.items()]
        return any(text in pair for pair in known)

    def _code(self, name: str, level: Level, parent: str | None) -> str:
        """Return the code of a territory without one: that of the stored one, or a derived one."""
        same = [
            t.code
            for t in self._stored.values()
            if (t.name, t.level) == (name, level)
            and (t.parent.code if t.parent is not None else None) == parent
        ]
        if len(same) == 1:
            return same[0]
        path = f"{parent or ''}/{level}/{name}"
        return DERIVED + hashlib.sha256(path.encode()).hexdigest()[:12]

    def _compare(
        self, code: str, one: Given, level: Level, parent: str | None
    ) -> tuple[State, tuple[str, ...]]:
        known = self._stored.get(code)
        if known is None:
            return "new", ()
        above = known.parent.code if known.parent is not None else None
        what = [
            column
            for column, before, after in (
                ("name", known.name, one.name), ("level", known.level, level),
                ("parent", above, parent),
            )
            if before != after
        ]  # fmt: skip
        if one.shape is not None and known.boundary != as_geometry(one.shape):
            what.append("boundary")
        if "level" in what and known.children.exists():
            self._object(
                one, "level", "level_changed",
                _("{name} is stored as {level} and has territories below it.").format(
                    name=known.name, level=level_word(known.level)
                ),
            )  # fmt: skip
        return ("changed" if what else "same"), tuple(what)

    # -- where they lie

    def _geometry(self, entries: Sequence[Entry]) -> None:
        """Object to boundaries that overlap those of their level, or lie outside their parent."""
        shapes = {code: shape(t.boundary) for code, t in self._stored.items() if t.boundary} | {
            e.code: e.boundary for e in entries if e.boundary is not None
        }
        levels = {c: t.level for c, t in self._stored.items()} | {e.code: e.level for e in entries}
        names = {c: t.name for c, t in self._stored.items()} | {e.code: e.name for e in entries}
        changed = {e.code: e for e in entries if e.boundary is not None and e.state != "same"}
        by_level: dict[str, list[str]] = defaultdict(list)
        for code in shapes:
            by_level[levels[code]].append(code)
        for codes in by_level.values():
            self._overlaps(codes, shapes, names, changed)
        for entry in changed.values():
            parent = shapes.get(entry.parent or "")
            if parent is None or entry.boundary is None or not entry.boundary.area:
                continue
            if entry.boundary.intersection(parent).area / entry.boundary.area < _INSIDE:
                self._object(
                    entry, "boundary", "outside_parent",
                    _("More than half of {name} lies outside {parent}. Is the datum right?").format(
                        name=entry.name, parent=names[entry.parent or ""]
                    ),
                )  # fmt: skip

    def _overlaps(
        self,
        codes: Sequence[str],
        shapes: Mapping[str, BaseGeometry],
        names: Mapping[str, str],
        changed: Mapping[str, Entry],
    ) -> None:
        index = shapely.STRtree([shapes[c] for c in codes])
        pairs: Counter[tuple[str, str]] = Counter()
        for place, code in enumerate(codes):
            if code not in changed:
                continue
            for other in index.query(shapes[code], predicate="intersects"):
                if int(other) == place:
                    continue
                first, second = sorted((code, codes[int(other)]))
                pairs[first, second] += 1
        for first, second in pairs:
            a, b = shapes[first], shapes[second]
            smaller = min(a.area, b.area)
            share = a.intersection(b).area / smaller if smaller else 0.0
            if share > _OVERLAP:
                told = changed.get(second) or changed[first]
                self._object(
                    told, "boundary", "overlap",
                    _("{first} and {second} overlap by {share} of the smaller one.").format(
                        first=names[first], second=names[second], share=f"{share:.0%}"
                    ),
                )  # fmt: skip


def _not_above(parent: str, level: Level) -> str:
    return _(
        "{parent} is not above a {level}: what a territory belongs to must be of a higher level."
    ).format(parent=parent, level=level_word(level))


_UNKNOWN = "\0"
