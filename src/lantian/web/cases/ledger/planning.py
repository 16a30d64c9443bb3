"""What a file of the ledger would change, and everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from lantian.errors import BadInputError, DomainError, Problem
from lantian.i18n import LANGUAGES, active, speaking
from lantian.i18n import gettext as _
from lantian.web.cases.actions import Doer, correct
from lantian.web.cases.actions.acting import changed_meanwhile, day_of
from lantian.web.cases.actions.correcting import LENGTHS, differences, fixed
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.ledger.cells import (
    COLUMNS,
    FIXED,
    FREE,
    Writer,
    digest,
    text_of,
)
from lantian.web.cases.ledger.checking import Checker, pair
from lantian.web.cases.ledger.reading import Given, read
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach
from lantian.web.cases.rows import with_clock
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE

MOST = 2_000  # cases one file changes
_BATCH = 500


@dataclass(frozen=True)
class Entry:
    """One case a file would change.

    Parameters
    ----------
    changes
        As :func:`~lantian.web.cases.actions.correct` takes them.
    told
        By field: what is kept and what would be.
    """

    given: Given
    case: Case
    doer: Doer
    changes: Mapping[str, Any]
    told: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Plan:
    """What a file would do; it may be carried out only without problems."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]
    same: int

    @property
    def fingerprint(self) -> str:
        """Return a text that changes whenever something else would be done."""
        told = [(e.case.code, e.case.version, sorted(e.told.items())) for e in self.entries]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def plan(path: Path, acting: Acting, mine: Reach, rules: Rules, now: datetime) -> Plan:
    """Return what entering a file would do.

    Parameters
    ----------
    acting
        Who sends it; each case is judged by one of their posts.

    Raises
    ------
    BadInputError
        The file cannot be read.
    """
    given, problems = read(path)
    return _Planning(acting, rules, now, problems).plan(given, mine)


def enter(
    path: Path, acting: Acting, mine: Reach, rules: Rules, *, expected: str, reason: str,
    now: datetime,
) -> Plan:  # fmt: skip
    """Correct the cases of a file, all or none.

    Parameters
    ----------
    expected
        Fingerprint of the plan the person saw.
    reason
        Why, for the event of each case.

    Raises
    ------
    BadInputError
        ``ledger.bad_rows``: nothing was changed.
    DomainError
        ``store.not_as_shown``; what :func:`~lantian.web.cases.actions.correct` raises.
    """
    with transaction.atomic():
        made = plan(path, acting, mine, rules, now)
        if made.problems:
            message = _("Nothing was entered of {file}: {n} places are wrong.").format(
                file=path.name, n=len(made.problems)
            )
            shown = made.problems[: BadInputError.LIMIT]
            raise BadInputError("ledger.bad_rows", message, shown, len(made.problems))
        if made.fingerprint != expected:
            raise DomainError(
                "store.not_as_shown",
                _("The cases have changed since this was shown. Nothing was changed; look again."),
            )
        for entry in made.entries:
            correct(
                entry.case, entry.doer, rules, seen=entry.given.version, now=now, reason=reason,
                changes=entry.changes,
            )  # fmt: skip
    return made


