"""Who the interface answers, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import lantian.evaluation as ev
from lantian.network import Network
from lantian.web.accounts import gate, tokens
from lantian.web.accounts.models import Token, User
from lantian.web.api import limits, service
from lantian.web.places.models import Territory

V1 = "/api/v1"


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(service, "throttle", limits.Throttle())
    return


@pytest.fixture
def token_of(person: Callable[..., User]) -> Callable[..., str]:
    """Return a maker of tokens of somebody of a role."""

    def make(role: str, territory: Territory | None = None, *, days: int = 30) -> str:
        secret = tokens.fresh()
        Token.objects.create(
            user=person(role, territory), name="tests", start=secret[: tokens.START],
            digest=tokens.digest(secret), expires_at=timezone.now() + timedelta(days=days),
            made_at=timezone.now() - timedelta(days=90),
        )  # fmt: skip
        return secret

    return make


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


REVERSED = "datetime_from=2026-11-02&datetime_to=2026-10-01"
BAD = [
    ("daily?staton=9901S", 400, "api.unknown_parameter", "staton"),
    ("daily?station=none", 404, "api.unknown_station", "none"),
    ("stations/none", 404, "api.unknown_station", "none"),
    ("daily?parameter=pm3", 400, "api.unknown_measure", "pm3"),
    ("daily?edition=1999", 400, "api.unknown_edition", "1999"),
    ("rankings?method=best", 400, "api.unknown_method", "best"),
    ("rankings?key=best", 400, "api.unknown_measure", "best"),
    ("daily?datetime_from=yesterday", 400, "api.bad_datetime", "yesterday"),
    (f"hourly?{REVERSED}", 400, "api.reversed", "2026-11-02"),
    (
        f"daily?{REVERSED}",
        400,
        "evaluation.period_reversed",
        "",
    ),
    ("daily?datetime_from=1900-01-01", 400, "api.too_much", "250,000"),
    ("hourly?datetime_from=2025-01-01", 400, "api.too_much", "250,000"),
    ("periods?period=2026-13", 400, "evaluation.bad_period", "2026-13"),
    ("periods?period=2026&datetime_from=2026-01-01", 400, "api.period_twice", ""),
    ("daily?page=0", 400, "api.bad_parameter", "page"),
    ("daily?limit=10001", 400, "api.bad_parameter", "limit"),
    ("daily?format=xml", 400, "api.bad_parameter", "format"),
    ("nothing", 404, "web.404", ""),
]


@pytest.mark.parametrize("bad", BAD, ids=[b[0] for b in BAD])
def test_bad_questions_are_told_what_is_wrong(
    served: Network, sign_in: Callable[..., Client], bad: tuple[str, int, str, str]
) -> None:
    question, status, code, named = bad
    answer = sign_in("expert").get(f"{V1}/{question}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "data"}
    assert answer.json()["error"] == code
    assert named in answer.json()["message"]


def test_a_plus_that_became_a_space_is_understood(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    query = "datetime_from=2026-11-20T00:00:00+08:00&datetime_to=2026-11-20T01:00:00+08:00"
    answer = sign_in("expert").get(f"{V1}/hourly?station=9901S&parameter=pm25&{query}").json()
    assert [r["period"]["datetimeTo"]["local"] for r in answer["results"]] == [
        "2026-11-20T01:00:00+08:00"
    ]


@pytest.mark.django_db
def test_without_a_token_nothing(served: Network) -> None:
    answer = Client().get(f"{V1}/stations")
    assert answer.status_code == 401
    assert answer.json()["error"] == "web.sign_in"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_stands_for_its_person(served: Network, token_of: Callable[..., str]) -> None:
    token = token_of("expert")
    for headers in (bearer(token), {"X-API-Key": token}):
        answer = Client().get(f"{V1}/stations", headers=headers)
        assert answer.status_code == 200
        assert answer.json()["meta"]["found"] == served.stations().height


def test_a_token_opens_no_page(served: Network, token_of: Callable[..., str]) -> None:
    answer = Client().get(reverse("air:network"), headers=bearer(token_of("expert")))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign-in"))


def test_tokens_that_do_not_work(
    served: Network, token_of: Callable[..., str], sign_in: Callable[..., Client]
) -> None:
    expired, revoked = token_of("expert", days=-1), token_of("expert")
    Token.objects.filter(digest=tokens.digest(revoked)).update(revoked_at=timezone.now())
    left = token_of("expert")
    User.objects.filter(tokens__digest=tokens.digest(left)).update(is_active=False)
    without_api = token_of("inspector")
    signed_in = sign_in("expert")  # a wrong token is refused whatever session comes with it
    for token in (expired, revoked, left, without_api, "lt_nonsense", ""):
        answer = signed_in.get(f"{V1}/stations", headers=bearer(token))
        assert answer.status_code == 401, token
        assert answer.json()["error"] == "api.bad_token"


def test_roles_without_the_interface_are_refused(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    for question in ("stations", "daily", "docs/", "openapi.json"):
        answer = sign_in("leader").get(f"{V1}/{question}")
        assert answer.status_code == 403
        assert answer.json()["error"] == "web.403"


def test_only_stations_in_reach(
    served: Network, towns: dict[str, Territory], sign_in: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    mine = frozenset({"9905S", "9906S"})
    whole = gate.access_of
    monkeypatch.setattr(gate, "access_of", lambda *a: replace(whole(*a), stations=mine))
    client = sign_in("expert")
    for question in ("now", "hourly", "daily", "periods", "rankings"):
        results = client.get(f"{V1}/{question}", {"limit": 10_000}).json()["results"]
        assert {r["station"]["id"] for r in results} == mine, question
    assert {s["id"] for s in client.get(f"{V1}/stations").json()["results"]} == mine
    for question in (
        "stations/9901S",
        "daily?station=9901S",
        "daily?cities=true",
        "rankings?cities=true",
    ):
        assert client.get(f"{V1}/{question}").status_code == 404, question
    ranks = {r["station"]["id"]: r["rank"] for r in client.get(f"{V1}/rankings").json()["results"]}
    frame = served.ranking(ev.span("2026-11")).frame
    places = dict(frame.select("station", "rank").iter_rows())
    assert ranks == {s: places[s] for s in mine}  # places of the whole network


def test_an_answer_of_another_reach_is_another(
    served: Network, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in("expert")
    etag = client.get(f"{V1}/daily")["ETag"]
    whole = gate.access_of
    monkeypatch.setattr(
        gate, "access_of", lambda *a: replace(whole(*a), stations=frozenset({"9905S"}))
    )
    assert client.get(f"{V1}/daily", headers={"If-None-Match": etag}).status_code == 200


def test_too_many_requests_wait(
    served: Network, sign_in: Callable[..., Client], token_of: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(service, "throttle", limits.Throttle(requests=2, window=60.0))
    one, other = token_of("expert"), token_of("expert")
    answers = [Client().get(f"{V1}/stations", headers=bearer(one)) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[2].json()["error"] == "api.throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert Client().get(f"{V1}/stations", headers=bearer(other)).status_code == 200


def test_the_window_slides() -> None:
    at = [0.0]
    throttle = limits.Throttle(requests=2, window=10.0, clock=lambda: at[0])
    throttle.count("a")
    at[0] = 6.0
    throttle.count("a")
    with pytest.raises(limits.TooManyRequestsError) as refused:
        throttle.count("a")
    assert refused.value.data == {"retry_after": 4}
    at[0] = 10.1
    throttle.count("a")


def test_nothing_is_written(served: Network, sign_in: Callable[..., Client]) -> None:
    client = sign_in("expert")
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"{V1}/stations").status_code == 405


def test_no_other_site_may_read(served: Network, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("expert").get(
        f"{V1}/stations", headers={"Origin": "https://elsewhere.example"}
    )
    assert not [h for h in answer.headers if h.lower().startswith("access-control")]


def test_openapi_describes_every_address(served: Network, sign_in: Callable[..., Client]) -> None:
    client = sign_in("expert")
    described: dict[str, Any] = client.get(f"{V1}/openapi.json").json()
    assert set(described["paths"]) == {
        f"{V1}/{q}"
        for q in (
            "stations",
            "stations/{station}",
            "now",
            "hourly",
            "daily",
            "periods",
            "rankings",
            "sources",
            "cases",
            "cases/{code}",
            "work",
            "territories",
            "problem-types",
        )
    }
    page = client.get(f"{V1}/docs/").content.decode()
    for path, methods in described["paths"].items():
        assert path in page
        for parameter in methods["get"]["parameters"]:
            assert parameter["schema"].get("description") or parameter["in"] == "path", parameter
            assert f"<code>{parameter['name']}</code>" in page


@pytest.mark.parametrize(
    "question",
    [
        "hourly?datetime_to=9999-12-31", "hourly?datetime_from=0001-01-01T00:00:00%2B14:00",
        "daily?datetime_to=0001-01-05", "daily?datetime_to=9999-12-31",
        "periods?period=9999-12-30..9999-12-31", "rankings?period=0001", "rankings?period=0001-06",
    ],
)  # fmt: skip
def test_the_ends_of_the_calendar_are_refused(
    served: Network, sign_in: Callable[..., Client], question: str
) -> None:
    answer = sign_in("expert").get(f"{V1}/{question}")
    assert answer.status_code == 400
    assert answer.json()["error"] in {"api.bad_datetime", "evaluation.bad_period"}


def test_a_page_beyond_all_is_empty(served: Network, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("expert").get(f"{V1}/stations", {"page": "9" * 30})
    assert answer.status_code == 200
    assert answer.json()["results"] == []
