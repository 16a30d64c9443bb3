"""My work: what waits for somebody, and the rungs they sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from lantian.errors import DomainError
from lantian.home.layout import Home
from lantian.web.accounts.models import Appointment
from lantian.web.audit.models import Event
from lantian.web.cases import actions, climbing, ladder, work
from lantian.web.cases.doers import Doer
from lantian.web.cases.models import Case, Climb, Step
from lantian.web.cases.reach import Reach
from lantian.web.notifications.models import Notice
from tests.web.cases.world import WAYS, World
from tests.web.conftest import serve
from tests.web.world import CLOCK

LADDER = ladder.load()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve a home of a demo, which asks for no second factor, without rules of its own."""
    serve(monkeypatch, Home.init(tmp_path / "home", name="空县", clock=CLOCK, simulated=True))


def owes(world: World, doer: Doer) -> dict[str, list[str]]:
    found = work.work_for(doer.user.pk, [doer.post], world.now)
    return {g.code: [i.row.state for i in g.items] for g in found.groups}


def late(case: Case, world: World, share: float) -> None:
    """Let the clock of a stage have used a share of its time."""
    step, calendar = Step.objects.get(case=case, ended_at=None), world.rules.calendar
    whole = calendar.measure(step.begun_at, step.due_at, step.unit)
    world.now = calendar.shift(step.begun_at, whole * int(share * 100) / 100, step.unit)


@pytest.mark.parametrize(
    ("role", "unit", "codes"),
    [
        ("dispatcher", "outside", ["uphold", "dispatch", "close"]),
        ("leader", "outside", ["uphold", "close"]),
        ("grid_member", "outside", ["verify", "pass"]),
        ("town_officer", "lead", ["verify", "accept", "finish"]),
        ("town_officer", "supporting", ["verify"]),
        ("enterprise_officer", "lead", ["accept", "finish"]),
        ("inspector", "outside", ["verify", "pass"]),
        ("expert", "outside", []),
        ("auditor", "outside", []),
    ],
)
def test_each_role_is_shown_what_it_owes(
    world: World, role: str, unit: str, codes: list[str]
) -> None:
    for state in WAYS:
        if state != "merged":
            world.until(state)
    assert sorted(owes(world, world.doer(role, unit))) == sorted(codes)


def test_what_was_verified_waits_for_the_dispatcher(world: World) -> None:
    case = world.until("verifying")
    assert "verify" in owes(world, world.doer("grid_member"))
    assert owes(world, world.doer("dispatcher")) == {}
    world.do("verify", case, world.doer("inspector"))
    assert owes(world, world.doer("grid_member")) == {}
    assert owes(world, world.doer("dispatcher")) == {"open": ["verifying"]}


def test_who_signed_does_not_owe_the_closing(world: World) -> None:
    case = world.until("closing", severity="serious")
    assert set(owes(world, world.doer("leader"))) == {"sign"}
    world.do("sign", case, world.doer("leader"))
    assert owes(world, world.doer("leader")) == {}
    assert set(owes(world, world.doer("dispatcher"))) == {"close"}


def test_what_is_not_due_yet_is_not_owed(world: World) -> None:
    closed, aside = world.until("closed"), world.until("suspended")
    grid, dispatcher = world.doer("grid_member"), world.doer("dispatcher")
    assert owes(world, grid) == {} == owes(world, dispatcher)
    world.now += timedelta(days=200)
    assert owes(world, grid) == {"look_back": [closed.state]}
    assert owes(world, dispatcher) == {"resume": [aside.state]}


def test_look_backs_are_found_by_their_day(world: World) -> None:
    rows = work._cases(Reach(None, "*"), ["look_back"], world.now.date())
    assert (
        "case_look_back" in rows.order_by().explain()
    )  # not by going through all that were ever closed


def test_the_most_urgent_comes_first_in_two_queries(
    world: World, django_assert_max_num_queries: Callable[..., object]
) -> None:
    first = world.until("opened")
    world.now += timedelta(hours=1)
    made = [world.until("opened") for _n in range(3)]
    doer = world.doer("dispatcher")
    world.now += timedelta(days=30)
    with django_assert_max_num_queries(3):
        found = work.work_for(doer.user.pk, [doer.post], world.now)
    (group,) = found.groups
    assert [i.row.case.pk for i in group.items] == [first.pk, *(c.pk for c in made)]
    assert (group.total, group.late, found.total, found.late) == (4, 4, 4, 4)


# -- the ladder


def test_a_rung_is_recorded_once_and_told(world: World) -> None:
    case = world.until("rectifying")
    world.doer("dispatcher")
    late(case, world, 0.5)
    assert climbing.run(world.rules, LADDER, now=world.now) == 0
    late(case, world, 0.81)
    assert climbing.run(world.rules, LADDER, now=world.now) == 1
    assert climbing.run(world.rules, LADDER, now=world.now) == 0
    (line,) = climbing.of_case(case)
    assert (line.code, line.waiting, line.lapsed) == ("urge", False, False)
    assert climbing.highest([case.pk]) == {case.pk: "Reminder issued"}
    event = Event.objects.get(action="cases.rung_issued")
    assert event.details["key"] == "urge/rectifying/1"
    case.refresh_from_db()
    assert case.events.count() == case.version  # a reminder is no event of the case