class _Planning:
    def __init__(
        self, acting: Acting, rules: Rules, now: datetime, problems: Sequence[Problem]
    ) -> None:
        self._acting = acting
        self._rules = rules
        self._now = now
        self._problems = list(problems)
        first = active()  # what is told of a row is told in it
        spoken = (first, *(language for language in LANGUAGES if language != first))
        self._writers = {language: Writer(rules) for language in spoken}
        self._entries: list[Entry] = []
        self._same = 0

    def plan(self, given: Sequence[Given], mine: Reach) -> Plan:
        sources = {g.cells.get("source", "") for g in given} - {""}
        self._checker = Checker(self._rules.in_force(day_of(self._now)), sources)
        lines: dict[tuple[int, int], Given] = {}
        for rows in (given[n : n + _BATCH] for n in range(0, len(given), _BATCH)):
            stored = _stored(rows, mine)
            for one in rows:
                first = lines.setdefault((one.year, one.number), one)
                if first is one:
                    self._row(one, stored.get((one.year, one.number)))
                else:
                    message = _("Case {case} stands in row {line} already.")
                    self._object(
                        one, "code", "ledger.twice",
                        message.format(case=one.code, line=first.line),
                    )  # fmt: skip
        if len(self._entries) > MOST:
            message = _("{n} cases would change; change at most {most} with one file.").format(
                n=len(self._entries), most=MOST
            )
            place = self._entries[MOST].given
            self._object(place, "code", "ledger.too_many", message)
        told = sorted(self._problems, key=lambda p: (p.file, p.line or 0))
        return Plan(self._entries, told, self._same)

    def _row(self, one: Given, case: Case | None) -> None:
        if case is None:
            message = _("There is no case {code}, or it is not yours.").format(code=one.code)
            self._object(one, "code", "cases.unknown_case", message)
            return
        if not self._touched(one):
            self._same += 1
            return
        was = self._texts(case)
        locked = self._fixed(one, case, was)
        changed = [c.name for c in FREE if one.cells.get(c.name) not in (None, *was[c.name])]
        if not changed:
            self._same += not locked
            return
        if case.version != one.version:
            self._object(
                one, changed[0], "cases.changed_meanwhile",
                changed_meanwhile(case, one.version).message,
            )  # fmt: skip
            return
        found = len(self._problems)
        changes = self._changes(one, case, changed)
        if len(self._problems) == found and not locked:
            self._judge(one, case, changes, changed)

    def _touched(self, one: Given) -> bool:
        """Say whether somebody changed the row since it was written."""
        for columns, was in ((FREE, one.free), (FIXED, one.fixed)):
            if digest([one.cells.get(c.name, "") for c in columns]) != was:
                return True
        return False

    def _texts(self, case: Case) -> dict[str, tuple[str, ...]]:
        """Return what a file says of a case that is as it is: in the language in force, and others.

        A file written in one language may come back to a page in the other.
        """
        names = [c.name for c in (*FREE, *FIXED)]
        rows = []
        for language, writer in self._writers.items():
            with speaking(language):
                rows.append(writer.row(case, names))
        return {n: tuple(map(text_of, cells)) for n, *cells in zip(names, *rows, strict=True)}

    def _fixed(self, one: Given, case: Case, was: Mapping[str, Sequence[str]]) -> bool:
        """Object to cells that only what is done to the case changes."""
        if digest([one.cells.get(c.name, "") for c in FIXED]) == one.fixed:
            return False
        if case.version != one.version:  # what was kept then is not known
            return False
        wrong = [c for c in FIXED if one.cells.get(c.name) not in (None, *was[c.name])]
        for column in wrong:
            message = _("A file does not change this. Put back: {text}").format(
                text=was[column.name][0] or _("(empty)")
            )
            self._object(one, column.name, "ledger.fixed_column", message)
        return bool(wrong)

    def _changes(self, one: Given, case: Case, changed: Sequence[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in changed:
            column = COLUMNS[name]
            most = LENGTHS.get(column.field)
            try:
                values[name] = self._checker.value(name, one.cells[name])
            except DomainError as error:
                self._object(one, name, error.code, error.message)
                continue
            if most is not None and len(one.cells[name]) > most:
                message = _("The text has {n} characters; {most} are kept.")
                self._object(
                    one, name, "cases.too_long",
                    message.format(n=len(one.cells[name]), most=most),
                )  # fmt: skip
            elif fixed(case, column.field):
                message = _("Case {case} is “{state}”: this is not corrected any more.").format(
                    case=case.code, state=TABLE.states[case.state].title
                )
                self._object(one, name, "cases.fixed_by_now", message)
        return self._paired(one, case, values)

    def _paired(self, one: Given, case: Case, values: dict[str, Any]) -> dict[str, Any]:
        """Join the halves of a position."""
        if not {"lon", "lat"} & set(values):
            return values
        name = "lon" if "lon" in values else "lat"
        lon, lat = values.pop("lon", case.lon), values.pop("lat", case.lat)
        try:
            values["position"] = pair(lon, lat)
        except DomainError as error:
            self._object(one, name, error.code, error.message)
        return values

    def _judge(
        self, one: Given, case: Case, changes: dict[str, Any], changed: Sequence[str]
    ) -> None:
        """Try the correction itself, and take it back: it knows every rule."""
        told = differences(case, changes)
        try:
            doer = self._acting.doer("correct", case, frozenset({"reason"}))
            with transaction.atomic():
                correct(
                    case, doer, self._rules, seen=one.version, now=self._now,
                    reason=_("(tried)"), changes=changes,
                )  # fmt: skip
                transaction.set_rollback(True)
        except DomainError as error:
            about = error.data.get("field") if isinstance(error.data, Mapping) else None
            column = str(about) if about in one.cells else changed[0]
            self._object(one, column, error.code, error.message)
            return
        self._entries.append(Entry(one, case, doer, changes, told))

    def _object(self, one: Given, column: str, code: str, message: str) -> None:
        self._problems.append(one.problem(column, code, message))


def _stored(rows: Sequence[Given], mine: Reach) -> dict[tuple[int, int], Case]:
    by_year: dict[int, list[int]] = {}
    for one in rows:
        by_year.setdefault(one.year, []).append(one.number)
    wanted = reduce(or_, (Q(year=y, number__in=n) for y, n in by_year.items()))
    return {(c.year, c.number): c for c in with_clock(mine.cases().filter(wanted))}
