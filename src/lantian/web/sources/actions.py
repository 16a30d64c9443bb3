"""What a person may do to the source register: enter, change, start, stop, close, import."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from lantian.errors import (
    BadInputError,
    DomainError,
    InvalidArgumentError,
    Problem,
    UnknownNameError,
)
from lantian.i18n import gettext as _
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.sources import lifecycle
from lantian.web.sources.checking import Checker, Fault
from lantian.web.sources.kinds import KINDS, Kind
from lantian.web.sources.models import Change, Source
from lantian.web.sources.planning import Entry, Plan, next_number, number_text, plan
from lantian.web.sources.records import apply, differences, record_of, told, without_people

_NEEDS = "sources.manage"
_BATCH = 500
_REASON = 200  # characters


def add(actor: Actor, kind: str, cells: Mapping[str, str | None], *, now: datetime) -> Source:
    """Enter a source.

    Parameters
    ----------
    cells
        Texts by field, as a form or a row gives them (:mod:`~lantian.web.sources.checking`).
    now
        In the zone of the network.

    Raises
    ------
    BadInputError
        ``sources.bad_fields`` with a problem for each field that is wrong.
    InvalidArgumentError
        ``sources.known_already``: a source of this kind, name and territory is there.
    """
    permit(actor, _NEEDS)
    chosen = _kind(kind)
    with transaction.atomic():
        values = _checked(cells, chosen, None, now)
        same = Source.objects.filter(
            kind=kind, name=values["name"], territory=values["territory"]
        ).first()  # fmt: skip
        if same is not None:
            raise InvalidArgumentError(
                "sources.known_already",
                _("{name} is entered already, as {number}.").format(
                    name=same.name, number=same.number
                ),
                {"number": same.number},
            )
        number = next_number(list(Source.objects.values_list("number", flat=True)))
        source = Source(number=number_text(number), made_at=now, changed_at=now)
        apply(source, values, chosen)
        _save(source)
        _remember([(source, "added", {}, "")], actor, now)
        about = {"number": source.number, "kind": kind, "territory": source.territory.code}
        record("sources.added", source, about, actor=actor)
    return source


def change(
    actor: Actor, number: str, cells: Mapping[str, str | None], *, seen: str, now: datetime
) -> Source:
    """Change fields of a source; its status through :func:`move`.

    Parameters
    ----------
    seen
        :func:`version` of the source the person saw; another one by now is an error.

    Raises
    ------
    UnknownNameError
        ``sources.unknown``.
    BadInputError
        ``sources.bad_fields``.
    DomainError
        ``store.not_as_shown``.
    """
    permit(actor, _NEEDS)
    with transaction.atomic():
        stored = _locked(number)
        if version(stored) != seen:
            raise _not_as_shown()
        kept = {f: t for f, t in cells.items() if f not in ("status", "number", "kind")}
        values = _checked(kept, KINDS[stored.kind], stored, now)
        source = copy.copy(stored)
        apply(source, values, KINDS[stored.kind])
        changes = told(differences(record_of(stored), record_of(source)))
        if not changes:
            return stored
        source.changed_at = now
        _save(source)
        _remember([(source, "changed", changes, "")], actor, now)
        about = {"number": number, "fields": without_people(changes)}
        record("sources.changed", source, about, actor=actor)
    return source


def move(actor: Actor, number: str, to: str, *, reason: str, now: datetime) -> Source:
    """Give a source another status: begin, stop, resume, close or reopen it.

    Raises
    ------
    UnknownNameError
        ``sources.unknown``.
    InvalidArgumentError
        ``sources.no_such_step``, ``sources.measures_missing``, ``sources.reason_needed``.
    """
    permit(actor, _NEEDS)
    why = reason.strip()[:_REASON]
    with transaction.atomic():
        source = _locked(number)
        before = source.status
        lifecycle.check(before, to, source.measures, KINDS[source.kind], by_hand=True)
        if lifecycle.reasoned(before, to) and not why:
            raise InvalidArgumentError("sources.reason_needed", _("Say why."))
        source.status, source.changed_at = to, now
        _save(source)
        changes = {"status": [before, to]}
        _remember([(source, "moved_on", changes, why)], actor, now)
        about = {"number": number, "before": before, "after": to, "reason": why}
        record("sources.moved_on", source, about, actor=actor)
    return source


def enter(
    actor: Actor, path: Path, datum: str, *, expected: str | None, now: datetime
) -> Plan:  # fmt: skip
    """Enter the sources of a file: all of them, or nothing.

    Parameters
    ----------
    expected
        Fingerprint of the plan the person saw; None: nobody looked.

    Raises
    ------
    BadInputError
        ``sources.bad_rows``.
    DomainError
        ``store.not_as_shown``.
    """
    permit(actor, _NEEDS)
    with transaction.atomic():
        list(Source.objects.select_for_update().values_list("pk", flat=True))
        made = plan(path, datum, now.date())
        if expected is not None and made.fingerprint != expected:
            raise _not_as_shown()
        if made.problems:
            raise bad_rows(made.problems, path.name)
        touched = [e for e in made.entries if e.state != "same"]
        if touched:
            _land(touched, path.name, actor, now)
    return made


def version(source: Source) -> str:
    """Return what changes whenever a source does."""
    return source.changed_at.isoformat()


def bad_rows(problems: Sequence[Problem], file: str) -> BadInputError:
    """Return the error that lists what is wrong with a file; nothing of it was entered."""
    message = _("Nothing was entered of {file}: {n} places are wrong.").format(
        file=file, n=len(problems)
    )
    return BadInputError(
        "sources.bad_rows", message, problems[: BadInputError.LIMIT], len(problems)
    )


def _land(touched: Sequence[Entry], file: str, actor: Actor, now: datetime) -> None:
    new = [e.source for e in touched if e.state == "new"]
    changed = [e.source for e in touched if e.state == "changed"]
    for source in new:
        source.made_at = now
    for source in (*new, *changed):
        source.changed_at = now
    try:
        Source.objects.bulk_create(new, batch_size=_BATCH)
    except IntegrityError as error:  # somebody was faster
        raise _not_as_shown() from error
    fields = [f.name for f in Source._meta.concrete_fields if not f.primary_key]
    Source.objects.bulk_update(changed, fields, batch_size=_BATCH)
    kinds = {"new": "added", "changed": "changed"}
    _remember(
        [(e.source, kinds[e.state], told(e.changes), file) for e in touched], actor, now
    )  # fmt: skip
    listed = [
        {"number": e.source.number, "name": e.source.name, "state": e.state,
         "fields": without_people(told(e.changes))}
        for e in touched
    ]  # fmt: skip
    data = {"file": file, "new": len(new), "changed": len(changed), "sources": listed}
    record("sources.imported", ("sources", "", file), data, actor=actor)


def _checked(
    cells: Mapping[str, str | None], kind: Kind, stored: Source | None, now: datetime
) -> dict[str, Any]:
    values, faults = Checker.load(None, now.date()).check(cells, kind, stored)
    if faults:
        raise _bad_fields(faults)
    return values


def _bad_fields(faults: Sequence[Fault]) -> BadInputError:
    problems = [Problem("", f.message, f.code, None, f.field, f.value) for f in faults]
    message = _("Nothing was saved; see the fields that are marked.")
    return BadInputError("sources.bad_fields", message, problems)


def _remember(
    steps: Sequence[tuple[Source, str, Mapping[str, Any], str]], actor: Actor, now: datetime
) -> None:
    Change.objects.bulk_create(
        (
            Change(source=s, kind=kind, at=now, actor=actor.name, fields=dict(fields), reason=why)
            for s, kind, fields, why in steps
        ),
        batch_size=_BATCH,
    )


def _save(source: Source) -> None:
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError as error:  # somebody was faster with this number
        raise _not_as_shown() from error


def _locked(number: str) -> Source:
    # the rows it refers to are not locked: an outer join cannot be, on PostgreSQL
    rows = Source.objects.select_for_update(of=("self",))
    found = rows.select_related("territory", "organisation").filter(number=number).first()
    if found is None:
        raise UnknownNameError(
            "sources.unknown", _("There is no source {number}.").format(number=number)
        )
    return found


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise UnknownNameError(
            "sources.unknown_kind", _("“{kind}” is no kind of source.").format(kind=code)
        )
    return KINDS[code]


def _not_as_shown() -> DomainError:
    return DomainError(
        "store.not_as_shown",
        _("The sources have changed since this was shown. Nothing was changed; look again."),
    )
