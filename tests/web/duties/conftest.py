"""A small matrix of the simulated county: units, posts, rules; the day of the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import system
from lantian.web.audit.models import Event
from lantian.web.duties import actions
from lantian.web.duties.models import Organisation, Rule
from lantian.web.places.models import Territory

DAY = date(2026, 11, 23)
BY = system("tests")


@dataclass
class Office:
    """What tests make things with."""

    towns: dict[str, Territory]

    @property
    def county(self) -> Territory:
        """Return the territory above all towns."""
        return Territory.objects.get(level="county")

    def unit(self, name: str, kind: str = "department", **more: object) -> Organisation:
        """Enter an organisation that was there before the day of the tests."""
        facts = actions.Facts(name=name, kind=kind, **more)  # type: ignore[arg-type]
        return actions.make_organisation(BY, facts, valid_from=date(2020, 1, 1))

    def rule(self, lead: Organisation, *, day: date = DAY, **more: object) -> Rule:
        """Make a rule."""
        given = {"reason": "Order 1", **more}
        draft = actions.Draft(lead=lead, **given)  # type: ignore[arg-type]
        return actions.make_rule(BY, draft, valid_from=day, today=DAY)

    def post(
        self, name: str, role: str, unit: Organisation | None = None, **more: object
    ) -> Appointment:
        """Give a post to a person of this name, making the person where there is none."""
        user = User.objects.filter(name=name).first() or User.objects.create_user(name)
        given = {"valid_from": date(2020, 1, 1), **more}
        return Appointment.objects.create(user=user, role=role, organisation=unit, **given)


@pytest.fixture
def office(towns: dict[str, Territory]) -> Office:
    """Return a maker of units, rules and posts in the county."""
    return Office(towns)


@pytest.fixture
def events() -> Callable[[], list[str]]:
    """Return a function that names the events of duties and posts so far."""
    return lambda: list(
        Event.objects.exclude(action__startswith="territories.")
        .order_by("id")
        .values_list("action", flat=True)
    )
