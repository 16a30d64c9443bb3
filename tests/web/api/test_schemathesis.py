"""Every question of the interface, asked as its own description allows and as it does not.

The questions come from Schemathesis, which reads them from the OpenAPI document; names and dates
that exist here are put into half of them, so that answers are checked and not refusals only.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lantian.network import Network
from lantian.web.accounts import tokens
from lantian.web.accounts.models import Token, User
from lantian.web.api import limits, service
from lantian.web.cases.actions import Complainant
from lantian.web.core import clock
from tests.web.cases import world as worlds
from tests.web.cases.world import World

V1 = "/api/v1/"
ROLES = ("administrator", "dispatcher", "expert")  # all that may use the interface
EXAMPLES = 4  # of an operation, as described; and half as many that are not
TIME = ["2026-11-01", "2026-11-22T08:00:00+08:00", "2026-11-23"]
HERE: dict[str, list[Any]] = {
    "format": ["json", "csv"], "limit": [1, 50], "page": [1, 2],
    "station": [["9901S"], ["9901S", "9905S"]], "kind": [["national"], ["township"]],
    "parameter": [["pm25"], ["aqi"], ["pm25_mean", "composite_index"]],
    "calibre": ["realtime", "audited", "prefer-audited"], "datetime_from": TIME,
    "datetime_to": TIME, "edition": ["auto", "2012", "2026-final"], "cities": [True, False],
    "period": ["2026-10", "2026-11-01..2026-11-07"], "by": ["month"], "method": ["sum_equal_2012"],
    "key": ["composite_index", "pm25_mean"], "group": ["kind", "none", "verify", "dispatch"],
    "state": [["verifying"], ["closed", "opened"]], "colour": ["green", "red"],
    "sector": ["construction"], "severity": ["general"], "open": ["0", "1"], "late": ["0", "1"],
    "since": TIME[:1], "until": TIME[2:], "year": ["2026"], "q": ["扬尘"], "status": ["all"],
    "sort": ["-due", "code", "state"], "part": [1, 2], "level": ["town"], "source": ["S-000001"],
}  # fmt: skip


@pytest.fixture
def world(served: Network, db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    """Return a county with cases in four states, and an interface that may be asked at will."""
    monkeypatch.setattr(service, "throttle", limits.Throttle(requests=10**9))
    settings.ALLOWED_HOSTS = ["localhost"]
    made = worlds.make()
    made.now = clock.now() - timedelta(days=2)
    made.until("verifying", complainant=Complainant("张三", "13800000000"), title="夜间扬尘")
    made.until("opened")
    made.until("rectifying", source=made.source)
    made.until("closed")
    return made


def known(operation: Any, world: World) -> st.SearchStrategy[dict[str, Any]]:
    """Give some parameters of an operation values that mean something here."""
    here = {**HERE, "territory": [world.town.code, world.county.code], "under": [world.county.code]}
    if operation.path.endswith("sources"):
        here |= {"kind": ["construction_site"], "format": ["json", "csv", "geojson"]}
    names = {p.name for p in operation.query} & set(here)
    return st.fixed_dictionaries({}, optional={n: st.sampled_from(here[n]) for n in sorted(names)})


def token_of(user: User) -> str:
    secret = tokens.fresh()
    Token.objects.create(
        user=user, name="tests", start=secret[: tokens.START], digest=tokens.digest(secret),
        made_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return secret


def ask(operation: Any, world: World, people: list[str]) -> set[int]:
    """Ask one operation many things, each by the next of some tokens; return the statuses."""
    from schemathesis import GenerationMode  # noqa: PLC0415 - as below
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi.checks import (  # noqa: PLC0415
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        not_a_server_error, status_code_conformance, content_type_conformance,
        response_schema_conformance,
    ]  # fmt: skip
    came: set[int] = set()
    names = {"station": ["9901S", "none"], "code": ["2026-0001", "2026-0004", "none"]}
    parts = {p.name: st.sampled_from(names[p.name]) for p in operation.path_parameters}

    turns = itertools.cycle(people)

    def send(case: Any) -> None:
        headers = {
            "Authorization": f"Bearer {next(turns)}",
            "Accept-Encoding": "identity",  # the client in the same process unpacks nothing
        }
        response = case.call(headers=headers)
        case.validate_response(response, checks=checks)
        came.add(response.status_code)

    bounded = settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip

    @seed(2026)
    @bounded
    @given(
        case=operation.as_strategy(GenerationMode.POSITIVE),
        here=known(operation, world), path=st.fixed_dictionaries(parts), keep=st.booleans(),
    )  # fmt: skip
    def described(case: Any, here: dict[str, Any], path: dict[str, str], keep: bool) -> None:
        if not keep:
            case.query = here
            case.path_parameters = path
        send(case)

    @seed(2026)
    @settings(bounded, max_examples=EXAMPLES // 2)
    @given(case=operation.as_strategy(GenerationMode.NEGATIVE))
    def otherwise(case: Any) -> None:
        send(case)

    described()
    otherwise()
    return came


def test_answers_are_as_described(world: World, person: Callable[..., User]) -> None:
    import schemathesis  # noqa: PLC0415 - takes a second, which only this test is to pay

    people = [token_of(person(role)) for role in ROLES]
    description = schemathesis.openapi.from_wsgi(
        f"{V1}openapi.json", WSGIHandler(), headers={"Authorization": f"Bearer {people[0]}"}
    )
    asked = []
    for result in description.get_all_operations():
        operation = result.ok()
        asked.append(operation.path)
        assert 200 in ask(operation, world, people), operation.path
    assert asked == list(service.schema(V1)["paths"])  # type: ignore[call-overload]
