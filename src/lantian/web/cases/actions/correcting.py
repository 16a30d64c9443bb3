"""Correcting what was written of a case: never whose it is or when it is due, once that counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.cases import refusals, searching
from lantian.web.cases.actions.acting import Given, Job, carry_out, day_of
from lantian.web.cases.actions.intake import known_severity, whole_order
from lantian.web.cases.doers import Doer, within
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE, Refusal

# The columns in which each field is kept, in the order in which a change is told.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "description": ("description",),
    "problem": ("problem",),
    "severity": ("severity",),
    "territory": ("territory_id",),
    "source": ("source_id",),
    "place": ("place",),
    "position": ("lon", "lat"),
    "found_at": ("found_at",),
    "external_number": ("external_number",),
    "external_due": ("external_due",),
    "own_due": ("own_due",),
}
FIELDS = tuple(_COLUMNS)
LENGTHS = {"title": 120, "place": 120, "external_number": 64}
_TEXTS = ("title", "description", "place", "external_number")


def correct(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str,
    changes: Mapping[str, Any],
) -> Case:  # fmt: skip
    """Correct what was written of a case; its event and the log keep what stood there before.

    Parameters
    ----------
    changes
        New values by field of :data:`FIELDS`: texts; ``position`` as (lon, lat) [° WGS84] or None;
        ``found_at``, ``external_due``, ``own_due`` as moments; ``territory`` and ``source`` as
        rows (``source`` may be None); ``problem`` and ``severity`` as codes.

    Raises
    ------
    DomainError
        A refusal of the table; ``cases.fixed_by_now``: the table lets the field no more be
        corrected in this state; ``cases.nothing_changed``; ``cases.not_your_place``.
    InvalidArgumentError
        ``cases.no_title``, ``cases.too_long``, ``cases.in_the_future``, ``cases.order_incomplete``.
    UnknownNameError
        ``cases.unknown_field``, ``cases.unknown_problem``, ``cases.unknown_severity``.
    """
    texts = {f: str(v).strip() for f, v in changes.items() if f in _TEXTS}

    def then(job: Job) -> None:
        told = differences(job.case, {**changes, **texts})
        if not told:
            raise DomainError(
                "cases.nothing_changed",
                _("Nothing of case {case} is different from what is kept.").format(
                    case=job.case.code
                ),
                {"case": job.case.code},
            )
        _still_free(job.case, told)
        if "territory" in told and not within(doer.post.territory, changes["territory"]):
            raise refusals.error(Refusal("cases.not_your_place"), job.case.code)
        for field in told:
            job.changes |= _kept(field, {**changes, **texts}[field])
        _sound(job, told)
        job.data["fields"] = told

    given = Given(reason=reason)
    with transaction.atomic():
        made = carry_out("correct", case, doer, rules, seen=seen, now=now, given=given, then=then)
        searching.keep(made)
    return made


def differences(case: Case, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return, by field, what is kept and what would be, both as JSON; what is the same is left out.

    Raises
    ------
    UnknownNameError
        ``cases.unknown_field``.
    """
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        raise UnknownNameError(
            "cases.unknown_field",
            _("“{field}” is not corrected. Choose of: {fields}.").format(
                field=unknown[0], fields=", ".join(FIELDS)
            ),
        )
    pairs = {f: [_told(f, current(case, f)), _told(f, changes[f])] for f in FIELDS if f in changes}
    return {f: pair for f, pair in pairs.items() if pair[0] != pair[1]}


def current(case: Case, field: str) -> Any:  # noqa: ANN401 - by the field
    """Return what is kept of a field, as :func:`correct` takes it."""
    if field == "position":
        return None if case.lon is None or case.lat is None else (case.lon, case.lat)
    return getattr(case, field)


def fixed(case: Case, field: str) -> bool:
    """Say whether a field may no more be corrected in the state of a case."""
    return case.state not in TABLE.corrections[field]


def _still_free(case: Case, fields: Mapping[str, Any]) -> None:
    closed = [f for f in fields if fixed(case, f)]
    if closed:
        raise DomainError(
            "cases.fixed_by_now",
            _("Case {case} is “{state}”: this may no more be corrected: {fields}.").format(
                case=case.code, state=TABLE.states[case.state].title, fields=", ".join(closed)
            ),
            {"case": case.code, "fields": closed},
        )


def _sound(job: Job, told: Mapping[str, Any]) -> None:
    """Make sure that the case as it would be is one that could have been taken in."""
    case = job.case

    def new(column: str) -> Any:  # noqa: ANN401 - by the column
        return job.changes.get(column, getattr(case, column))

    if not new("title"):
        raise InvalidArgumentError("cases.no_title", _("The case needs a title."))
    for field, most in LENGTHS.items():
        if len(new(field)) > most:
            raise InvalidArgumentError(
                "cases.too_long",
                _("The text has {n} characters; {most} are kept.").format(
                    n=len(new(field)), most=most
                ),
                {"field": field},
            )
    if new("found_at") > case.taken_in_at:
        raise InvalidArgumentError(
            "cases.in_the_future",
            _("The problem cannot have been seen after it was taken in."),
            {"field": "found_at"},
        )
    known_severity(new("severity"))
    if {"external_number", "external_due", "own_due"} & set(told):
        required = TABLE.channels[case.channel].order
        whole_order(new("external_number"), new("external_due"), new("own_due"), required=required)
    if "problem" in told:
        catalogue = job.rules.in_force(day_of(job.now))
        job.problem = catalogue.type(new("problem"))
        job.rules.seal(catalogue.version)
        job.changes |= {
            "catalogue": catalogue.version,
            "medium": job.problem.medium,
            "sector": job.problem.sector,
        }


def _kept(field: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - by the field
    """Return a new value by column."""
    if field == "position":
        lon, lat = (None, None) if value is None else value
        return {"lon": lon, "lat": lat}
    if field in ("territory", "source"):
        return {f"{field}_id": None if value is None else value.pk}
    return {field: value}


def _told(field: str, value: Any) -> Any:  # noqa: ANN401 - by the field
    """Return a value as the event keeps it."""
    if value is None:
        return None
    if field == "position":
        return [float(value[0]), float(value[1])]
    if field == "territory":
        return value.code
    if field == "source":
        return value.number
    return value.isoformat() if isinstance(value, datetime) else value
