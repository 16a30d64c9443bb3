"""The board, the map and the statistics: counts, links, who sees what, files, speed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lantian.network import Network
from lantian.web.cases.models import Case, Step
from lantian.web.core import clock
from tests.web.cases.world import World

SignIn = Callable[..., Client]
STATES = (
    "verifying", "opened", "dispatched", "returned", "rectifying", "suspended", "reinspecting",
    "closing", "closed", "declined",
)  # fmt: skip


@pytest.fixture
def cases(served: Network, world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Case]:
    """Return a case in each state; the pages speak of an hour after the last was done."""
    made = {state: world.until(state, title=f"案件 {state}") for state in STATES}
    monkeypatch.setattr(clock, "now", lambda: later(world))
    return made


def later(world: World) -> datetime:
    return (world.now + timedelta(hours=1)).astimezone()


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def table_of(page: str, name: str) -> str:
    return page[page.index(f'id="{name}"') :].split("</table>", maxsplit=1)[0]


def test_each_case_stands_in_its_lane(cases: dict[str, Case], sign_in: SignIn) -> None:
    page = text_of(sign_in("dispatcher").get("/cases/"))
    for state in ("verifying", "opened", "dispatched", "rectifying", "reinspecting", "closing"):
        lane = page[page.index(f'id="lane-{state}"') :].split("</section>")[0]
        assert f"案件 {state}" in lane
        assert re.findall(r"<b>(\d+)</b>", lane) == ["1"]
    assert "Suspended 1" in page
    assert "Returned, to be decided 1" in page
    assert f"/cases/{cases['closed'].code}/" not in page
    assert 'hx-trigger="every 60s"' in page


def test_the_sum_stands_beside_the_rate(
    cases: dict[str, Case], world: World, sign_in: SignIn
) -> None:
    Step.objects.filter(case=cases["closed"]).update(yellow_at=F("begun_at"), due_at=later(world))
    Step.objects.filter(case=cases["rectifying"], ended_at=None).update(
        begun_at=world.now, yellow_at=world.now, due_at=world.now
    )
    overdue = Step.objects.filter(ended_at=None, due_at__lte=later(world)).count()
    page = text_of(sign_in("dispatcher").get("/cases/"))
    assert f"= 1 on time ÷ (1 closed + {overdue} open overdue)" in page
    counts = table_of(page, "by-place")
    assert "colour=red" in counts
    assert "ended_since=2026-11-01&amp;ended_until=2026-11-30" in counts


def test_a_lane_shows_five_and_says_how_many_more(
    cases: dict[str, Case], world: World, sign_in: SignIn
) -> None:
    for n in range(6):
        world.take_in(title=f"又一件 {n}")
    page = text_of(sign_in("dispatcher").get("/cases/"))
    lane = page[page.index('id="lane-verifying"') :].split("</section>")[0]
    assert lane.count('class="ticket') == 5
    assert "and 2 more" in lane
    assert "/cases/ledger/?state=verifying" in lane


def test_filters_narrow_all_that_is_counted(cases: dict[str, Case], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    page = text_of(client.get("/cases/?channel=hotline"))
    assert 'class="ticket' not in page
    assert 'value="hotline" selected' in page
    assert "means nothing here" in text_of(client.get("/cases/?channel=pigeon"))
    assert "No open case fits" in text_of(client.get("/cases/map/?channel=hotline"))


@pytest.mark.parametrize("path", ["/cases/", "/cases/map/", "/cases/statistics/"])
def test_people_see_only_their_own(
    path: str, cases: dict[str, Case], world: World, sign_in: SignIn
) -> None:
    page = text_of(sign_in("town_officer", world.elsewhere).get(path))
    assert "案件" not in page
    assert "= 1 on time" not in page
    assert sign_in(None).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/cases/", "/cases/map/", "/cases/statistics/"])
def test_pages_of_an_empty_home(path: str, empty: Network, sign_in: SignIn) -> None:
    assert "<h1>" in text_of(sign_in("inspector").get(path))


def test_the_map_draws_a_case_where_it_or_its_source_is(
    cases: dict[str, Case], world: World, sign_in: SignIn
) -> None:
    here = world.take_in(title="有位置", lon=115.0, lat=37.0)
    there = world.take_in(title="在污染源", source=world.source)
    page = text_of(sign_in("dispatcher").get("/cases/map/"))
    drawn = page[page.index('role="group" viewBox') :].split("</svg>")[0]
    assert set(re.findall(r'href="/cases/([\d-]+)/"', drawn)) == {here.code, there.code}
    assert "8 cases have no place" in page


def test_statistics_say_what_went_back(
    cases: dict[str, Case], world: World, sign_in: SignIn
) -> None:
    world.do("fail", cases["reinspecting"], world.doer("inspector", "outside"))
    page = text_of(sign_in("dispatcher").get("/cases/statistics/"))
    assert "Failed re-inspections</dt><dd><b>1</b>" in page
    assert "Returned by a unit</dt><dd><b>1</b>" in page
    assert page.count("<svg") >= 3
    assert "means nothing here" in text_of(
        sign_in("dispatcher").get("/cases/statistics/?month=2026-99&span=7")
    )


def test_files_hold_what_the_pages_show(cases: dict[str, Case], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    for path in ("/cases/", "/cases/statistics/"):
        answer = client.get(f"{path}?format=csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        town = next(row for row in rows if row["by"] == "place")
        assert (town["name"], town["closed"]) == ("丙镇", "1")
        assert client.get(f"{path}?format=xlsx").content.startswith(b"PK")


def test_pages_ask_the_database_a_fixed_number_of_times(
    cases: dict[str, Case], world: World, sign_in: SignIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    for n in range(30):
        world.take_in(title=f"多 {n}")
    for path, most in (("/cases/", 24), ("/cases/map/", 20), ("/cases/statistics/", 42)):
        with django_assert_max_num_queries(most):
            client.get(path)


def test_months_that_ended_are_not_counted_again(
    cases: dict[str, Case], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries, world: World,
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    first = text_of(client.get("/cases/statistics/?span=12"))
    monkeypatch.setattr(clock, "now", lambda: later(world) + timedelta(minutes=1))
    with django_assert_max_num_queries(30):
        assert table_of(text_of(client.get("/cases/statistics/?span=12")), "by-unit") == (
            table_of(first, "by-unit")
        )


def test_medians_come_after_the_rest(cases: dict[str, Case], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    page = text_of(client.get("/cases/statistics/?span=3"))
    assert "Median, h" not in page
    later_ = re.findall(r'hx-get="(/cases/statistics/[^"]*medians=1)" hx-trigger="load"', page)
    address = later_[0].replace("&amp;", "&")
    assert "span=3" in address
    part = text_of(client.get(address, headers={"HX-Request": "true"}))
    assert "Median, h" in part
    assert "<h1" not in part
    whole = text_of(client.get(address))  # without scripts
    assert "Median, h" in whole
    assert "<h1" in whole


def test_the_board_takes_part_in_the_rotation_of_the_wall(
    cases: dict[str, Case], sign_in: SignIn
) -> None:
    page = text_of(sign_in("dispatcher").get("/cases/?wall=1&rotate=30"))
    assert 'hx-get="/today/?wall=1&amp;rotate=30" hx-trigger="every 30s"' in page
    shown = page[page.index('id="shown"') :]  # the part that is put in by the page before
    assert "<h1>Board</h1>" in shown
    assert 'class="ticket' in shown
    assert "<form" not in page[page.index("<main") :]
    still = text_of(sign_in("dispatcher").get("/cases/?wall=1"))
    assert 'hx-trigger="every 60s"' in still
