"""What no honest form sends is answered in words, and what the last release kept is taken along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.accounts.models import Appointment
from lantian.web.cases import climbing, ladder
from lantian.web.cases.ledger.checking import Checker
from lantian.web.cases.models import Case, CaseParty, Climb, Step
from tests.web.cases.world import World

SignIn = Callable[..., Client]
HUGE = "9" * 5000
LARGE = "9" * 30


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/cases/ledger/?page={HUGE}", 200),
        ("/cases/statistics/?month=0001-01&span=12", 200),
        ("/cases/new/?excursion=99991231.x", 200),
        ("/cases/new/?excursion=00010101.x", 200),
        (f"/api/v1/cases/{HUGE}-1", 404),
        (f"/cases/ledger/several/?do=open&case=2026-{LARGE}", 200),
        (f"/cases/ledger/several/?do=open&case=2026-{HUGE}", 200),
        ("/cases/ledger/?lead=%00", 400),
        ("/cases/new/sources/?source=%00", 400),
        ("/api/v1/cases?q=%00", 400),
    ],
)
def test_numbers_days_and_signs_beyond_all_bounds_are_answered(
    served: Network, world: World, sign_in: SignIn, address: str, status: int
) -> None:
    assert sign_in("dispatcher").get(address).status_code == status


def test_a_form_with_what_is_no_text_is_refused(
    served: Network, world: World, sign_in: SignIn
) -> None:
    form = "application/x-www-form-urlencoded"
    answer = sign_in("dispatcher").post("/cases/ledger/filters/", "name=a%00b", content_type=form)
    assert answer.status_code == 400


def test_a_moment_that_no_clock_tells_is_not_taken(
    served: Network, world: World, sign_in: SignIn
) -> None:
    case = world.until("opened")
    address = f"/cases/{case.code}/do/correct/"
    about = {
        "title": "改正", "problem": case.problem, "severity": case.severity, "reason": "笔误",
        "territory": case.territory.code, "seen": case.version,
    }  # fmt: skip
    client = sign_in("dispatcher")
    answer = client.post(address, {**about, "found_at": "0001-01-01T00:00"})
    assert answer.status_code == 400
    assert "Give a year from 2000 on." in answer.content.decode()
    with pytest.raises(DomainError) as error:
        Checker(world.rules.in_force(world.now.date()), set()).value("found_at", "0001-01-01 00:00")
    assert error.value.code == "ledger.no_moment"


def test_more_time_has_a_bound(world: World) -> None:
    case = world.until("rectifying")
    with pytest.raises(DomainError) as error:
        world.do(
            "ask_extension", case, world.doer("town_officer", "lead"),
            until=datetime(9998, 12, 31, tzinfo=UTC),
        )  # fmt: skip
    assert error.value.code == "cases.until_too_far"


def test_of_a_case_one_does_not_see_no_rung_is_told(
    served: Network, world: World, sign_in: SignIn
) -> None:
    case = world.until("rectifying")
    world.now = Step.objects.get(case=case, ended_at=None).due_at
    climbing.run(world.rules, ladder.load(), now=world.now)
    climb = Climb.objects.get(rung="supervise")
    address = f"/cases/rungs/{climb.pk}/sign/"
    away = sign_in("grid_member", world.elsewhere).post(address)
    assert away.status_code == 404
    assert case.code not in away.content.decode()
    assert sign_in("expert").post(address).status_code == 400
    assert Appointment.objects.filter(role="expert").exists()


def test_what_is_frozen_on_old_cases_is_written_out(served: Network, world: World) -> None:
    migration = import_module("lantian.web.cases.migrations.0002_parties")
    world.until("verifying")
    world.until("rectifying", source=world.source)
    kept = sorted(CaseParty.objects.values_list("case", "organisation", "part"))
    cases = list(Case.objects.order_by("pk").values_list("pk", "sector", "lead"))
    assert kept
    CaseParty.objects.all().delete()
    Case.objects.update(sector="other")
    with connection.schema_editor(atomic=False) if _plain() else _Editor() as editor:
        migration.fill(apps, editor)
    assert sorted(CaseParty.objects.values_list("case", "organisation", "part")) == kept
    assert list(Case.objects.order_by("pk").values_list("pk", "sector", "lead")) == cases


def _plain() -> bool:
    return connection.vendor == "postgresql"


class _Editor:
    """Stands for the editor of the schema, which SQLite gives only outside of a transaction."""

    def __init__(self) -> None:
        self.connection = connection

    def __enter__(self) -> _Editor:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave everything as it is."""
