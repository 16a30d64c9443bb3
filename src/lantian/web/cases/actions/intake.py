"""Taking a problem in, from whatever channel, and what is done before it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.cases import refusals, searching
from lantian.web.cases.actions.acting import (
    Evidence,
    Given,
    Job,
    begin_step,
    carry_out,
    day_of,
    event_of,
    locked,
    log,
    save,
)
from lantian.web.cases.doers import Doer, posts_of, within
from lantian.web.cases.models import Case, Counter, Reporter
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import NEW, TABLE, Refusal, Situation, Standing, judge
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source


@dataclass(frozen=True)
class Complainant:
    """Who complained; kept apart from the case and masked from those complained of."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Report:
    """A problem as it comes in.

    Parameters
    ----------
    problem
        Code of the catalogue.
    found_at
        When it was seen.
    severity
        ``general`` or ``serious``; empty: as the catalogue says.
    lon, lat
        [° WGS84]; both or none.
    external_number, external_due, own_due
        Of an order from above: its number, its deadline, and ours.
    evidence
        What was sent with it.
    """

    title: str
    problem: str
    channel: str
    territory: Territory
    found_at: datetime
    description: str = ""
    severity: str = ""
    source: Source | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    external_number: str = ""
    external_due: datetime | None = None
    own_due: datetime | None = None
    complainant: Complainant | None = None
    evidence: tuple[Evidence, ...] = ()


def take_in(
    report: Report, doer: Doer | str, rules: Rules, *, now: datetime, sweep_of: Case | None = None
) -> Case:
    """Take a problem in; it is to be verified.

    Parameters
    ----------
    doer
        Somebody, or the name of a part of the system for the channels it may use.

    Raises
    ------
    InvalidArgumentError
        ``cases.no_title``, ``cases.unknown_channel``, ``cases.in_the_future``,
        ``cases.half_position``, ``cases.order_incomplete``, ``cases.unknown_severity``.
    DomainError
        ``cases.not_your_role``, ``cases.not_your_place``, ``cases.post_not_held``,
        ``cases.channel_needs_a_person``.
    UnknownNameError
        ``cases.unknown_problem``.
    """
    _sound(report, now, sweep=sweep_of is not None)
    catalogue = rules.in_force(day_of(now))
    problem = catalogue.type(report.problem)
    person = doer if isinstance(doer, Doer) else None
    name = doer if isinstance(doer, str) else ""
    with transaction.atomic():
        if person is None:
            _by_system(report)
        elif sweep_of is None:  # a sweep was judged as an action of the case it comes from
            _by_person(report, person, now)
        year = timezone.localtime(now).year
        case = Case.objects.create(
            year=year, number=_next_number(year), title=report.title.strip(),
            description=report.description.strip(), problem=problem.code,
            catalogue=catalogue.version, medium=problem.medium, sector=problem.sector,
            severity=report.severity or problem.severity, channel=report.channel,
            external_number=report.external_number.strip(), external_due=report.external_due,
            own_due=report.own_due, territory=report.territory, source=report.source,
            lon=report.lon, lat=report.lat, place=report.place.strip(), found_at=report.found_at,
            taken_in_at=now, state=TABLE.actions["take_in"].to, sweep_of=sweep_of,
        )  # fmt: skip
        searching.keep(case)
        if report.complainant is not None and any(vars(report.complainant).values()):
            Reporter.objects.create(case=case, **vars(report.complainant))
        about: dict[str, Any] = {
            "channel": case.channel, "problem": case.problem, "severity": case.severity,
            "territory": case.territory.code, "source": case.source_id,
            "sweep_of": case.sweep_of_id,
        }  # fmt: skip
        if report.evidence:
            about["evidence"] = [vars(e) for e in report.evidence]
        event = event_of(
            case, person, action="take_in", before=NEW, after=case.state, now=now, name=name,
            data=about,
        )  # fmt: skip
        save(case, {})
        begin_step(case, problem, rules, now)
        rules.seal(catalogue.version)
        log("cases.taken_in", event, person, name=name)
    return case


def verify(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, finding: str,
    confirmed: bool, evidence: Sequence[Evidence],
) -> Case:  # fmt: skip
    """Write down what was found on site; the dispatcher opens or declines by it."""
    given = Given(reason=finding, evidence=tuple(evidence), data={"confirmed": confirmed})
    return carry_out("verify", case, doer, rules, seen=seen, now=now, given=given)


def open_case(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, condition: bool,
    problem: str = "", severity: str = "",
) -> Case:  # fmt: skip
    """Open a case: the catalogue's version in force now holds for it to its end.

    Parameters
    ----------
    problem, severity
        Where it turned out to be another; empty: as it is.

    Raises
    ------
    UnknownNameError
        ``cases.unknown_problem``, ``cases.unknown_severity``.
    """

    def then(job: Job) -> None:
        in_force = rules.in_force(day_of(now))
        job.problem = in_force.type(problem or job.case.problem)
        chosen = severity or job.case.severity
        known_severity(chosen)
        rules.seal(in_force.version)
        kept = {
            "catalogue": in_force.version,
            "problem": job.problem.code,
            "medium": job.problem.medium,
            "sector": job.problem.sector,
            "severity": chosen,
        }
        job.changes |= {"opened_at": now, **kept}
        job.data |= kept

    given = Given(condition=condition)
    return carry_out("open", case, doer, rules, seen=seen, now=now, given=given, then=then)


