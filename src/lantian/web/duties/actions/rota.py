"""Entering and removing shifts of the duty rota, one by one or from a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from lantian.errors import DomainError, InvalidArgumentError, Problem, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.duties.actions.importing import Imported
from lantian.web.duties.models import Shift
from lantian.web.duties.sheets import Row, bad_rows
from lantian.web.duties.shifts import SHIFTS, ShiftKind

ROTA = "duties.rota"


def add_shift(by: Actor, user: User, kind: str, day: date, note: str = "") -> Shift:
    """Put somebody on duty.

    Raises
    ------
    DomainError
        ``duties.shift_twice``, ``duties.not_active``; what the actor may not.
    UnknownNameError
        ``duties.unknown_shift``.
    """
    permit(by, ROTA)
    with transaction.atomic():
        made = _add(user, _kind(kind), day, note)
        record("duties.shift_added", made, _about(made), actor=by)
    return made


def remove_shift(by: Actor, shift: Shift) -> None:
    """Take a shift out of the rota."""
    permit(by, ROTA)
    with transaction.atomic():
        about, thing = _about(shift), ("duties.shift", str(shift.pk), str(shift))
        shift.delete()
        record("duties.shift_removed", thing, about, actor=by)


def import_rota(
    by: Actor, rows: Sequence[Row], file: str, *, today: date, dry_run: bool
) -> Imported:
    """Make the days a file names as the file says; other days stay as they are.

    Raises
    ------
    BadInputError
        ``duties.bad_rows``, with what is wrong with every row; then nothing is entered.
    """
    del today
    permit(by, ROTA)
    problems: list[Problem] = []
    done = Imported()
    people = {u.name: u for u in User.objects.filter(is_active=True)}
    wanted: dict[tuple[int, str, date], tuple[User, str]] = {}
    for row in rows:
        try:
            key, user = _wanted(row, people)
            if key in wanted:
                raise _twice(user, SHIFTS[key[1]], key[2])
            wanted[key] = (user, row.cells.get("note", "")[:120])
        except DomainError as error:
            column = {"duties.unknown_shift": "kind", "duties.no_day": "first"}.get(error.code)
            cell = row.cells.get(column or "name", "")
            problems.append(
                Problem(file, error.message, error.code, row.line, column or "name", cell)
            )
    if problems:
        raise bad_rows(file, problems)
    with transaction.atomic():
        _become(wanted, done)
        if done.touched and not dry_run:
            about = {"file": file, "new": done.new, "changed": done.changed, "ended": done.ended}
            record("duties.rota_imported", None, about, actor=by)
        if dry_run:
            transaction.set_rollback(True)
    return done


def _become(wanted: dict[tuple[int, str, date], tuple[User, str]], done: Imported) -> None:
    days = {day for _user, _kind, day in wanted}
    there = {(s.user_id, s.kind, s.day): s for s in _of_days(days)}
    for key, (user, note) in wanted.items():
        held = there.pop(key, None)
        if held is None:
            done.new.append(_said(_add(user, SHIFTS[key[1]], key[2], note)))
        elif held.note != note:
            held.note = note
            held.save(update_fields=["note"])
            done.changed.append(_said(held))
        else:
            done.same += 1
    for held in there.values():
        done.ended.append(_said(held))
        held.delete()


def _of_days(days: set[date]) -> list[Shift]:
    return list(Shift.objects.filter(day__in=days).select_related("user"))


def _wanted(row: Row, people: dict[str, User]) -> tuple[tuple[int, str, date], User]:
    day = row.day("first")
    if day is None or not MINYEAR < day.year < MAXYEAR:
        raise InvalidArgumentError("duties.no_day", _("Give the day."))
    kind = _kind(row.cells.get("kind", ""))
    name = row.cells.get("name", "")
    user = people.get(name)
    if user is None:
        raise UnknownNameError(
            "duties.unknown_person", _("Nobody active is called “{name}”.").format(name=name)
        )
    return (user.pk, kind.code, day), user


def _kind(text: str) -> ShiftKind:
    for kind in SHIFTS.values():
        if text.strip().lower() in (kind.code, kind.zh, kind.en.lower()):
            return kind
    known = _(", ").join(k.title for k in SHIFTS.values())
    raise UnknownNameError(
        "duties.unknown_shift",
        _("There is no shift “{text}”; there are {known}.").format(text=text, known=known),
    )


def _add(user: User, kind: ShiftKind, day: date, note: str) -> Shift:
    if not user.is_active:
        raise DomainError(
            "duties.not_active", _("{name} is not active any more.").format(name=user.name)
        )
    if not MINYEAR < day.year < MAXYEAR:
        raise InvalidArgumentError(
            "duties.no_day", _("{day} is no day of a rota.").format(day=day.isoformat())
        )
    zone = timezone.get_default_timezone()
    starts, ends = kind.span(day, ZoneInfo(str(zone)))
    row, made = Shift.objects.get_or_create(
        user=user, kind=kind.code, day=day,
        defaults={"starts": starts, "ends": ends, "note": note.strip()},
    )  # fmt: skip
    if not made:
        raise _twice(user, kind, day)
    return row


def _twice(user: User, kind: ShiftKind, day: date) -> DomainError:
    return DomainError(
        "duties.shift_twice",
        _("{name} has this shift already: {shift}, {day}.").format(
            name=user.name, shift=kind.title, day=day.isoformat()
        ),
    )


def _about(shift: Shift) -> dict[str, str]:
    return {"name": shift.user.name, "kind": shift.kind, "day": shift.day.isoformat(),
            "note": shift.note}  # fmt: skip


def _said(shift: Shift) -> str:
    return f"{shift.day.isoformat()} {SHIFTS[shift.kind].title} {shift.user.name}"
