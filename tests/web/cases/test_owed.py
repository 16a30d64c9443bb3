"""The conditions of the database say what the table says of each case, person and action."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lantian.web.accounts.models import Appointment
from lantian.web.cases import owed, queries
from lantian.web.cases.doers import Doer
from lantian.web.cases.models import Case
from lantian.web.cases.table import TABLE
from tests.web.cases.world import WAYS, World

_UNITS = ("lead", "supporting", "outside", "other", "enterprise")
_ACTIONS = [a for a in TABLE.actions.values() if a.code not in ("take_in",)]


def agree(world: World, doer: Doer) -> int:
    """Compare for one person all cases and actions; return how many fit."""
    day, fitting = world.now.date(), 0
    found = owed.person(doer.user.pk, [doer.post])
    rows = owed.prepared(Case.objects.all())
    may = {a.code: set(rows.filter(owed.may(a, found))) for a in _ACTIONS}
    for case in Case.objects.select_related("territory", "source"):
        by_table = {a.code for a in queries.possible(case, doer, day)}
        by_database = {code for code, cases in may.items() if case in cases}
        assert by_database == by_table, (case.state, doer.post.role, doer.post.organisation)
        fitting += len(by_database)
    return fitting


@pytest.fixture
def full(world: World) -> World:
    """Return a world with a case in every state, general, serious and of a source of its own."""
    for state in WAYS:
        world.until(state)
    for state in ("closing", "returned", "rectifying"):
        world.until(state, severity="serious")
    world.source.organisation = world.units["enterprise"]
    world.source.save()
    world.until("rectifying", source=world.source, territory=world.elsewhere)
    world.do("sign", world.until("closing", severity="serious"), world.doer("leader"))
    asked = world.until("rectifying")
    world.do("ask_extension", asked, world.doer("town_officer", "lead"))
    twice = world.until("returned")
    world.do("uphold", twice, world.doer("dispatcher"))
    world.do("return", twice, world.doer("town_officer", "lead"))
    again = world.until("closing")
    world.do("refuse_close", again, world.doer("leader"))
    world.do("pass", again, world.doer("town_officer"))
    return world


@pytest.mark.parametrize("n", [0, 9])
def test_for_every_role_in_every_unit(full: World, n: int) -> None:
    roles = ("dispatcher", "grid_member", "town_officer", "enterprise_officer", "inspector",
             "leader")  # fmt: skip
    assert sum(agree(full, full.doer(role, unit, n)) for role in roles for unit in _UNITS) > 300


def test_within_the_territory_of_a_post_only(full: World) -> None:
    doer = full.doer("grid_member", "outside", 3)
    Appointment.objects.filter(pk=doer.post.pk).update(territory=full.elsewhere)
    doer.post.refresh_from_db()
    assert 0 < agree(full, doer) < agree(full, full.doer("grid_member", "outside", 4))


def test_who_is_named_as_responsible_does_not_judge(
    full: World, django_assert_max_num_queries: Callable[..., object]
) -> None:
    doer = full.doer("leader", "outside", 5)
    for case in Case.objects.filter(responsibility__isnull=False):
        leader = {"post": doer.post.pk, "user": doer.user.pk, "name": "x", "role": "leader",
                  "deputy": False}  # fmt: skip
        Case.objects.filter(pk=case.pk).update(
            responsibility={**case.responsibility, "leader": leader}
        )
    closing = owed.may(TABLE.actions["close"], owed.person(doer.user.pk, [doer.post]))
    with django_assert_max_num_queries(1):
        assert not list(owed.prepared(Case.objects.all()).filter(closing))
    agree(full, doer)