def decline(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str, outcome: str
) -> Case:
    """Do not open a case; ``outcome`` is one the table allows for it."""
    given = Given(reason=reason, outcome=outcome)
    return carry_out("decline", case, doer, rules, seen=seen, now=now, given=given)


def merge(
    case: Case, target: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str
) -> Case:
    """Merge a duplicate into another case that goes on; both keep their history.

    Raises
    ------
    InvalidArgumentError
        ``cases.bad_target``: the same case, or one that has ended.
    """
    with transaction.atomic():
        # in one order for all, so that two merges never wait for each other
        both = {key: locked(key) for key in sorted({case.pk, target.pk})}
        into = both[target.pk]
        if into.pk == case.pk or into.state in TABLE.ended:
            raise InvalidArgumentError(
                "cases.bad_target",
                _("Case {target} is the same one, or has ended; choose one that goes on.").format(
                    target=into.code
                ),
            )

        def then(job: Job) -> None:
            job.changes["merged_into_id"] = into.pk
            job.data["target"] = into.code

        given = Given(reason=reason, more=frozenset({"target"}))
        merged = carry_out("merge", case, doer, rules, seen=seen, now=now, given=given, then=then)
        event = event_of(
            into, doer, action="absorb", before=into.state, after=into.state, now=now,
            reason=reason, data={"merged": merged.code},
        )  # fmt: skip
        save(into, {})
        log("cases.absorbed", event, doer)
    return merged


def sweep(
    case: Case, sources: Sequence[Source], doer: Doer, rules: Rules, *, seen: int, now: datetime
) -> list[Case]:
    """Have similar sources checked for the same problem: a case to verify for each.

    Returns
    -------
    list of Case
        The new cases; a source that has an open case of this sweep gets no second one.
    """
    made: list[Case] = []

    def then(job: Job) -> None:
        origin = job.case
        begun = Case.objects.filter(sweep_of=origin).exclude(state__in=TABLE.ended)
        there = set(begun.values_list("source_id", flat=True)) | {origin.source_id}
        for source in dict.fromkeys(sources):
            if source.pk not in there:
                report = Report(
                    title=_("Check after {case}: {name}").format(
                        case=origin.code, name=source.name
                    )[:120],
                    problem=origin.problem, channel="sweep", territory=source.territory,
                    found_at=now, source=source, lon=source.lon, lat=source.lat,
                )  # fmt: skip
                made.append(take_in(report, doer, rules, now=now, sweep_of=origin))
        job.data["cases"] = [c.code for c in made]

    more = frozenset({"sources"}) if sources else frozenset()
    given = Given(more=more)
    carry_out("sweep", case, doer, rules, seen=seen, now=now, given=given, then=then)
    return made


def _by_person(report: Report, doer: Doer, now: datetime) -> None:
    posts_of(doer, day_of(now))
    in_place = within(doer.post.territory, report.territory)
    found = judge(
        TABLE, "take_in", Situation(state=NEW), Standing(role=doer.post.role, in_place=in_place)
    )
    if isinstance(found, Refusal):
        raise refusals.error(found, _("(new)"))


def _by_system(report: Report) -> None:
    if not TABLE.channels[report.channel].system:
        raise DomainError(
            "cases.channel_needs_a_person",
            _("Only a person takes in a case from this channel: {channel}.").format(
                channel=TABLE.channels[report.channel].title
            ),
        )


def _sound(report: Report, now: datetime, *, sweep: bool) -> None:
    if not report.title.strip():
        raise InvalidArgumentError("cases.no_title", _("The case needs a title."))
    channel = TABLE.channels.get(report.channel)
    if channel is None or (channel.code == "sweep") != sweep:
        raise UnknownNameError(
            "cases.unknown_channel",
            _("There is no channel “{channel}” to take a case in by.").format(
                channel=report.channel
            ),
        )
    if report.found_at > now:
        raise InvalidArgumentError(
            "cases.in_the_future", _("The problem cannot have been seen in the future.")
        )
    if (report.lon is None) != (report.lat is None):
        raise InvalidArgumentError(
            "cases.half_position", _("Give both longitude and latitude, or neither.")
        )
    if report.severity:
        known_severity(report.severity)
    whole_order(report.external_number, report.external_due, report.own_due, required=channel.order)


def whole_order(
    number: str, external_due: datetime | None, own_due: datetime | None, *, required: bool
) -> None:
    """Make sure that an order from above is there with all it carries, or not at all.

    Raises
    ------
    InvalidArgumentError
        ``cases.order_incomplete``.
    """
    if not required and not number.strip() and external_due is None and own_due is None:
        return
    whole = number.strip() and external_due is not None and own_due is not None
    if not whole or own_due > external_due:  # type: ignore[operator]
        raise InvalidArgumentError(
            "cases.order_incomplete",
            _(
                "An order from above carries its number, its deadline, and our own deadline, which "
                "is not later."
            ),
        )


def known_severity(severity: str) -> None:
    """Make sure that there is such a severity.

    Raises
    ------
    UnknownNameError
        ``cases.unknown_severity``.
    """
    if severity not in ("general", "serious"):
        raise UnknownNameError(
            "cases.unknown_severity",
            _("A case is “general” or “serious”, not “{severity}”.").format(severity=severity),
        )


def _next_number(year: int) -> int:
    """Return the next number of a year; others wait for it until the transaction is over."""
    Counter.objects.get_or_create(year=year)
    counter = Counter.objects.select_for_update().get(year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
