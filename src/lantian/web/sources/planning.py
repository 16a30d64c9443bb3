"""What a file of sources would change, and everything that is wrong with it."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.observations.datum import find_datum
from lantian.web.sources.checking import Checker, number_fault
from lantian.web.sources.kinds import Kind
from lantian.web.sources.models import Source
from lantian.web.sources.reading import Given, read
from lantian.web.sources.records import apply, differences, record_of

State = Literal["new", "changed", "same"]
_OURS = re.compile(r"S(\d{5,})")


@dataclass(frozen=True)
class Entry:
    """One source after the import.

    Parameters
    ----------
    source
        As it would be; not saved.
    changes
        Fields with what was and what would be.
    """

    place: str
    line: int
    kind: Kind
    source: Source
    state: State
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What an import would do; it may be carried out only without problems."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]

    def count(self, state: State) -> int:
        """Return how many sources are new, changed or the same."""
        return sum(e.state == state for e in self.entries)

    @property
    def fingerprint(self) -> str:
        """Return a text that changes whenever something else would be done."""
        told = [(e.source.number, e.state, sorted(e.changes.items())) for e in self.entries]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def plan(path: Path, datum: str, today: date) -> Plan:
    """Return what entering a file would do.

    A source is known by its number; one without is the source of the same kind, name and
    territory, or gets the next number. Fields the file has no column for stay as they are.

    Parameters
    ----------
    datum
        Of positions whose row does not say theirs; empty: they must.

    Raises
    ------
    BadInputError
        The file cannot be read.
    """
    given, problems = read(path)
    known = Source.objects.select_related("territory", "organisation")
    checker = Checker.load(find_datum(datum) if datum else None, today)
    return _Planning(checker, list(known), problems).plan(given)


def next_number(numbers: Sequence[str]) -> int:
    """Return the first number that follows those given out so far."""
    given = [int(m[1]) for n in numbers if (m := _OURS.fullmatch(n))]
    return max(given, default=0) + 1


def number_text(number: int) -> str:
    """Return a number as a source bears it."""
    return f"S{number:05}"


class _Planning:
    def __init__(
        self, checker: Checker, stored: Sequence[Source], problems: Sequence[Problem]
    ) -> None:
        self._checker = checker
        self._problems = list(problems)
        self._by_number = {s.number: s for s in stored}
        self._by_name = {_name_key(s): s for s in stored}
        self._lines: dict[str, Given] = {}

    def plan(self, given: Sequence[Given]) -> Plan:
        """Check every row, then number those that are new in the order of the file."""
        made = [entry for one in given if (entry := self._entry(one)) is not None]
        taken = [*self._by_number, *(e.source.number for e in made)]
        number = next_number(taken)
        for entry in made:
            if not entry.source.number:
                entry.source.number = number_text(number)
                number += 1
        return Plan(made, sorted(self._problems, key=lambda p: (p.file, p.line or 0)))

    def _entry(self, one: Given) -> Entry | None:
        stored = self._by_number.get(one.cells.get("number", ""))
        kind = self._kind(one, stored)
        if kind is None:
            return None
        values, faults = self._checker.check(one.cells, kind, stored)
        number = one.cells.get("number", "")
        bad_number = number_fault(number) if number else None
        for fault in [*([bad_number] if bad_number else []), *faults]:
            self._problems.append(one.problem(fault.field, fault.code, fault.message, fault.value))
        if bad_number or faults:
            return None
        source = copy.copy(stored) if stored is not None else Source(number=number)
        apply(source, values, kind)
        if stored is None and not number:
            stored = self._by_name.get(_name_key(source))
            if stored is not None:  # found by its name: what the file does not say stays
                values, _faults = self._checker.check(one.cells, kind, stored)
                source = copy.copy(stored)
                apply(source, values, kind)
        if self._twice(one, source):
            return None
        changes = {} if stored is None else differences(record_of(stored), record_of(source))
        state: State = "new" if stored is None else "changed" if changes else "same"
        return Entry(one.place, one.line, kind, source, state, changes)

    def _kind(self, one: Given, stored: Source | None) -> Kind | None:
        """Return the kind a row names, which is that of the source it is about."""
        if one.kind is None:
            message = _("Say which kind of source it is.")
            if one.kind_said:
                message = _("“{kind}” is no kind of source.").format(kind=one.kind_said)
            self._object(one, "kind", "no_kind", message)
        elif stored is not None and stored.kind != one.kind.code:
            message = _("{name} is a source of another kind; close it and enter a new one.")
            self._object(one, "kind", "kind_fixed", message.format(name=stored.name))
            return None
        return one.kind

    def _twice(self, one: Given, source: Source) -> bool:
        """Object to a second row about the same source."""
        about = source.number or repr(_name_key(source))
        first = self._lines.setdefault(about, one)
        if first is one:
            return False
        message = _("{name} stands in row {line} of {place} already.").format(
            name=source.name, line=first.line, place=first.place
        )
        self._object(one, "number" if source.number else "name", "twice", message)
        return True

    def _object(self, one: Given, column: str, code: str, message: str) -> None:
        value = one.cells.get(column) or None
        self._problems.append(one.problem(column, f"sources.{code}", message, value))


def _name_key(source: Source) -> tuple[str, str, int]:
    return source.kind, source.name, source.territory_id
