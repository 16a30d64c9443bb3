"""What the actions do beside moving a case along the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lantian.errors import DomainError
from lantian.web.accounts.models import Appointment
from lantian.web.audit.models import Event
from lantian.web.audit.verify import verify
from lantian.web.cases import actions, queries
from lantian.web.cases.actions import Complainant, Doer, Evidence
from lantian.web.cases.doers import responsibility
from lantian.web.cases.models import Case, CaseEvent, Reporter, Step
from lantian.web.duties.responsibility import Holder
from lantian.web.sources.models import Source
from tests.web.cases.world import NOW, PHOTOS, World, calendar


def refused(code: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def open_step(case: Case) -> Step:
    return Step.objects.get(case=case, ended_at=None)


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_case_goes_all_the_way_and_its_story_is_whole(world: World) -> None:
    case = world.until("closed")
    assert (case.outcome, case.version) == ("rectified", 7)
    limit = world.rules.in_force(NOW.date()).type("site_uncovered").limits["look_back"]
    assert case.look_back_on == (case.ended_at + timedelta(days=limit.value)).date()
    events = list(case.events.all())
    assert [e.action for e in events] == [
        "take_in", "open", "dispatch", "accept", "finish", "pass", "close",
    ]  # fmt: skip
    logged = [Event.objects.get(pk=e.audit) for e in events]
    assert logged[-1].action == "cases.closed"
    assert [e.details["number"] for e in logged] == list(range(1, 8))
    assert events[4].data["evidence"][0] == {"kind": "photo_before", "digest": "a" * 64, "note": ""}
    stages = list(case.steps.values_list("stage", "ended_at"))
    assert [s for s, _ended in stages] == [
        "verifying", "opened", "dispatched", "rectifying", "reinspecting", "closing",
    ]  # fmt: skip
    assert all(ended is not None for _s, ended in stages)
    assert verify().ok


def test_numbers_count_from_one_in_each_year_without_gaps(world: World) -> None:
    codes = [world.take_in().code for _n in range(2)]
    refused("cases.no_title", world.take_in, title=" ")
    refused("cases.unknown_problem", world.take_in, problem="unheard_of")
    codes.append(world.take_in().code)
    world.now += timedelta(days=60)
    assert [*codes, world.take_in().code] == ["2026-0001", "2026-0002", "2026-0003", "2027-0001"]


def test_what_comes_in_is_sound(world: World) -> None:
    refused("cases.unknown_channel", world.take_in, channel="rumour")
    refused("cases.unknown_channel", world.take_in, channel="sweep")
    refused("cases.in_the_future", world.take_in, found_at=NOW + timedelta(hours=1))
    refused("cases.half_position", world.take_in, lon=115.0)
    refused("cases.unknown_severity", world.take_in, severity="dire")
    refused("cases.not_your_role", world.take_in, world.doer("auditor"))
    refused("cases.channel_needs_a_person", world.take_in, "alerts", channel="patrol")
    case = world.take_in("alerts", channel="alert")
    event = case.events.get()
    assert (event.actor, event.actor_name, event.role) == (None, "alerts", "")
    local = world.doer("grid_member", n=1)
    local.post.territory = world.elsewhere
    local.post.save()
    refused("cases.not_your_place", world.take_in, local)


def test_an_order_from_above_carries_its_number_and_both_deadlines(world: World) -> None:
    order = {"channel": "higher_inspection", "external_number": "督〔2026〕7号"}
    late, early = NOW + timedelta(days=40), NOW + timedelta(hours=10)
    refused("cases.order_incomplete", world.take_in, **order)
    refused("cases.order_incomplete", world.take_in, **order, external_due=early, own_due=late)
    case = world.until("rectifying", **order, external_due=late, own_due=early)
    step = open_step(case)
    assert (step.due_at, step.rule) == (early, "own_due")
    officer = world.doer("town_officer", "lead")
    beyond = late + timedelta(days=1)
    refused("cases.beyond_order", world.do, "ask_extension", case, officer, until=beyond)
    refused("cases.not_later", world.do, "ask_extension", case, officer, until=early)


def test_the_post_must_be_held_on_the_day(world: World) -> None:
    case = world.until("dispatched")
    officer = world.doer("town_officer", "lead")
    Appointment.objects.filter(pk=officer.post.pk).update(valid_to=date(2026, 11, 1))
    refused("cases.post_not_held", world.do, "accept", case, officer)
    stranger = Doer(world.doer("inspector").user, world.doer("town_officer", "lead", 1).post)
    refused("cases.post_not_held", world.do, "accept", case, stranger)


def test_who_saw_an_older_case_is_told_what_happened(world: World) -> None:
    case = world.until("dispatched")
    seen = case.version
    world.do("accept", case, world.doer("town_officer", "lead"))
    second = world.doer("town_officer", "lead", 1)
    error = refused("cases.changed_meanwhile", world.do, "return", case, second, seen=seen)
    assert "town_officer·lead·0 did “Accept”" in error.message
    assert error.data["events"] == ["accept"]


def test_responsibility_is_frozen_and_a_withdrawn_dispatch_takes_it_back(world: World) -> None:
    case = world.until("dispatched")
    found = responsibility(again(case))
    assert found is not None
    assert found.lead.name == "丙镇人民政府"
    first = world.doer("dispatcher", n=9)
    refused("cases.no_reason", world.do, "withdraw", case, first, reason=" ")
    world.do("withdraw", case, first)
    case = again(case)
    assert (case.state, case.responsibility, case.dispatched_by) == ("opened", None, None)
    kept = case.events.get(action="withdraw").data["responsibility"]
    assert kept["lead"]["name"] == "丙镇人民政府"


def test_a_second_return_goes_up_and_a_new_unit_answers(world: World) -> None:
    case = world.until("returned")
    assert (case.returns, case.proposed_owner) == (1, world.units["other"])
    dispatcher, leader = world.doer("dispatcher"), world.doer("leader")
    refused("cases.same_owner", world.do, "reassign", case, dispatcher, owner=world.units["lead"])
    world.do("uphold", case, dispatcher)
    assert again(case).proposed_owner is None
    world.do("return", case, world.doer("town_officer", "lead"))
    refused("cases.goes_up", world.do, "reassign", case, dispatcher)
    world.do("reassign", case, leader)
    found = responsibility(again(case))
    assert found is not None
    assert (found.lead.name, found.rule) == ("丁镇人民政府", "arbitrated")
    assert found.because[-1].startswith("leader·outside·0裁定改派丁镇人民政府")
    refused("cases.not_lead_unit", world.do, "accept", case, world.doer("town_officer", "lead"))
    world.do("accept", case, world.doer("town_officer", "other"))


def test_more_time_is_asked_for_and_granted(world: World) -> None:
    case = world.until("rectifying")
    before = open_step(case)
    until = before.due_at + timedelta(days=3)
    world.do("ask_extension", case, world.doer("town_officer", "lead"), until=until)
    world.do("grant_extension", case, world.doer("dispatcher"))
    after = open_step(case)
    assert (after.pk, after.due_at, after.first_due_at) == (before.pk, until, before.due_at)
    assert after.yellow_at > before.yellow_at
    assert (case.extensions, case.extension_until) == (1, None)


def test_a_suspended_case_has_the_time_left_that_it_had(world: World) -> None:
    case = world.until("rectifying")
    due = open_step(case).due_at
    refused(
        "cases.review_past", world.do, "suspend", case, world.doer("leader"),
        review_on=NOW.date(),
    )  # fmt: skip
    world.do("suspend", case, world.doer("leader"))
    assert not Step.objects.filter(case=case, ended_at=None).exists()
    stopped = Step.objects.filter(case=case, stage="rectifying").get().ended_at
    assert case.review_on is not None
    world.now += timedelta(days=70)
    world.do("resume", case, world.doer("dispatcher"))
    step = open_step(case)
    unit = step.clock().unit
    left = calendar().measure(world.now, step.due_at, unit)
    assert abs(left - calendar().measure(stopped, due, unit)) <= 1
    assert case.review_on is None


def test_a_failed_reinspection_goes_back_and_is_counted(world: World) -> None:
    case = world.until("reinspecting")
    world.do("fail", case, world.doer("inspector"))
    assert (case.state, case.failures, open_step(case).stage) == ("rectifying", 1, "rectifying")


@pytest.mark.parametrize("how", ["person", "post", "organisation"])
def test_who_rectified_cannot_reinspect(world: World, how: str) -> None:
    """A person with another post, a deputy of the post, and a colleague of the unit."""
    case = world.until("rectifying")
    officer = world.doer("town_officer", "lead")
    world.do("finish", case, officer)
    kept: dict[str, Any] = {"valid_from": date(2020, 1, 1), "role": "inspector"}
    if how == "person":
        kept |= {"user": officer.user, "organisation": world.units["outside"]}
        code = "cases.own_unit"  # the post of the unit goes with the person
    elif how == "post":
        other = world.doer("expert").user
        kept |= {"user": other, "deputy_for": officer.post, "valid_to": date(2027, 1, 1)}
        code = "cases.rectified_it"
    else:
        kept |= {"user": world.doer("expert").user, "organisation": world.units["lead"]}
        code = "cases.own_unit"
    post = Appointment.objects.create(**kept)
    refused(code, world.do, "pass", case, Doer(post.user, post))
    if how == "person":  # nor once that post has ended
        Appointment.objects.filter(pk=officer.post.pk).update(valid_to=date(2026, 1, 1))
        refused("cases.rectified_it", world.do, "pass", case, Doer(post.user, post))


def test_a_serious_case_needs_two_signatures_of_different_people(world: World) -> None:
    case = world.until("closing", severity="serious")
    first, second = world.doer("dispatcher"), world.doer("leader")
    refused("cases.needs_signature", world.do, "close", case, first)
    world.do("sign", case, first)
    refused("cases.signed_it", world.do, "close", case, first)
    world.do("refuse_close", case, second)
    world.do("pass", case, world.doer("inspector"))
    refused("cases.needs_signature", world.do, "close", case, second)  # a new round
    world.do("sign", case, first)
    world.do("close", case, second)
    assert case.signatures.filter(round=case.round).count() == 2


def test_who_is_scored_cannot_close(world: World) -> None:
    leader = world.doer("leader")
    named = Holder(leader.post.pk, leader.user.pk, leader.user.name, "leader")
    answer = replace(world.rules.resolve(on=NOW.date()), leader=named)  # type: ignore[call-arg]
    world.rules = replace(world.rules, resolve=lambda **asked: answer)
    case = world.until("closing")
    refused("cases.scored", world.do, "close", case, leader)
    world.do("close", case, world.doer("dispatcher"))


def test_a_relapse_opens_it_again_and_counts(world: World) -> None:
    case = world.until("closed")
    day = case.look_back_on
    assert day is not None
    world.do("look_back", case, world.doer("grid_member"))
    assert (case.state, case.look_back_on) == ("closed", None)
    world.do("relapse", case, world.doer("inspector"))
    assert (case.state, case.outcome, case.ended_at, case.reopenings, case.round) == (
        "rectifying", "", None, 1, 2,
    )  # fmt: skip
    assert case.events.get(action="relapse").data["outcome_before"] == "rectified"


def test_the_evidence_the_catalogue_asks_for_must_be_there(world: World) -> None:
    case = world.until("rectifying")
    officer = world.doer("town_officer", "lead")
    twice = [PHOTOS[0], *[Evidence("photo_after", "d" * 64)] * 2]  # one file given twice is one
    refused("cases.not_enough_evidence", world.do, "finish", case, officer, evidence=twice)
    wrong = [Evidence("photo_after", "no digest")]
    refused("cases.bad_evidence", world.do, "finish", case, officer, evidence=wrong)


def test_duplicates_are_found_and_merged_with_both_histories(world: World) -> None:
    first = world.take_in(lon=115.0, lat=37.0)
    second = world.take_in(lon=115.002, lat=37.0)  # 178 m further east
    world.take_in(lon=115.01, lat=37.0)  # 888 m
    world.take_in(lon=115.0, lat=37.0, problem="road_dust")
    world.take_in(lon=115.0, lat=37.0, found_at=NOW - timedelta(days=8))
    found = queries.duplicates("site_uncovered", NOW, lon=115.0, lat=37.0, besides=first)
    assert [d.case.pk for d in found] == [second.pk]
    assert found[0].metres == pytest.approx(177.6, abs=0.1)
    dispatcher = world.doer("dispatcher")
    refused("cases.bad_target", world.do, "merge", second, dispatcher, target=second)
    world.do("merge", second, dispatcher, target=first)
    assert (second.state, second.merged_into, second.outcome) == ("merged", first, "duplicate")
    told = [(e.case_id, e.action) for e in queries.history(first)]
    assert (second.pk, "take_in") in told
    assert (first.pk, "absorb") in told
    assert again(first).version == 2
    refused("cases.bad_target", world.do, "merge", first, dispatcher, target=second)
    nearby = queries.duplicates("site_uncovered", NOW, source=world.source)
    assert nearby == []


def test_a_confirmed_case_has_similar_sources_checked_once(world: World) -> None:
    others = [
        Source.objects.create(
            number=f"S-00000{n}", kind="construction_site", name=f"工地{n}",
            territory=world.elsewhere, sector="construction", lon=115 + n / 10, lat=37,
            made_at=NOW, changed_at=NOW,
        )
        for n in (3, 2)
    ]  # fmt: skip
    case = world.until("opened", source=world.source)
    assert queries.similar_sources(case) == [others[1], others[0]]
    world.do("sweep", case, world.doer("inspector"), sources=[*others, world.source])
    made = list(Case.objects.filter(sweep_of=case).order_by("number"))
    assert [(c.state, c.channel, c.source) for c in made] == [
        ("verifying", "sweep", s) for s in others
    ]
    world.do("sweep", case, world.doer("inspector"), sources=others)
    assert Case.objects.filter(sweep_of=case).count() == 2
    assert case.events.filter(action="sweep").last().data["cases"] == []


def test_who_complained_is_hidden_from_those_complained_of(world: World) -> None:
    case = world.until("rectifying", complainant=Complainant("王某", "13800000000"))
    assert Reporter.objects.get().case == case
    assert "王某" not in str(list(CaseEvent.objects.values())) + str(list(Event.objects.values()))
    for who in (("dispatcher", "lead"), ("town_officer", "lead"), ("leader", "outside")):
        doer = world.doer(*who)
        refused("cases.reporter_hidden", actions.read_reporter, case, doer, now=world.now)
    known = actions.read_reporter(case, world.doer("dispatcher"), now=world.now)
    assert known == Complainant("王某", "13800000000")
    last = Event.objects.latest("id")
    assert (last.action, last.actor_name) == ("cases.reporter_read", "dispatcher·outside·0")


def test_a_comment_mentions_people_and_fails_nobodys_action(world: World) -> None:
    case = world.until("rectifying")
    seen, asked = case.version, world.doer("leader").user
    made = actions.comment(case, world.doer("expert"), now=world.now, text="请看", mentions=[asked])
    assert list(asked.mentioned_in.all()) == [made]
    assert again(case).version == seen
    asked.is_active = False
    refused(
        "cases.mentions_nobody", actions.comment, case, world.doer("expert"), now=world.now,
        text="请看", mentions=[asked],
    )  # fmt: skip


def test_what_somebody_may_do_is_what_the_actions_let_them(world: World) -> None:
    case = world.until("rectifying")
    day = world.now.date()
    officer, leader = world.doer("town_officer", "lead"), world.doer("leader")
    assert [a.code for a in queries.possible(case, officer, day)] == [
        "report", "finish", "ask_extension", "comment",
    ]  # fmt: skip
    assert [a.code for a in queries.possible(case, leader, day)] == [
        "suspend", "void", "sweep", "comment",
    ]  # fmt: skip
