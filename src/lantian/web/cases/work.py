"""What somebody owes today: cases that wait for them, by what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db.models import Case as Choice
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.cases import climbing, owed
from lantian.web.cases.models import Case, Climb
from lantian.web.cases.owed import Person
from lantian.web.cases.reach import Reach, reach_of
from lantian.web.cases.rows import Row, rows_of, with_clock
from lantian.web.cases.table import TABLE
from lantian.web.core import clock

SHOWN = 20  # cases of a group on the page of all groups
# What is owed, in the order of the page; the first deed is the main one, the others its answers.
DEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uphold": ("uphold", "reassign"),
        "grant_extension": ("grant_extension", "refuse_extension"),
        "open": ("open", "decline"),
        "dispatch": ("dispatch",),
        "verify": ("verify",),
        "accept": ("accept",),
        "finish": ("finish", "report"),
        "pass": ("pass", "fail"),
        "sign": ("sign",),
        "close": ("close", "refuse_close"),
        "resume": ("resume",),
        "look_back": ("look_back", "relapse"),
    }
)


@dataclass(frozen=True)
class Deed:
    """A button: what is done, and the page on which it is."""

    action: str
    title: str
    url: str


@dataclass(frozen=True)
class Item:
    """A case that waits, with the main deed first.

    Parameters
    ----------
    due
        When it must be done: the end of the clock, or the day of a look-back or review; None: not
        set.
    note
        What is to be known besides, such as until when more time is asked for.
    """

    row: Row
    deeds: tuple[Deed, ...]
    due: datetime | None
    note: str


@dataclass(frozen=True)
class Group:
    """Cases that wait for the same thing, the most urgent first.

    Parameters
    ----------
    total, late
        How many there are, and how many of them are overdue, of which ``items`` is a page.
    """

    code: str
    title: str
    total: int
    late: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Work:
    """What somebody owes.

    Parameters
    ----------
    rungs
        Of the ladder, that wait for the person's signature.
    """

    groups: tuple[Group, ...]
    rungs: tuple[Climb, ...]

    @property
    def total(self) -> int:
        """Return how many things wait."""
        return sum(g.total for g in self.groups) + len(self.rungs)

    @property
    def late(self) -> int:
        """Return how many cases wait that are overdue."""
        return sum(g.late for g in self.groups)


def titles() -> dict[str, str]:
    """Return what each group is called, in the language in force."""
    return {
        "uphold": _("Returned: decide who answers"),
        "grant_extension": _("More time asked: decide"),
        "open": _("To open or decline"),
        "dispatch": _("To dispatch"),
        "verify": _("To verify on site"),
        "accept": _("To accept"),
        "finish": _("To rectify"),
        "pass": _("To re-inspect"),
        "sign": _("To sign before closing"),
        "close": _("To close"),
        "resume": _("Suspended: review is due"),
        "look_back": _("Look-back is due"),
    }


def work_of(request: HttpRequest, *, only: str = "", page: int = 1) -> Work:
    """Return what the person who sends ``request`` owes now; see :func:`work_for`."""
    moment = clock.now()
    posts = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), moment.date())
    found = list(posts.select_related("territory"))
    return work_for(request.user.pk or 0, found, moment, only=only, page=page)


def work_for(
    user: int, posts: Sequence[Appointment], now: datetime, *, only: str = "", page: int = 1
) -> Work:
    """Return what somebody owes who holds ``posts``; two queries for all cases.

    Parameters
    ----------
    posts
        In force, with their territories joined.
    only, page
        Show a page of one group only.
    """
    who, seen = owed.person(user, posts), reach_of(posts)
    day = timezone.localdate(now)
    codes: dict[str, list[tuple[float, int]]] = {}
    for key, code, due in _waiting(seen, who, day):
        codes.setdefault(code, []).append((_urgency(due), key))
    first = (page - 1) * SHOWN
    chosen: dict[str, list[int]] = {}
    for code, found in codes.items():
        if only in ("", code):
            chosen[code] = [key for _due, key in sorted(found)[first : first + SHOWN]]
    rows = _rows(seen, [k for keys in chosen.values() for k in keys], now)
    named = titles()
    groups = tuple(
        Group(
            code=code, title=named[code], total=len(codes[code]),
            late=sum(due <= now.timestamp() for due, _key in codes[code]),
            items=tuple(_item(code, rows[k]) for k in chosen[code] if k in rows),
        )
        for code in DEEDS
        if code in chosen
    )  # fmt: skip
    return Work(groups, tuple(rungs_for(who)))


def counts_of(request: HttpRequest) -> tuple[tuple[str, str, int, int], ...]:
    """Return code, title, total and how many are late of each group; one query for all cases."""
    moment = clock.now()
    posts = in_force(Appointment.objects.filter(user_id=request.user.pk or 0), moment.date())
    found = list(posts.select_related("territory"))
    who = owed.person(request.user.pk or 0, found)
    counted: dict[str, list[int]] = {}
    for _key, code, due in _waiting(reach_of(found), who, moment.date()):
        n = counted.setdefault(code, [0, 0])
        n[0] += 1
        n[1] += _urgency(due) <= moment.timestamp()
    named = titles()
    return tuple((c, named[c], counted[c][0], counted[c][1]) for c in DEEDS if c in counted)


def _waiting(seen: Reach, who: Person, day: date) -> Iterable[tuple[int, str, Any]]:
    """Return id, group and due of each case that waits for somebody."""
    mine = [code for code in DEEDS if _any(code, who)]
    whens = [When(_condition(code, who, day), then=Value(code)) for code in mine]
    if not whens:
        return []
    due = Choice(
        When(state="closed", then="look_back_on"), When(state="suspended", then="review_on"),
        default=None,
    )  # fmt: skip
    rows = owed.prepared(with_clock(_cases(seen, mine, day)))
    rows = rows.annotate(owes=Choice(*whens, default=Value(""), output_field=CharField()), day=due)
    # what waits for nobody here is left out below: a condition would find each answer twice
    found = rows.order_by().values_list("pk", "owes", "due_at", "day")
    return [(key, code, at or on) for key, code, at, on in found if code]


def _cases(seen: Reach, codes: Sequence[str], day: date) -> QuerySet[Case]:
    """Return the cases in which one of the groups is possible: few of all there are."""
    states = owed.states(codes)
    chosen = Q(state__in=sorted(states - TABLE.ended))
    if "closed" in states:
        # only closed cases have such a day; asked for their state too, all of them would be read
        chosen |= Q(look_back_on__lte=day)
    rows = Case.objects.filter(chosen)
    return rows if seen.condition is None else rows.filter(seen.condition)


def _any(code: str, who: Person) -> bool:
    """Say whether one of the person's roles may do it at all."""
    roles = {r for w in TABLE.actions[code].who for r in w.roles}
    return any(p.role in roles for p in who.posts)