def test_going_on_after_a_suspension_does_not_remind_again(world: World) -> None:
    case = world.until("rectifying")
    late(case, world, 0.81)
    assert climbing.run(world.rules, LADDER, now=world.now) == 1
    world.do("suspend", case, world.doer("leader"))
    world.do("resume", case, world.doer("leader"))
    world.now += timedelta(minutes=1)
    assert climbing.run(world.rules, LADDER, now=world.now) == 0
    world.do("finish", case, world.doer("town_officer", "lead"))
    world.do("fail", case, world.doer("inspector"))
    assert climbing.run(world.rules, LADDER, now=world.now) == 1  # one failed re-inspection
    late(case, world, 0.81)
    assert climbing.run(world.rules, LADDER, now=world.now) == 1
    keys = sorted(Climb.objects.values_list("key", flat=True))
    assert keys == ["supervise/failures/1", "urge/rectifying/1", "urge/rectifying/2"]


def test_supervision_waits_for_its_signature(world: World) -> None:
    case, dispatcher = world.until("rectifying"), world.doer("dispatcher")
    late(case, world, 1.01)
    climbing.run(world.rules, LADDER, now=world.now)
    climb = Climb.objects.get(rung="supervise")
    assert climb.taken_at is None
    assert Notice.objects.filter(user=dispatcher.user, kind="cases.rung_to_sign").count() == 1
    found = work.work_for(dispatcher.user.pk, [dispatcher.post], world.now)
    assert [c.pk for c in found.rungs] == [climb.pk]

    def refused(doer: Doer) -> str:
        with pytest.raises(DomainError) as error:
            climbing.sign(climb, doer, world.rules, LADDER, now=world.now)
        return error.value.code

    assert refused(world.doer("leader")) == "cases.rung_not_your_role"
    assert refused(world.doer("dispatcher", "lead")) == "cases.own_unit"
    away = world.doer("dispatcher", "outside", 7)
    Appointment.objects.filter(pk=away.post.pk).update(territory=world.elsewhere)
    away.post.refresh_from_db()
    assert refused(away) == "cases.not_your_place"
    assert not work.work_for(away.user.pk, [away.post], world.now).rungs
    signed = climbing.sign(climb, dispatcher, world.rules, LADDER, now=world.now)
    assert signed.signed_by == dispatcher.user
    assert signed.answer_by is not None
    assert signed.answer_by > world.now
    assert climbing.highest([case.pk]) == {case.pk: "Supervision issued"}
    assert refused(dispatcher) == "cases.rung_taken"
    assert Event.objects.filter(action="cases.rung_signed").count() == 1


def test_a_rung_lapses_with_its_stage(world: World) -> None:
    case = world.until("rectifying")
    late(case, world, 1.01)
    climbing.run(world.rules, LADDER, now=world.now)
    world.do("finish", case, world.doer("town_officer", "lead"))
    climb = Climb.objects.get(rung="supervise")
    with pytest.raises(DomainError) as error:
        climbing.sign(climb, world.doer("dispatcher"), world.rules, LADDER, now=world.now)
    assert error.value.code == "cases.rung_lapsed"
    assert [(x.code, x.lapsed) for x in climbing.of_case(case)] == [
        ("urge", False), ("supervise", True),
    ]  # fmt: skip
    assert climbing.highest([case.pk]) == {}


def test_a_case_acted_on_meanwhile_waits_for_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.until("rectifying")
    late(case, world, 0.9)
    look = climbing._reached

    def then_somebody_acts(*given: object) -> list[object]:
        found = look(*given)  # type: ignore[arg-type]
        world.do("report", case, world.doer("town_officer", "lead"))
        return found

    monkeypatch.setattr(climbing, "_reached", then_somebody_acts)
    assert climbing.run(world.rules, LADDER, now=world.now) == 0
    monkeypatch.undo()
    assert climbing.run(world.rules, LADDER, now=world.now) == 1


# -- pages


def signed_in(doer: Doer) -> Client:
    client = Client()
    client.force_login(doer.user, settings.AUTHENTICATION_BACKENDS[-1])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_the_page_leads_to_what_is_to_be_done(
    world: World, django_assert_max_num_queries: Callable[..., object]
) -> None:
    case = world.until("rectifying")
    officer = world.doer("enterprise_officer", "lead")
    said = {"now": world.now, "text": "看东门", "mentions": [officer.user]}
    actions.comment(case, world.doer("expert"), **said)
    client = signed_in(officer)
    with django_assert_max_num_queries(14):
        page = client.get("/cases/mine/").content.decode()
    assert f'href="/cases/{case.code}/do/finish/"' in page
    assert "看东门" in page
    alone = client.get("/cases/mine/", {"what": "finish", "page": "1"}).content.decode()
    assert case.code in alone
    assert "看东门" not in alone


def test_one_click_signs_a_rung_and_the_second_is_told(world: World) -> None:
    case, dispatcher = world.until("rectifying"), world.doer("dispatcher")
    grid = signed_in(world.doer("grid_member"))
    late(case, world, 1.01)
    climbing.run(world.rules, LADDER, now=world.now)
    climb = Climb.objects.get(rung="supervise")
    address = f"/cases/rungs/{climb.pk}/sign/"
    refused = grid.post(address)
    assert refused.status_code >= 400
    assert "is signed by: Dispatcher" in refused.content.decode()
    client = signed_in(dispatcher)
    assert address in client.get("/cases/mine/").content.decode()
    done = client.post(address, follow=True).content.decode()
    assert f"“Supervision” of case {case.code} is issued." in done
    assert address not in done
    again = client.post(address)
    assert again.status_code >= 400
    assert f"was issued already, by {dispatcher.user.name}" in again.content.decode()


def test_nothing_owed_says_so(world: World) -> None:
    page = signed_in(world.doer("grid_member")).get("/cases/mine/").content.decode()
    assert "Nothing waits for you" in page
