"""A county with units, people of every role in every unit, and rules that need no other data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from lantian import workdays
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ROLES
from lantian.web.cases import actions
from lantian.web.cases.actions import Doer, Evidence, Report
from lantian.web.cases.catalogue_reading import shipped
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.duties.models import Organisation
from lantian.web.duties.responsibility import Party, Responsibility
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PHOTOS = [
    Evidence(kind, digit * 64)
    for kind in ("photo_before", "photo_after", "photo_check")
    for digit in "abc"
]


@cache
def calendar() -> workdays.Calendar:
    return workdays.load(None, "Asia/Shanghai")


def rules_of(responsibility: Responsibility) -> Rules:
    """Return the shipped catalogue and working time, and a matrix of one rule."""

    def resolve(**asked: object) -> Responsibility:
        return responsibility

    return Rules((shipped(),), calendar(), resolve, seal=lambda version: None)


@dataclass
class World:
    """Everything a case needs; people are made when they are asked for."""

    county: Territory
    town: Territory
    elsewhere: Territory
    units: dict[str, Organisation]
    source: Source
    rules: Rules
    now: datetime = NOW
    people: dict[tuple[str, str, int], Doer] = field(default_factory=dict)
    photos: list[Evidence] = field(default_factory=lambda: PHOTOS)

    def doer(self, role: str, unit: str = "outside", n: int = 0) -> Doer:
        """Return the ``n``-th person of a role in a unit: lead, supporting, outside, other."""
        key = (role, unit, n)
        if key not in self.people:
            user = User.objects.create(name=f"{role}·{unit}·{n}", password="!")
            post = Appointment.objects.create(
                user=user, role=role, organisation=self.units[unit], valid_from=date(2020, 1, 1)
            )
            self.people[key] = Doer(user, post)
        return self.people[key]

    def take_in(self, doer: Doer | str | None = None, **others: Any) -> Case:
        given: dict[str, Any] = {
            "title": "工地扬尘", "problem": "site_uncovered", "channel": "patrol",
            "territory": self.town, "found_at": self.now, "severity": "general",
        }  # fmt: skip
        report = Report(**{**given, **others})
        return actions.take_in(report, doer or self.doer("grid_member"), self.rules, now=self.now)

    def do(self, name: str, case: Case, doer: Doer, **others: Any) -> Case:
        """Do an action with all it needs, an hour after the last one, having seen the newest."""
        self.now += timedelta(hours=1)
        call, needs = self.calls(name)
        kept = {"seen": case.version, "now": self.now, **needs, **others}
        if name == "comment":
            actions.comment(case, doer, now=self.now, text=kept["text"])
        elif name == "merge":
            actions.merge(case, kept.pop("target"), doer, self.rules, **kept)
        elif name == "sweep":
            actions.sweep(case, kept.pop("sources"), doer, self.rules, **kept)
        else:
            call(case, doer, self.rules, **kept)
        case.refresh_from_db()
        return case

    def calls(self, name: str) -> tuple[Any, dict[str, Any]]:
        """Return the function of an action and all it needs to be given."""
        why: dict[str, Any] = {"reason": "有原因"}
        seen: dict[str, Any] = {"finding": "现场所见", "evidence": self.photos}
        own = {
            "pass": (actions.pass_reinspection, seen),
            "fail": (actions.fail_reinspection, seen),
            "open": (actions.open_case, {"condition": True}),
            "return": (actions.return_case, {**why, "owner": self.units["other"]}),
            "verify": (actions.verify, {**seen, "confirmed": True}),
        }
        if name in own:
            return own[name]
        more: dict[str, dict[str, Any]] = {
            "decline": {**why, "outcome": "unfounded"},
            "merge": {**why, "target": self.target() if name == "merge" else None},
            "withdraw": why,
            "uphold": why,
            "reassign": {**why, "owner": self.units["other"]},
            "report": {"text": "进展"},
            "finish": {"evidence": self.photos},
            "ask_extension": {**why, "until": self.now + timedelta(days=9)},
            "refuse_extension": why,
            "suspend": {**why, "review_on": (self.now + timedelta(days=60)).date()},
            "resume": why,
            "sign": {"condition": True},
            "close": {"condition": True, "outcome": "rectified"},
            "refuse_close": why,
            "void": {**why, "outcome": "entered_in_error"},
            "look_back": seen,
            "relapse": seen,
            "sweep": {"sources": [self.source]},
            "comment": {"text": "说明"},
            "correct": {**why, "changes": {"place": f"{self.now:%m-%d %H:%M}"}},
        }
        return getattr(actions, name), more.get(name, {})

    def target(self) -> Case:
        """Return an open case to merge into."""
        found = Case.objects.filter(title="并入此案", state="verifying").first()
        return found or self.take_in(title="并入此案")

    def until(self, state: str, **others: Any) -> Case:
        """Return a new case that came to a state the usual way; then others act than did."""
        case = self.take_in(**others)
        for name, who in WAYS[state]:
            self.do(name, case, self.doer(*who, n=9))
        return case


_OPEN = [("open", ("dispatcher", "outside"))]
_SENT = [*_OPEN, ("dispatch", ("dispatcher", "outside"))]
_TAKEN = [*_SENT, ("accept", ("town_officer", "lead"))]
_DONE = [*_TAKEN, ("finish", ("town_officer", "lead"))]
_PASSED = [*_DONE, ("pass", ("inspector", "outside"))]
WAYS: dict[str, list[tuple[str, tuple[str, str]]]] = {
    "verifying": [],
    "opened": _OPEN,
    "dispatched": _SENT,
    "returned": [*_SENT, ("return", ("town_officer", "lead"))],
    "rectifying": _TAKEN,
    "suspended": [*_TAKEN, ("suspend", ("leader", "outside"))],
    "reinspecting": _DONE,
    "closing": _PASSED,
    "closed": [*_PASSED, ("close", ("dispatcher", "outside"))],
    "declined": [("decline", ("dispatcher", "outside"))],
    "merged": [("merge", ("dispatcher", "outside"))],
    "void": [*_OPEN, ("void", ("leader", "outside"))],
}


def make() -> World:
    """Enter the county, its units and a site into the database."""
    county = Territory.objects.create(code="999999", name="天县", level="county")
    town = Territory.objects.create(code="999999101", name="丙镇", level="town", parent=county)
    elsewhere = Territory.objects.create(code="999999102", name="丁镇", level="town", parent=county)
    source = Source.objects.create(
        number="S-000001", kind="construction_site", name="北苑工地", territory=town,
        sector="construction", lon=115.01, lat=37.02, made_at=NOW, changed_at=NOW,
    )  # fmt: skip
    return among(town, elsewhere, source)


def among(
    town: Territory, elsewhere: Territory, source: Source, first: int = 1, mark: str = ""
) -> World:
    """Enter units, numbered from ``first`` on and marked, into a county that is there."""
    units = {
        unit: Organisation.objects.create(
            code=f"O-{n:03}", name=name + mark, kind=kind, valid_from=date(2020, 1, 1)
        )
        for n, (unit, name, kind) in enumerate(
            [
                ("lead", "丙镇人民政府", "town"),
                ("supporting", "住房和城乡建设局", "department"),
                ("outside", "攻坚办", "office"),
                ("other", "丁镇人民政府", "town"),
                ("enterprise", "丙镇建材厂", "enterprise"),
            ],
            start=first,
        )
    }
    lead, helper = units["lead"], units["supporting"]
    one = Responsibility(
        rule="R-001-v1",
        lead=Party(lead.pk, lead.name, ()),
        industry=None,
        supporting=(Party(helper.pk, helper.name, ()),),
        leader=None,
        grid=None,
        because=("属地管理",),
        because_en=("by territory",),
    )
    county = town.parent
    assert county is not None
    return World(county, town, elsewhere, units, source, rules_of(one))


ROLE_IDS = tuple(ROLES)