def _condition(code: str, who: Person, day: date) -> Q:
    """Return the condition that a case waits for somebody to do something, beyond that they may."""
    condition = owed.may(TABLE.actions[code], who)
    if code == "verify":
        return condition & ~owed.done("verify")
    if code == "open":
        return condition & owed.done("verify")
    if code == "sign":
        return condition & Q(signed=0)
    if code == "resume":
        return condition & Q(review_on__lte=day)
    if code == "look_back":
        return condition & Q(look_back_on__lte=day)
    return condition


def _urgency(due: datetime | date | None) -> float:
    """Return a number to sort by: seconds of the moment; the end of time for none."""
    if due is None:
        return float("inf")
    if isinstance(due, datetime):
        return due.timestamp()
    zone = timezone.get_default_timezone()
    return datetime(due.year, due.month, due.day, 23, 59, tzinfo=zone).timestamp()


def _rows(seen: Reach, keys: Sequence[int], now: datetime) -> dict[int, Row]:
    found = rows_of(with_clock(seen.cases().filter(pk__in=keys)), now) if keys else []
    return {row.case.pk: row for row in found}


def _item(code: str, row: Row) -> Item:
    case = row.case
    deeds = tuple(
        Deed(a, TABLE.actions[a].title, reverse("cases:do", args=[case.code, a]))
        for a in DEEDS[code]
    )
    note = ""
    if code == "grant_extension" and case.extension_until is not None:
        until = timezone.localtime(case.extension_until)
        note = _("asked until {day}").format(day=f"{until:%Y-%m-%d %H:%M}")
    elif code == "look_back" and case.look_back_on is not None:
        note = _("due on {day}").format(day=case.look_back_on.isoformat())
    elif code == "resume" and case.review_on is not None:
        note = _("review on {day}").format(day=case.review_on.isoformat())
    return Item(row, deeds, None if row.clock is None else row.clock.due, note)


def rungs_for(who: Person) -> QuerySet[Climb]:
    """Return the rungs that wait for the signature of somebody."""
    signed_by = {r.code: r.signed_by for r in climbing.of_home().rungs}
    fits = Q(pk__in=())
    for post in who.posts:
        codes = [code for code, role in signed_by.items() if role == post.role]
        if codes:
            # asked of each rung that waits: the cases that fit are nearly all there are
            fitting = owed.prepared(Case.objects.filter(pk=OuterRef("case"))).filter(
                who.within(post), owed.apart(who.units), owed.unscored(who, post)
            )
            fits |= Q(Exists(fitting), rung__in=codes)
    return climbing.waiting().filter(fits)
