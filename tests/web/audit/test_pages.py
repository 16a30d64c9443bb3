"""The pages of the log: found, filtered, paged, verified, written out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from lantian.network import Network
from lantian.web.accounts.models import User
from lantian.web.audit import anchors, chain, guard, queries
from lantian.web.audit.models import Event

PAGE = "/audit/"


@pytest.fixture
def client(sign_in: Callable[..., Client], served: Network) -> Client:
    """Return an auditor's browser."""
    return sign_in("auditor")


@pytest.fixture
def log(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make 120 events on three days, one an hour, by two people."""
    for n in range(120):
        at = datetime(2026, 11, 18 + n // 24, n % 24, 30, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        who = "调度员甲" if n % 3 else "管理员甲"
        what = "accounts.signed_in" if n % 2 else "accounts.person_changed"
        chain.record(what, ("accounts.user", str(n % 5), f"人员{n % 5}"),
                     {"before": {"name": "a", "same": 1}, "after": {"name": "b", "same": 1}},
                     actor=who)  # fmt: skip
    monkeypatch.undo()


def numbers(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<td class="num"><a href="/audit/(\d+)/">', page)]


def shown(client: Client, **query: object) -> list[int]:
    return numbers(client.get(PAGE, query).content.decode())


@pytest.mark.usefixtures("log")
def test_pages_go_down_and_up_again(client: Client) -> None:
    assert shown(client) == list(range(120, 70, -1))
    assert shown(client, before=71) == list(range(70, 20, -1))
    assert shown(client, before=21) == list(range(20, 0, -1))
    assert shown(client, after=20) == list(range(70, 20, -1))
    assert shown(client, after=110) == list(range(120, 110, -1))
    page = client.get(PAGE, {"before": 71, "who": "", "what": "accounts."}).content.decode()
    assert "what=accounts.&amp;before=21" in page


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ({"who": "管理员甲"}, 118, 40),
        ({"what": "accounts.signed_in"}, 120, 50),
        ({"what": "accounts."}, 120, 50),
        ({"what": "audit."}, None, 0),
        ({"object": "accounts.user:3"}, 119, 24),
        ({"object": "人员3"}, 119, 24),
        ({"object": "nothing is called so"}, None, 0),
        # 2026-11-19 in the county is 16:00 UTC of the 18th to 16:00 UTC of the 19th
        ({"from": "2026-11-19", "to": "2026-11-19"}, 40, 24),
        ({"to": "2026-11-18"}, 16, 16),
        ({"from": "2030-01-01"}, None, 0),
        ({"to": "2000-01-01"}, None, 0),
        ({"who": "管理员甲", "object": "accounts.user:0", "from": "2026-11-19"}, 106, 6),
        ({"from": "nonsense", "before": "-1", "after": "x"}, 120, 50),
        ({"who": "' OR 1=1 --"}, None, 0),
    ],
)
def test_filters(client: Client, query: dict[str, str], first: int | None, count: int) -> None:
    found = shown(client, **query)
    assert len(found) == count
    assert (found[0] if found else None) == first


@pytest.mark.usefixtures("log")
def test_few_queries_however_long_the_log(client: Client, django_assert_max_num_queries) -> None:
    client.get(PAGE)
    with django_assert_max_num_queries(9):
        client.get(PAGE, {"who": "调度员甲", "from": "2026-11-18", "to": "2026-11-22"})


@pytest.mark.usefixtures("log")
def test_one_event_shows_before_and_after(client: Client) -> None:
    page = client.get("/audit/7/").content.decode()
    event = Event.objects.get(pk=7)
    assert event.hash in page
    assert event.previous in page
    assert page.count('class="differs"') == 1
    assert client.get("/audit/999/").status_code == 404


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_untouched_log_is_said_to_be_whole(client: Client, served: Network, lang: str) -> None:
    client.cookies["lantian_language"] = lang
    page = client.post("/audit/verify/").content.decode()
    assert ("The log is whole: 120 events" if lang == "en" else "审计链完整：120 条") in page
    event = Event.objects.first()
    assert event is not None
    assert (event.action, event.details["fault"]) == ("audit.verified", None)


@pytest.mark.usefixtures("log")
def test_tampering_is_said_with_its_number(client: Client) -> None:
    guard.apply(connection, make=False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET actor_name = 'x' WHERE id = 42")
    page = client.post("/audit/verify/").content.decode()
    assert "The log was tampered with, first at event 42." in page


@pytest.mark.usefixtures("log")
def test_a_copied_anchor_finds_a_cut_end(client: Client) -> None:
    kept = chain.head()
    assert kept is not None
    guard.apply(connection, make=False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id > 100")
    assert "The log is whole" in client.post("/audit/verify/").content.decode()
    page = client.post("/audit/verify/", {"anchor": f"{kept[0]}:{kept[1]}"}).content.decode()
    assert "first at event 102" in page  # the verification before is event 101
    wrong = client.post("/audit/verify/", {"anchor": "nonsense"}).content.decode()
    assert "is not an anchor" in wrong


@pytest.mark.usefixtures("log")
def test_the_anchor_of_the_home_is_compared_and_shown(client: Client, served: Network) -> None:
    made = anchors.anchor(served.home, timezone.now())
    try:
        assert str(made) in client.get(PAGE).content.decode()
        page = client.post("/audit/verify/").content.decode()
        assert "up to event 120 nothing was cut off" in page
    finally:
        anchors.path_of(served.home).unlink()


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
def test_export(client: Client, format_: str) -> None:
    response = client.get(PAGE, {"format": format_, "who": "管理员甲", "before": "5"})
    body = BytesIO(response.content)
    rows = {
        "csv": lambda: pl.read_csv(body, infer_schema=False),
        "xlsx": lambda: pl.read_excel(body),
        "json": lambda: pl.DataFrame(json.loads(body.read())),
    }[format_]()
    assert rows.height == 40  # the filter, not the page
    assert set(rows["who"]) == {"管理员甲"}
    assert set(rows["what"]) <= {"Signed in", "Changed a person"}
    if format_ == "csv":
        assert rows["time"][-1] == "2026-11-18T08:30:00+08:00"
    assert Event.objects.first().action == "audit.exported"  # type: ignore[union-attr]


@pytest.mark.usefixtures("log")
def test_too_many_for_a_file_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 100)
    response = client.get(PAGE, {"format": "csv"})
    assert response.status_code == 400
    assert "lantian audit export" in response.content.decode()


def test_an_empty_log(client: Client) -> None:
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "Nothing has happened yet" in response.content.decode()


def test_names_cannot_bring_markup_into_the_page(client: Client) -> None:
    user = User.objects.create_user("<script>alert(1)</script>")
    chain.record("accounts.person_changed", user, {"x": "<b>"}, actor=user)
    for path in (PAGE, "/audit/1/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page


@pytest.mark.parametrize("days", [{"to": "9999-12-31"}, {"from": "0001-01-01"}])
@pytest.mark.usefixtures("log")
def test_the_ends_of_the_calendar_are_no_bounds(client: Client, days: dict[str, str]) -> None:
    page = client.get(PAGE, days)
    assert page.status_code == 200
    assert numbers(page.content.decode()) == numbers(client.get(PAGE).content.decode())


@pytest.mark.usefixtures("log")
def test_a_torn_file_of_anchors_hides_no_event(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that lost power may leave half a line."""
    torn = tmp_path / "audit.jsonl"
    torn.write_text('{"at": "2026-11-23T00:00:00+00:00", "numb')
    monkeypatch.setattr(anchors, "path_of", lambda _home: torn)
    for answer in (client.get(PAGE), client.post("/audit/verify/")):
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "is not an anchor" in page
        assert numbers(page)
