"""The page of a case and its whole file: what they say, to whom, with how many queries."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import fastexcel
import polars as pl
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from lantian.network import Network
from lantian.web.cases import actions, around, case_figures, steps, story
from lantian.web.cases.catalogue_reading import shipped
from lantian.web.cases.indicators import load
from lantian.web.cases.models import Case, CaseEvent
from lantian.web.cases.reach import reach_of
from lantian.web.core.clock import now
from lantian.web.evidence.models import File
from lantian.web.evidence.queries import file_of
from lantian.web.sources.models import Source
from tests.web.cases import world as worlds
from tests.web.cases.world import World

SignIn = Callable[..., Client]


@pytest.fixture
def world(served: Network, db: None) -> World:
    """Return the world of the cases, three weeks before the moment the county is served at."""
    made = worlds.make()
    made.now = now() - timedelta(days=21)
    return made


@pytest.fixture
def here(served: Network) -> dict[str, float]:
    """Return a position 500 m or so from a station."""
    row = served.stations().drop_nulls(["lon", "lat"]).row(0, named=True)
    return {"lon": row["lon"] + 0.004, "lat": row["lat"] + 0.003}


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_page_tells_the_whole_story(
    world: World, here: dict[str, float], sign_in: SignIn
) -> None:
    case = world.until("reinspecting", **here)
    world.do("fail", case, world.doer("inspector"), finding="东侧裸土未覆盖")
    world.do("comment", case, world.doer("expert"), text="看一看东侧")
    page = text_of(sign_in("dispatcher").get(f"/cases/{case.code}/"))
    for said in (case.code, case.title, "东侧裸土未覆盖", "看一看东侧", "inspector·outside·0",
                 "丙镇人民政府", "by territory", "Failed re-inspections",
                 "daily mean"):  # fmt: skip
        assert said in page, said
    assert 'class="bad"' in page
    assert 'class="air"' in page
    assert page.index(">Take in<") < page.index(">Dispatch<") < page.index("看一看东侧")


def test_a_case_out_of_reach_is_not_there(world: World, sign_in: SignIn) -> None:
    case = world.until("rectifying")
    elsewhere = sign_in("grid_member", world.elsewhere)
    for address in (f"/cases/{case.code}/", f"/cases/{case.code}/file/", "/cases/2026-9999/"):
        assert elsewhere.get(address).status_code == 404, address
    assert sign_in("grid_member", world.town).get(f"/cases/{case.code}/").status_code == 200


def test_cases_out_of_reach_are_not_named_as_related(world: World, sign_in: SignIn) -> None:
    far = Source.objects.create(
        number="S-000002", kind="construction_site", name="远工地", territory=world.elsewhere,
        sector="construction", made_at=world.now, changed_at=world.now,
    )  # fmt: skip
    case = world.until("rectifying", source=world.source)
    actions.sweep(
        case, [far], world.doer("dispatcher"), world.rules, seen=case.version, now=world.now
    )
    child = Case.objects.get(sweep_of=case)
    assert f"/cases/{child.code}/" in text_of(sign_in("leader").get(f"/cases/{case.code}/"))
    near = text_of(sign_in("grid_member", world.town).get(f"/cases/{case.code}/"))
    assert f"/cases/{child.code}/" not in near


def test_merged_cases_bring_their_history(world: World, sign_in: SignIn) -> None:
    merged = world.take_in(title="同一处")
    into = world.take_in(title="主案")
    world.do("merge", merged, world.doer("dispatcher"), target=into)
    page = text_of(sign_in("leader").get(f"/cases/{into.code}/"))
    assert f'href="/cases/{merged.code}/"' in page
    assert "Merged into this one" in page
    assert "it goes on as" in text_of(sign_in("leader").get(f"/cases/{merged.code}/"))


def test_who_answers_for_one_case_learns_nothing_of_another_merged_into_it(
    world: World, sign_in: SignIn
) -> None:
    merged = world.take_in(title="别处所报", description="只属此件的话")
    into = world.take_in(title="主案", source=world.source)
    into = world.do("open", into, world.doer("dispatcher"))
    world.do("merge", merged, world.doer("dispatcher"), target=into, reason="同一处的理由")
    into.refresh_from_db()
    into = world.do("dispatch", into, world.doer("dispatcher"))
    inside = world.doer("enterprise_officer", "lead")
    seen = reach_of([inside.post]).cases()
    assert into in seen
    assert [c.code for c in story.of_case(into, seen).merged] == []
    assert {e.case_id for e in story.of_case(into, seen).events} == {into.pk}
    everything = reach_of([world.doer("leader").post]).cases()
    assert {e.case_id for e in story.of_case(into, everything).events} == {into.pk, merged.pk}
    digest = "e" * 64
    File.objects.create(
        sha256=digest, kind="png", size=1, width=1, height=1, at=world.now
    )  # fmt: skip
    CaseEvent.objects.create(
        case=merged, number=9, action="verify", before="merged", after="merged", at=world.now,
        actor_name="tests", data={"evidence": [{"kind": "photo_before", "digest": digest}]},
    )  # fmt: skip
    assert file_of(into, digest, seen) is None
    assert file_of(into, digest, everything) is not None


def test_possible_duplicates_are_offered(
    world: World, here: dict[str, float], sign_in: SignIn
) -> None:
    one = world.take_in(title="甲报", **here)
    other = world.take_in(title="乙报", **here)
    page = text_of(sign_in("dispatcher").get(f"/cases/{one.code}/"))
    assert "Possibly the same" in page
    assert f"/cases/{other.code}/" in page
    assert "0 m" in page


@pytest.mark.parametrize("state", sorted(worlds.WAYS))
def test_every_state_has_its_page(world: World, sign_in: SignIn, state: str) -> None:
    case = world.until(state)
    client = sign_in("dispatcher")
    assert case.code in text_of(client.get(f"/cases/{case.code}/"))
    assert case.code in text_of(client.get(f"/cases/{case.code}/file/"))


def test_steps_say_when_how_often_and_whether_in_time(world: World) -> None:
    case = world.until("reinspecting")
    world.do("fail", case, world.doer("inspector"))
    told = steps.line(story.of_case(case), world.now, timezone.localdate(world.now))
    by = dict(zip(steps.WAY, told, strict=False))
    assert [by[s].standing for s in ("verifying", "rectifying", "reinspecting", "closed")] == [
        "done", "now", "todo", "todo",
    ]  # fmt: skip
    assert by["rectifying"].note == "time no. 2"
    assert by["reinspecting"].at is None
    late = steps.line(story.of_case(case), world.now + timedelta(days=90), date(2027, 3, 1))
    assert late[3].late
    assert "overdue" in late[3].note


def test_the_pollutant_fits_the_problem_and_says_why() -> None:
    table = load()
    assert table.of("construction", "site_uncovered").pollutant == "pm10"
    assert table.of("industry", "voc_uncollected").pollutant == "o3"
    assert table.of("coal", "loose_coal_burned").pollutant == "pm25"
    assert set(table.types) <= set(shipped().types)
    assert all(i.why for i in (*table.sectors.values(), *table.types.values()))


def test_the_days_are_those_of_the_nearest_station_that_measured(
    world: World, here: dict[str, float], served: Network, sign_in: SignIn
) -> None:
    case = world.until("closed", **here)
    station = served.stations().drop_nulls(["lon", "lat"]).row(0, named=True)["station"]
    page = sign_in("dispatcher").get(f"/cases/{case.code}/?format=csv")
    rows = pl.read_csv(page.content)
    seen = timezone.localdate(case.found_at)
    assert rows["date"][0] == (seen - timedelta(days=14)).isoformat()
    assert rows["station"].unique().to_list() == [station]
    days = served.days(seen - timedelta(days=14), seen, stations=(station,))
    assert rows["pm10"][3] == days.sort("date")["pm10"][3]


def test_no_day_of_the_chart_is_after_yesterday_or_thirty_days_after_closing(world: World) -> None:
    case = world.take_in()
    span = around.Span(case.found_at, None, None, None)
    seen = timezone.localdate(case.found_at)
    assert span.days(seen + timedelta(days=5)) == (
        seen - timedelta(days=14), seen + timedelta(days=4)
    )  # fmt: skip
    closed = around.Span(case.found_at, None, None, case.found_at + timedelta(days=2))
    assert closed.days(seen + timedelta(days=400))[1] == seen + timedelta(days=32)


def test_marks_on_one_row_do_not_touch() -> None:
    near = around.Station("1", "站", 115.0, 37.0, 1.0, 90.0)
    start = date(2026, 10, 1)
    air = around.Series(
        near, load().of("construction", ""), start, start + timedelta(days=59), [50.0] * 60,
        [(start + timedelta(days=14 + i), m)
         for i, m in enumerate(("seen", "dispatched", "rectified", "closed"))],
        120.0, "24h", "2026-transition", None, None,
    )  # fmt: skip
    rows = case_figures._mark_rows(air, case_figures.WIDE)
    assert len({row for *_rest, row in rows}) > 1
    assert case_figures.air_chart(air, case_figures.NARROW).count("<line") > 4


def test_the_file_is_a_workbook_that_runs_nothing(world: World, sign_in: SignIn) -> None:
    case = world.take_in(title="=1+1", description="=cmd()")
    answer = sign_in("auditor").get(f"/cases/{case.code}/file/?format=xlsx")
    book = fastexcel.read_excel(answer.content)
    assert book.sheet_names == ["Case", "Stages", "Story", "Evidence", "Who answers"]
    assert book.load_sheet("Story").height == 1
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        sheets = [parts.read(n).decode() for n in parts.namelist() if "worksheets/" in n]
    assert len(sheets) == 5
    assert not any("<f>" in sheet for sheet in sheets)


def test_the_page_has_a_budget_of_queries(
    world: World, here: dict[str, float], sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    case = world.until("rectifying", source=world.source, **here)
    for n in range(20):
        world.do("report", case, world.doer("town_officer", "lead"), text=f"进展 {n}")
        world.do("comment", case, world.doer("expert"), text=f"意见 {n}")
    client = sign_in("dispatcher")
    client.get(f"/cases/{case.code}/")
    with django_assert_max_num_queries(45):
        page = text_of(client.get(f"/cases/{case.code}/"))
    assert "more entries" in page
    with django_assert_max_num_queries(40):
        text_of(client.get(f"/cases/{case.code}/file/"))


def test_a_source_and_a_territory_show_their_cases(world: World, sign_in: SignIn) -> None:
    open_one = world.until("rectifying", source=world.source, title="在办")
    ended = world.until("closed", source=world.source, title="办结")
    for address in (f"/sources/{world.source.number}/",
                    f"/places/territories/{world.town.code}/"):  # fmt: skip
        page = text_of(sign_in("administrator").get(address))
        assert f"/cases/{open_one.code}/" in page
        assert f"/cases/{ended.code}/" in page
        assert "1 open" in page
        assert "1 ended" in page
    elsewhere = text_of(
        sign_in("administrator").get(f"/places/territories/{world.elsewhere.code}/")
    )
    assert "There has been no case here" in elsewhere


def test_the_search_finds_cases_by_number_and_title_within_reach(
    world: World, sign_in: SignIn
) -> None:
    case = world.until("rectifying", title="第七工地裸土")
    mine = sign_in("leader")
    for text in (case.code, "第七工地"):
        assert f"/cases/{case.code}/" in text_of(mine.get("/search", {"q": text})), text
        other = sign_in("grid_member", world.elsewhere)
        assert f"/cases/{case.code}/" not in text_of(other.get("/search", {"q": text})), text
