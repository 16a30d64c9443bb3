"""The questions about cases, and about what somebody owes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import polars as pl
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from ninja import Query
from pydantic import Field

from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.api import asked as ask
from lantian.web.api import case_schemas, listing, schemas
from lantian.web.api.service import api, counted
from lantian.web.cases import asked as filters
from lantian.web.cases import counting, queries
from lantian.web.cases import work as works
from lantian.web.cases.actions.acting import title_of
from lantian.web.cases.models import Case, CaseEvent, Comment, Step
from lantian.web.cases.reach import reach
from lantian.web.cases.rows import Row, row_of, with_clock
from lantian.web.cases.rules import Rules
from lantian.web.cases.standing_rules import rules
from lantian.web.core import clock
from lantian.web.places.queries import mark as places_mark
from lantian.web.sources.queries import mark as sources_mark

_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 429), schemas.Problem)
# What an event keeps that is shown apart from it, or is the frozen responsibility once more.
_APART = frozenset({"evidence", "responsibility"})
_TEXT, _NUMBER, _COUNT, _FLAG = pl.String, pl.Float64, pl.Int64, pl.Boolean
_COLUMNS = MappingProxyType(
    {
        "code": _TEXT, "title": _TEXT, "problem": _TEXT, "problem_title": _TEXT, "state": _TEXT,
        "severity": _TEXT, "medium": _TEXT, "sector": _TEXT, "channel": _TEXT, "territory": _TEXT,
        "territory_name": _TEXT, "source": _TEXT, "source_name": _TEXT, "lead": _TEXT,
        "lead_name": _TEXT, "place": _TEXT, "lon": _NUMBER, "lat": _NUMBER, "found_at": _TEXT,
        "taken_in_at": _TEXT, "opened_at": _TEXT, "ended_at": _TEXT, "outcome": _TEXT,
        "clock": _TEXT, "external_number": _TEXT, "external_due": _TEXT, "own_due": _TEXT,
        "review_on": _TEXT, "look_back_on": _TEXT, "returns": _COUNT, "extensions": _COUNT,
        "failures": _COUNT, "reopenings": _COUNT, "version": _COUNT,
    }
)  # fmt: skip
_CASES = listing.Listing("cases", _COLUMNS)
_ONE = listing.Listing(
    "case",
    {**_COLUMNS, **dict.fromkeys(
        ("description", "catalogue", "merged_into", "sweep_of", "parties", "because", "steps",
         "events", "comments"), _TEXT)},
)  # fmt: skip
_WORK = listing.Listing(
    "work", {"group": _TEXT, "title": _TEXT, "total": _COUNT, "late": _COUNT, "cases": _TEXT}
)


class Cases(ask.Paged):
    """Which cases; the same as the filters of the ledger."""

    q: str = Field(
        "",
        description=ask.N_("Part of title, description, place, source or number; a case’s code."),
    )
    state: ask.Names = Field(
        [], description=ask.N_("States, e.g. rectifying; several: any of them.")
    )
    colour: str = Field("", description=ask.N_("Of the running clock: green, yellow or red."))
    territory: str = Field("", description=ask.N_("Code of a territory; what is below it, too."))
    unit: str = Field("", description=ask.N_("Code of a unit that takes part, e.g. O-003."))
    lead: str = Field("", description=ask.N_("Code of the unit that leads."))
    channel: str = Field("", description=ask.N_("By which channel it came in, e.g. hotline."))
    problem: str = Field("", description=ask.N_("Code of a problem type."))
    sector: str = Field("", description=ask.N_("Sector, e.g. construction."))
    severity: str = Field("", description=ask.N_("general or serious."))
    medium: str = Field("", description=ask.N_("air, water or soil."))
    source: str = Field("", description=ask.N_("Number of a source of the register."))
    outcome: str = Field("", description=ask.N_("How it ended, e.g. rectified."))
    year: str = Field("", description=ask.N_("Year of its number."))
    since: str = Field("", description=ask.N_("First local day on which it was taken in."))
    until: str = Field("", description=ask.N_("Last local day on which it was taken in."))
    ended_since: str = Field("", description=ask.N_("First local day on which it ended."))
    ended_until: str = Field("", description=ask.N_("Last local day on which it ended."))
    open: str = Field("", description=ask.N_("1: not ended; 0: ended."))
    late: str = Field(
        "", description=ask.N_("1: a stage ended or runs after its deadline; 0: none.")
    )
    lead_late: str = Field(
        "", description=ask.N_("The same of the stages the unit that leads answers for.")
    )
    overdue_on: str = Field(
        "", description=ask.N_("Local day at whose end a stage ran after its deadline.")
    )
    force: str = Field("", description=ask.N_("Number of a task force, in whose scope it is."))
    deed: str = Field("", description=ask.N_("An action that was done to it, e.g. return."))
    deed_since: str = Field("", description=ask.N_("First local day on which that was done."))
    deed_until: str = Field("", description=ask.N_("Last local day on which that was done."))
    sort: str = Field(
        "",
        description=ask.N_(
            "code, due, found, taken_in, ended, territory, problem, lead, state, severity, title; "
            "with - before it the other way round. Without: the clock that runs out first."
        ),
    )

    def filters(self) -> filters.Asked:
        """Return them as the lists of cases have them.

        Raises
        ------
        InvalidArgumentError
            ``cases.bad_filter``: a value that means nothing.
        """
        given = QueryDict(mutable=True)
        for name in (f.name for f in fields(filters.Asked)):
            value = getattr(self, name)
            given.setlist(name, value if isinstance(value, list) else [value])
        found, problems = filters.asked(given)
        if problems:
            raise InvalidArgumentError(
                "cases.bad_filter",
                _("The filters cannot be used: {problems}").format(problems=" ".join(problems)),
                {"problems": problems},
            )
        return found


class Work(ask.Paged):
    """Which part of the work."""

    group: str = Field(
        "", description=ask.N_("One kind of work only, e.g. verify, dispatch, accept, pass, close.")
    )
    part: int = Field(
        1, ge=1, le=10_000,
        description=ask.N_("Which 20 cases of each group, from 1; the most urgent first."),
    )  # fmt: skip


@api.get("/cases", url_name="cases",
         response={200: schemas.Page[case_schemas.Case], **_ERRORS},
         summary=ask.N_("Cases"))  # fmt: skip
def cases(request: HttpRequest, asked: Query[Cases]) -> HttpResponse:
    """Return the cases you may see that fit the filters; never who complained."""
    counted(request)
    asked.check(request)
    mine, now, by = reach(request), clock.now(), rules()

    def load(keys: Sequence[int]) -> list[Any]:
        found = {c.pk: c for c in with_clock(mine.cases().filter(pk__in=list(keys)))}
        return [found[k] for k in keys if k in found]

    # the keys first: wide rows of all cases are not sorted for a page of them
    return listing.answer(
        request, asked, (*_stamp(now), mine.key), asked.filters().keys(mine.cases(), now),
        lambda case: _case(row_of(case, now, by)), of=_CASES, load=load,
    )  # fmt: skip


@api.get("/cases/{code}", url_name="case",
         response={200: schemas.Page[case_schemas.WholeCase], **_ERRORS},
         summary=ask.N_("One case with all that happened to it"))  # fmt: skip
def case(request: HttpRequest, code: str, asked: Query[ask.Paged]) -> HttpResponse:
    """Return one case: stages with their clocks, parties, events with evidence, comments.

    Evidence is named by the SHA-256 of its file. Who complained is not in it.
    """
    counted(request)
    mine, now, by = reach(request), clock.now(), rules()
    try:
        found = mine.case(code)
    except Http404 as error:
        raise UnknownNameError("cases.unknown_case", str(error), {"case": code[:40]}) from None
    row = with_clock(mine.cases().filter(pk=found.pk)).get()
    return listing.answer(
        request, asked, (*_stamp(now), mine.key), [row], lambda case: _whole(case, now, by), of=_ONE
    )


@api.get("/work", url_name="work",
         response={200: schemas.Page[case_schemas.Work], **_ERRORS},
         summary=ask.N_("What waits for you"))  # fmt: skip
def work(request: HttpRequest, asked: Query[Work]) -> HttpResponse:
    """Return the cases that wait for you by what is to be done, the most urgent first."""
    counted(request)
    asked.check(request)
    if asked.group and asked.group not in works.DEEDS:
        raise InvalidArgumentError(
            "cases.bad_filter",
            _("“{text}” is no {name}; there are {known}.").format(
                text=asked.group, name="group", known=", ".join(works.DEEDS)
            ),
        )
    now = clock.now()
    found = works.work_of(request, only=asked.group, page=asked.part)
    stamp = (*_stamp(now), reach(request).key, str(request.user.pk), str(found.total))
    return listing.answer(request, asked, stamp, found.groups, _group, of=_WORK)


def _stamp(now: datetime) -> tuple[str, ...]:
    """Return what changes when an answer about cases may: clocks show minutes."""
    said = Comment.objects.aggregate(last=Max("pk"))["last"]
    minute = counting.to_the_minute(now).isoformat()
    return str(counting.mark()), str(said), minute, sources_mark(), str(places_mark())


def _case(row: Row) -> dict[str, Any]:
    case = row.case
    return {
        "code": case.code, "title": case.title, "problem": case.problem,
        "problem_title": row.problem, "state": case.state, "severity": case.severity,
        "medium": case.medium, "sector": case.sector, "channel": case.channel,
        "territory": case.territory.code, "territory_name": row.territory_name,
        "source": None if case.source is None else case.source.number,
        "source_name": row.source_name, "lead": None if case.lead is None else case.lead.code,
        "lead_name": row.lead_name, "place": case.place, "lon": case.lon, "lat": case.lat,
        "found_at": _at(case.found_at), "taken_in_at": _at(case.taken_in_at),
        "opened_at": _at(case.opened_at), "ended_at": _at(case.ended_at),
        "outcome": case.outcome or None, "clock": _clock(row),
        "external_number": case.external_number or None, "external_due": _at(case.external_due),
        "own_due": _at(case.own_due), "review_on": _on(case.review_on),
        "look_back_on": _on(case.look_back_on), "returns": case.returns,
        "extensions": case.extensions, "failures": case.failures,
        "reopenings": case.reopenings, "version": case.version,
    }  # fmt: skip


def _clock(row: Row) -> dict[str, Any] | None:
    running = row.clock
    if running is None:
        return None
    return {
        "begun_at": _at(running.begun), "yellow_at": _at(running.yellow),
        "due_at": _at(running.due), "colour": row.colour, "unit": running.unit,
        "provisional": running.provisional,
    }  # fmt: skip


def _whole(case: Case, now: datetime, by: Rules) -> dict[str, Any]:
    found = case.responsibility or {}
    return {
        **_case(row_of(case, now, by)),
        "description": case.description,
        "catalogue": case.catalogue,
        "merged_into": None if case.merged_into is None else case.merged_into.code,
        "sweep_of": None if case.sweep_of is None else case.sweep_of.code,
        "parties": [
            {"unit": p.organisation.code, "name": p.organisation.name, "part": p.part}
            for p in case.parties.select_related("organisation")
        ],
        "because": found.get("because", []),
        "steps": [_step(s) for s in case.steps.order_by("begun_at", "id")],
        "events": [_event(e) for e in queries.history(case)],
        "comments": [
            {"at": _at(c.at), "author": c.author.name, "text": c.text}
            for c in case.comments.select_related("author")
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "stage": step.stage, "begun_at": _at(step.begun_at), "yellow_at": _at(step.yellow_at),
        "due_at": _at(step.due_at), "first_due_at": _at(step.first_due_at),
        "ended_at": _at(step.ended_at), "rule": step.rule, "provisional": step.provisional,
    }  # fmt: skip


def _event(event: CaseEvent) -> dict[str, Any]:
    return {
        "case": event.case.code, "number": event.number, "action": event.action,
        "title": title_of(event.action), "before": event.before, "after": event.after,
        "at": _at(event.at), "actor": event.actor_name, "role": event.role or None,
        "unit": None if event.organisation is None else event.organisation.code,
        "reason": event.reason, "evidence": _evidence(event.data),
        "data": {k: v for k, v in event.data.items() if k not in _APART},
    }  # fmt: skip


def _evidence(data: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    pieces: Sequence[Mapping[str, str]] = data.get("evidence", ())
    return [{k: p[k] for k in ("kind", "digest", "note")} for p in pieces]


def _group(group: works.Group) -> dict[str, Any]:
    return {
        "group": group.code, "title": group.title, "total": group.total, "late": group.late,
        "cases": [
            {"due": _at(item.due) if isinstance(item.due, datetime) else None,
             "note": item.note, "actions": [d.action for d in item.deeds], "case": _case(item.row)}
            for item in group.items
        ],
    }  # fmt: skip


def _at(moment: datetime | None) -> str | None:
    """Return a moment with the offset of the network."""
    return None if moment is None else timezone.localtime(moment).isoformat(timespec="seconds")


def _on(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
