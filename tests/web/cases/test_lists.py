"""What lists of cases are made of: who sees which, what filters leave, and the clock of each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import Http404, QueryDict

from lantian.web.accounts.models import Appointment
from lantian.web.cases.asked import SORTS, Asked, asked
from lantian.web.cases.models import Case, CaseParty
from lantian.web.cases.reach import Reach, reach_of
from lantian.web.cases.rows import rows_of, with_clock
from tests.web.cases.world import World


def _post(world: World, role: str, unit: str = "outside", n: int = 0) -> Appointment:
    return world.doer(role, unit, n).post


def _codes(reach: Reach) -> set[str]:
    return {c.code for c in reach.cases()}


@pytest.fixture
def three(world: World) -> tuple[Case, Case, Case]:
    """Return a case to verify in town, one dispatched in town, one to verify elsewhere."""
    fresh = world.take_in()
    given = world.take_in(source=world.source)
    given = world.do("open", given, world.doer("dispatcher"))
    given = world.do("dispatch", given, world.doer("dispatcher"))
    away = world.take_in(doer=world.doer("dispatcher"), territory=world.elsewhere)
    return fresh, given, away


@pytest.mark.parametrize("role", ["dispatcher", "inspector", "expert", "leader", "auditor"])
def test_posts_of_the_network_see_all_cases(
    world: World, three: tuple[Case, Case, Case], role: str
) -> None:
    assert reach_of([_post(world, role)]).condition is None


@pytest.mark.parametrize("role", ["grid_member", "stationed_supervisor", "town_officer"])
def test_posts_of_a_territory_see_what_lies_in_it(
    world: World, three: tuple[Case, Case, Case], role: str
) -> None:
    post = _post(world, role, "other", 3)
    post.territory = world.elsewhere
    assert _codes(reach_of([post])) == {three[2].code}


def test_a_unit_sees_what_it_takes_part_in_wherever_it_lies(
    world: World, three: tuple[Case, Case, Case]
) -> None:
    post = _post(world, "town_officer", "supporting", 3)
    post.territory = world.elsewhere
    assert _codes(reach_of([post])) == {three[1].code, three[2].code}


def test_a_department_sees_its_sector_its_part_and_what_it_took_in(
    world: World, three: tuple[Case, Case, Case]
) -> None:
    post = _post(world, "department_officer", "other", 3)
    assert _codes(reach_of([post])) == set()
    post.sector = "construction"
    assert _codes(reach_of([post])) == {c.code for c in three}
    post.sector = "catering"
    assert _codes(reach_of([post])) == set()
    own = world.take_in(doer=world.doer("department_officer", "other", 3))
    assert _codes(reach_of([post])) == {own.code}


def test_an_enterprise_sees_its_own_and_only_once_dispatched(world: World) -> None:
    post = _post(world, "enterprise_officer", "lead", 1)
    case = world.take_in(source=world.source)
    case = world.do("open", case, world.doer("dispatcher"))
    assert _codes(reach_of([post])) == set()
    case = world.do("dispatch", case, world.doer("dispatcher"))
    assert _codes(reach_of([post])) == {case.code}
    other = _post(world, "enterprise_officer", "other", 1)
    assert _codes(reach_of([other])) == set()
    case = world.do("withdraw", case, world.doer("dispatcher"))
    assert _codes(reach_of([post])) == set()
    assert not CaseParty.objects.exists()


def test_somebody_without_a_post_sees_none_and_a_case_out_of_reach_is_not_there(
    world: World, three: tuple[Case, Case, Case]
) -> None:
    nobody = reach_of([])
    assert _codes(nobody) == set()
    with pytest.raises(Http404):
        nobody.case(three[0].code)
    all_ = reach_of([_post(world, "leader")])
    assert all_.case(three[0].code) == three[0]
    for wrong in ("2026-9999", "x", "2026-", "١٢-٣"):
        with pytest.raises(Http404):
            all_.case(wrong)


def test_parties_are_rows_of_the_frozen_responsibility(world: World) -> None:
    case = world.take_in(source=world.source)
    case = world.do("open", case, world.doer("dispatcher"))
    case = world.do("dispatch", case, world.doer("dispatcher"))
    named = {p["organisation"] for p in (case.responsibility or {})["supporting"]}
    kept = dict(case.parties.values_list("organisation", "part"))
    assert kept[world.units["lead"].pk] == "lead"
    assert case.lead_id == world.units["lead"].pk
    assert {o for o, part in kept.items() if part == "supporting"} == named - {case.lead_id}
    case = world.do("return", case, world.doer("department_officer", "lead"))
    case = world.do("reassign", case, world.doer("dispatcher"))
    now = dict(case.parties.values_list("organisation", "part"))
    assert case.lead_id != world.units["lead"].pk
    assert now[case.lead_id] == "lead"
    assert list(now.values()).count("lead") == 1


def test_filters_leave_what_fits(world: World, three: tuple[Case, Case, Case]) -> None:
    fresh, given, away = three
    rows = reach_of([_post(world, "leader")]).cases()

    def left(**given_filters: object) -> set[str]:
        return {c.code for c in Asked(**given_filters).apply(rows, world.now)}  # type: ignore[arg-type]

    everything = {fresh.code, given.code, away.code}
    lead = world.units["lead"].code
    assert left() == everything
    assert left(state=("verifying",)) == {fresh.code, away.code}
    assert left(state=("verifying", "dispatched")) == everything
    assert left(territory=world.elsewhere.code) == {away.code}
    assert left(territory=world.county.code) == everything
    assert left(lead=lead) == left(unit=lead) == {given.code}
    assert left(unit="O-999") == set()
    assert left(source=world.source.number) == {given.code}
    assert left(q=fresh.code) == {fresh.code}
    assert left(q="扬尘") == everything
    assert left(q=world.source.name) == {given.code}
    assert left(sector="catering") == set()
    assert left(open="1") == everything
    assert left(open="0") == set()
    day = world.now.date().isoformat()
    assert left(since=day, until=day) == everything
    assert left(until="2026-01-01") == left(since="2027-01-01") == set()


def test_colours_and_lateness_are_those_of_the_clock(world: World) -> None:
    case = world.take_in()
    step = case.steps.get()
    rows = reach_of([_post(world, "leader")]).cases()
    for moment, colour in (
        (step.begun_at, "green"),
        (step.yellow_at, "yellow"),
        (step.due_at - timedelta(seconds=1), "yellow"),
        (step.due_at, "red"),
    ):
        for name in ("green", "yellow", "red"):
            found = Asked(colour=name).apply(rows, moment)
            assert bool(found) == (name == colour), (name, moment)
        assert rows_of(with_clock(rows), moment)[0].colour == colour
    assert not Asked(late="1").apply(rows, step.begun_at)
    assert Asked(late="0").apply(rows, step.begun_at)
    assert Asked(late="1").apply(rows, step.due_at)
    world.now = step.due_at
    case = world.do("decline", case, world.doer("dispatcher"))
    assert Asked(late="1", open="0").apply(rows, step.begun_at)
    row = rows_of(with_clock(rows), world.now)[0]
    assert (row.clock, row.colour, row.clock_words) == (None, "", "")


def test_a_list_is_one_query_however_long(world: World, django_assert_num_queries: object) -> None:
    for _n in range(4):
        world.take_in(source=world.source)
    reach = reach_of([_post(world, "leader")])
    with django_assert_num_queries(1):  # type: ignore[operator]
        rows = rows_of(Asked().apply(reach.cases(), world.now), world.now)
    assert len(rows) == 4
    assert rows[0].source_name == world.source.name
    assert rows[0].clock_words
    assert rows[0].dial.startswith("M8 8")


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_order_runs_both_ways(
    world: World, three: tuple[Case, Case, Case], sort: str
) -> None:
    rows = reach_of([_post(world, "leader")]).cases()
    there = [c.code for c in Asked(sort=sort).apply(rows, world.now)]
    back = [c.code for c in Asked(sort=f"-{sort}").apply(rows, world.now)]
    assert sorted(there) == sorted(back)
    if sort in ("code", "taken_in"):
        assert there == back[::-1]


def test_an_address_is_read_and_what_means_nothing_is_said() -> None:
    query = QueryDict(
        "state=opened&state=nonsense&colour=blue&year=2026&since=2026-13-01&q=x&open="
    )
    found, problems = asked(query, Asked(open="1"))
    assert found == Asked(state=("opened",), year="2026", q="x")
    assert len(problems) == 3
    assert found.changed == {"state", "year", "q"}
    assert found.link("/cases/", q="") == "/cases/?state=opened&year=2026"
    assert asked(QueryDict(""), Asked(open="1"))[0].open == "1"
