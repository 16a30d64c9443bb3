"""Taking in organisations and rules from a table, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction

from lantian.errors import DomainError, InvalidArgumentError, Problem
from lantian.i18n import gettext as _
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.duties.actions.organisations import (
    MANAGE,
    Facts,
    change_organisation,
    end_organisation,
    make_organisation,
)
from lantian.web.duties.actions.rules import Draft, draft_of, end_rule, follow_rule, make_rule
from lantian.web.duties.models import Organisation, Rule
from lantian.web.duties.naming import Names
from lantian.web.duties.sheets import Row, bad_rows

T = TypeVar("T")


@dataclass
class Imported:
    """What an import did, or would do: numbers with names, in the order of the file."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    same: int = 0

    @property
    def touched(self) -> int:
        """Return how many rows change something."""
        return len(self.new) + len(self.changed) + len(self.ended)


class _CellError(Exception):
    """A cell that cannot be taken: its column, and why."""

    def __init__(self, column: str, error: DomainError) -> None:
        super().__init__(error.message)
        self.column, self.error = column, error


Take = Callable[[Actor, Row, Names, date, Imported], None]


def import_organisations(
    by: Actor, rows: Sequence[Row], file: str, *, today: date, dry_run: bool
) -> Imported:
    """Enter the organisations of a file, change those known by their code, end those with an end.

    An organisation that the file does not name stays as it is. One named as what another belongs
    to must be entered or stand above it in the file.

    Raises
    ------
    BadInputError
        ``duties.bad_rows``, with what is wrong with every row; then nothing is entered.
    """
    kind = "duties.organisations_imported"
    return _import(by, rows, file, (_take_organisation, kind), today=today, dry_run=dry_run)


def import_rules(
    by: Actor, rows: Sequence[Row], file: str, *, today: date, dry_run: bool
) -> Imported:
    """Make the rules of a file, follow those that differ by new versions, end those with an end.

    A rule that the file does not name stays as it is. A version begins on the day the row gives,
    or today where that is past.

    Raises
    ------
    BadInputError
        ``duties.bad_rows``, with what is wrong with every row; then nothing is entered.
    """
    # what ends makes room for what follows, and that for what is new
    ordered = sorted(rows, key=lambda r: (not r.cells.get("last"), not r.cells.get("number")))
    kind = "duties.matrix_imported"
    return _import(by, ordered, file, (_take_rule, kind), today=today, dry_run=dry_run)


def _import(
    by: Actor, rows: Sequence[Row], file: str, how: tuple[Take, str], *, today: date, dry_run: bool
) -> Imported:
    permit(by, MANAGE)
    take, kind = how
    problems: list[Problem] = []
    done = Imported()
    names = Names()
    seen: dict[str, int] = {}
    with transaction.atomic():
        for row in rows:
            try:
                _once(row, seen)
                with transaction.atomic():
                    take(by, row, names, today, done)
            except _CellError as wrong:
                problems.append(_problem(file, row, wrong.column, wrong.error))
            except DomainError as error:
                problems.append(_problem(file, row, None, error))
        if problems:
            raise bad_rows(file, sorted(problems, key=lambda p: p.line or 0))
        if dry_run:
            transaction.set_rollback(True)
        elif done.touched:
            kept = {"file": file, "new": done.new, "changed": done.changed, "ended": done.ended}
            record(kind, ("file", "", file), kept, actor=by)
    return done


def _problem(file: str, row: Row, column: str | None, error: DomainError) -> Problem:
    value = row.cells.get(column) if column is not None else None
    return Problem(file, error.message, error.code, row.line, column, value)


def _once(row: Row, seen: dict[str, int]) -> None:
    known = row.cells.get("code") or row.cells.get("number")
    if not known:
        return
    if known in seen:
        message = _("{name} is already on line {line}.").format(name=known, line=seen[known])
        column = "code" if "code" in row.cells else "number"
        raise _CellError(column, InvalidArgumentError("duties.twice", message))
    seen[known] = row.line


def _cell(row: Row, column: str, find: Callable[[str], T]) -> T:
    try:
        return find(row.cells.get(column, ""))
    except DomainError as error:
        raise _CellError(column, error) from error


def _take_organisation(by: Actor, row: Row, names: Names, today: date, done: Imported) -> None:
    facts = Facts(
        name=row.cells["name"],
        kind=_cell(row, "kind", lambda t: names.word("kind", t)),
        territory=_cell(row, "territory", names.territory),
        sector=_cell(row, "sector", lambda t: names.word("sector", t)),
        parent=_cell(row, "parent", names.unit),
        credit_code=row.cells.get("credit_code", ""),
    )
    code = row.cells.get("code", "")
    last = row.day("last")
    if not code:
        made = make_organisation(by, facts, valid_from=row.day("first") or today)
        done.new.append(f"{made.code} {made.name}")
        if last is not None:
            end_organisation(by, made, last)
        return
    known = Organisation.objects.filter(code=code).first()
    if known is None:
        raise _CellError("code", _unknown(code))
    if known.valid_to is not None:
        done.same += 1  # what is over stays as it was
        return
    touched = False
    if change_organisation(by, known, facts):
        done.changed.append(f"{code} {facts.name}")
        touched = True
    if last is not None:
        end_organisation(by, known, last)
        done.ended.append(f"{code} {facts.name}")
        touched = True
    done.same += not touched


def _take_rule(by: Actor, row: Row, names: Names, today: date, done: Imported) -> None:
    lead = _cell(row, "lead", names.unit)
    if lead is None:
        message = _("The row names no lead unit.")
        raise _CellError("lead", InvalidArgumentError("duties.no_lead", message))
    draft = Draft(
        lead=lead,
        reason=row.cells.get("reason", ""),
        territory=_cell(row, "territory", names.territory),
        sector=_cell(row, "sector", lambda t: names.word("sector", t)),
        source_kind=_cell(row, "source_kind", lambda t: names.word("source_kind", t)),
        problem_type=_cell(row, "problem_type", lambda t: names.word("problem_type", t)),
        industry=_cell(row, "industry", names.unit),
        supporting=_cell(row, "supporting", names.units),
        leader_of=_cell(row, "leader_of", names.unit),
        grid=_cell(row, "grid", lambda t: names.word("grid", t)),
    )
    number, last = row.cells.get("number", ""), row.day("last")
    begin = max(row.day("first") or today, today)
    if not number:
        made = make_rule(by, draft, valid_from=begin, today=today)
        done.new.append(f"{made.number} {lead.name}")
        if last is not None:
            end_rule(by, made, ended_on=last + timedelta(days=1), today=today)
        return
    known = Rule.objects.filter(number=number).order_by("-version").first()
    if known is None:
        raise _CellError("number", _unknown(number))
    if known.ended_on is not None:
        done.same += 1  # what is over stays as it was
        return
    begin = max(begin, known.valid_from)
    if draft_of(known) != draft:
        known = follow_rule(by, known, draft, valid_from=begin, today=today)
        done.changed.append(f"{number} {lead.name}")
    elif last is None:
        done.same += 1
    if last is not None:
        end_rule(by, known, ended_on=last + timedelta(days=1), today=today)
        done.ended.append(f"{number} {lead.name}")


def _unknown(code: str) -> DomainError:
    return InvalidArgumentError(
        "duties.unknown_number",
        _("There is no {code}. Leave the cell empty for something new: it gets its number.").format(
            code=code
        ),
    )
