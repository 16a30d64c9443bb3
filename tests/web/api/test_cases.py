"""The questions about cases, work, territories and problem types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lantian.network import Network
from lantian.web.api import case_schemas, limits, schemas, service
from lantian.web.cases.actions import Complainant
from lantian.web.core import clock
from tests.web.cases import world as worlds
from tests.web.cases.world import World

V1 = "/api/v1"
ANSWERS: dict[str, type] = {
    "cases": case_schemas.Case, "territories": case_schemas.Territory,
    "problem-types": case_schemas.ProblemType, "work": case_schemas.Work,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(service, "throttle", limits.Throttle())
    return


@pytest.fixture
def world(served: Network, db: None) -> World:
    """Return a county with a case in each of four states, one of them complained of."""
    made = worlds.make()
    made.now = clock.now() - timedelta(days=2)
    made.until("verifying", complainant=Complainant("张三", "13800000000"), title="夜间扬尘")
    made.until("opened")
    made.until("rectifying", source=made.source)
    made.until("closed")
    return made


@pytest.fixture
def client(world: World, sign_in: Callable[..., Client]) -> Client:
    return sign_in("dispatcher")


def ask(client: Client, question: str, **query: object) -> dict[str, Any]:
    answer = client.get(f"{V1}/{question}", query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


@pytest.mark.parametrize("question", ANSWERS)
def test_answers_are_what_the_description_says(client: Client, question: str) -> None:
    answer = ask(client, question)
    page = schemas.Page[ANSWERS[question]].model_validate(answer, strict=True)  # type: ignore[valid-type]
    assert page.results
    csv = client.get(f"{V1}/{question}", {"format": "csv"})
    assert csv.status_code == 200
    assert csv["X-Total-Count"] == str(page.meta.found)


def test_one_case_tells_its_story_and_never_who_complained(client: Client) -> None:
    listed = {r["state"]: r["code"] for r in ask(client, "cases")["results"]}
    answer = client.get(f"{V1}/cases/{listed['closed']}")
    (whole,) = schemas.Page[case_schemas.WholeCase].model_validate_json(answer.content).results
    assert [e.number for e in whole.events] == list(range(1, whole.version + 1))
    assert whole.events[-1].after == "closed"
    assert {p.part for p in whole.parties} >= {"lead"}
    assert all(len(p.digest) == 64 for e in whole.events for p in e.evidence)
    assert any(e.evidence for e in whole.events)
    assert [s.stage for s in whole.steps][:2] == ["verifying", "opened"]
    told = client.get(f"{V1}/cases/{listed['verifying']}").content.decode()
    assert "张三" not in told
    assert "13800000000" not in told


def test_filters_are_those_of_the_ledger(client: Client) -> None:
    assert {r["state"] for r in ask(client, "cases", open="1")["results"]} == {
        "verifying", "opened", "rectifying",
    }  # fmt: skip
    both = ask(client, "cases", state="closed,verifying")
    assert {r["state"] for r in both["results"]} == {"closed", "verifying"}
    assert [r["title"] for r in ask(client, "cases", q="夜间")["results"]] == ["夜间扬尘"]
    assert ask(client, "cases", source="S-000001")["meta"]["found"] == 1
    assert ask(client, "cases", limit=1, page=2, sort="code")["meta"]["found"] == 4
    assert ask(client, "cases", page="9" * 30)["results"] == []


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ("cases?state=gone", 400, "cases.bad_filter"),
        ("cases?since=0001-01-01", 400, "cases.bad_filter"),
        ("cases?until=9999-12-31", 400, "cases.bad_filter"),
        ("cases?staet=closed", 400, "api.unknown_parameter"),
        ("cases/2026-9999", 404, "cases.unknown_case"),
        ("cases/nothing", 404, "cases.unknown_case"),
        ("cases/2026-" + "9" * 40, 404, "cases.unknown_case"),
        ("territories?under=none", 404, "api.unknown_territory"),
        ("problem-types?sector=none", 400, "cases.bad_filter"),
        ("work?group=none", 400, "cases.bad_filter"),
    ],
)
def test_bad_questions_are_told_what_is_wrong(
    client: Client, question: str, status: int, code: str
) -> None:
    answer = client.get(f"{V1}/{question}")
    assert answer.status_code == status, answer.content
    assert answer.json()["error"] == code


def test_territories_have_their_parents_and_boundaries(client: Client, world: World) -> None:
    rows = ask(client, "territories", under=world.county.code)["results"]
    assert {r["parent"] for r in rows} == {None, world.county.code}
    drawn = client.get(f"{V1}/territories", {"format": "geojson"}).json()
    assert drawn["type"] == "FeatureCollection"


def test_a_page_of_many_cases_costs_the_same_queries(
    client: Client, world: World, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(14):
        ask(client, "cases")


def test_what_has_changed_is_told(client: Client, world: World) -> None:
    first = client.get(f"{V1}/cases")
    again = {"If-None-Match": first["ETag"]}
    assert client.get(f"{V1}/cases", headers=again).status_code == 304
    world.take_in(title="又一处")
    assert client.get(f"{V1}/cases", headers=again).status_code == 200
