"""Corrections, exclusions, undoing, dust: who may, what is shown, what lands, what the log says."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl
import pytest
from django.test import Client

from lantian.home import dust
from lantian.network import Network
from lantian.network.exclusion import effect
from lantian.observations.store import Store
from lantian.web.air.audited import landing
from lantian.web.air.reconcile import compare, reconcile
from lantian.web.audit.actors import system
from lantian.web.audit.models import Event
from tests.web.air.data_world import HOUR, STATION, Sign, own  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
CORRECT = f"/air/data/correct/?station={STATION}&parameter=pm25&at=2026-11-20T16:00"
RANGE = f"station={STATION}&parameter=pm25&start=2026-11-20T10:00&end=2026-11-20T16:00"


def value(network: Network) -> tuple[float | None, str]:
    found = network.home.store.read(
        start=HOUR - timedelta(minutes=1), end=HOUR, stations=(STATION,), parameters=("pm25",)
    )
    return found["value"][0], found["grade"][0]


def standing(client: Client, address: str = CORRECT) -> str:
    """Return the batch the form of an address stands on."""
    page = client.get(address)
    assert page.status_code == 200, page.content.decode()[:3000]
    return _hidden(page.content.decode(), "standing")


def _hidden(page: str, name: str) -> str:
    part = page.split(f'name="{name}"', 1)[1].split(">", 1)[0]
    return part.split('value="', 1)[1].split('"', 1)[0] if 'value="' in part else ""


# -- one value


def test_a_value_is_corrected_with_its_reason(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    answer = client.post(
        CORRECT, {"value": "61.5", "reason": "calibration", "standing": standing(client)},
        follow=True,
    )  # fmt: skip
    assert answer.status_code == 200
    assert value(own) == (61.5, "valid")
    batch = own.home.store.batch(2)
    assert batch is not None
    event = Event.objects.get(action="data.corrected")
    assert (batch.kind, batch.reason, batch.event) == ("correction", "calibration", event.pk)
    assert batch.actor == event.actor_name
    page = answer.content.decode()
    assert "/air/data/history/2/undo/" in page
    again = client.get(CORRECT).content.decode()
    assert "calibration" in again


def test_a_value_is_made_missing(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("expert")
    client.post(CORRECT, {"missing": "on", "reason": "power cut", "standing": standing(client)})
    assert value(own)[0] is None


@pytest.mark.parametrize(
    "given",
    [
        {"value": "", "reason": "x"},
        {"value": "61", "missing": "on", "reason": "x"},
        {"value": "61", "reason": "  "},
        {"value": "-900", "reason": "x"},
        {"value": "abc", "reason": "x"},
        {"value": "nan", "reason": "x"},
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    own: Network, sign_in: Sign, given: dict[str, str]  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    before = value(own)
    answer = client.post(CORRECT, {**given, "standing": standing(client)})
    assert answer.status_code == 400
    assert value(own) == before
    assert own.home.store.batches().height == 1
    assert not Event.objects.filter(action="data.corrected").exists()


@pytest.mark.parametrize(
    "address",
    [
        "/air/data/correct/?station=9901S&parameter=pm25&at=2030-01-01T00:00",
        "/air/data/correct/?station=9901S&parameter=pm25&at=never",
        "/air/data/correct/?station=9901S&parameter=dust&at=2026-11-20T16:00",
        "/air/data/correct/",
    ],
)
def test_an_address_of_no_value_says_so(own: Network, sign_in: Sign, address: str) -> None:  # noqa: F811
    del own
    answer = sign_in("dispatcher").get(address)
    assert answer.status_code in (400, 404)
    assert b"Traceback" not in answer.content


def test_two_people_at_once(own: Network, sign_in: Sign) -> None:  # noqa: F811
    one, two = sign_in("dispatcher"), sign_in("expert")
    seen = standing(one), standing(two)
    assert one.post(CORRECT, {"value": "61", "reason": "a", "standing": seen[0]}).status_code == 302
    answer = two.post(CORRECT, {"value": "62", "reason": "b", "standing": seen[1]})
    assert answer.status_code == 400
    assert "has changed since" in answer.content.decode()
    assert value(own)[0] == 61
    assert _hidden(answer.content.decode(), "standing") == "2"
    closing = Event.objects.get(action="data.not_landed")
    assert closing.details["event"] == Event.objects.filter(action="data.corrected").latest("id").pk


# -- a range


def test_an_exclusion_shows_what_it_does_and_is_taken_back(
    own: Network, sign_in: Sign  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    page = client.get(f"/air/data/exclude/?{RANGE}").content.decode()
    expected = _hidden(page, "expected")
    assert expected == "7"
    assert "2026-11-20" in page
    answer = client.post(
        f"/air/data/exclude/?{RANGE}", {"reason": "spider", "expected": expected}, follow=True
    )
    assert answer.status_code == 200
    assert value(own)[1] == "invalid"
    assert "/undo/" in answer.content.decode()
    listed = client.get("/air/data/decisions/?kind=exclusion").content.decode()
    assert "spider" in listed
    # both tabs say how many there are, so that no exclusion hides behind the corrections
    opened = client.get("/air/data/decisions/").content.decode()
    tabs = [" ".join(t.split()) for t in re.findall(r">((?:Corr|Excl)[^<]+ \d+)</a>", opened)]
    assert tabs == ["Corrections 0", "Exclusions 7"]
    assert "0 values in force" in opened
    assert "7 values in force" in listed
    kept = client.get("/air/data/decisions/?station=9901S&parameter=pm25").content.decode()
    assert "?kind=exclusion&amp;station=9901S&amp;parameter=pm25" in kept
    page = client.get(f"/air/data/restore/?{RANGE}").content.decode()
    client.post(f"/air/data/restore/?{RANGE}",
                {"reason": "clean", "expected": _hidden(page, "expected")})  # fmt: skip
    assert value(own)[1] == "valid"
    assert (
        "No value is excluded" in client.get("/air/data/decisions/?kind=exclusion").content.decode()
    )
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["data.excluded", "data.restored"]


def test_the_days_shown_are_those_that_come(own: Network, sign_in: Sign) -> None:  # noqa: F811
    start, end = HOUR - timedelta(hours=7), HOUR
    told = effect(own, STATION, ("pm25",), start, end, calibre="realtime").row(0, named=True)
    client = sign_in("dispatcher")
    page = client.get(f"/air/data/exclude/?{RANGE}").content.decode()
    client.post(f"/air/data/exclude/?{RANGE}",
                {"reason": "x", "expected": _hidden(page, "expected")})  # fmt: skip
    day = date(2026, 11, 20)
    row = own.days(day, day, stations=(STATION,), dust=False).row(0, named=True)
    assert (told["pm25_n_after"], told["pm25_after"], told["aqi_after"]) == (
        row["n_pm25"], row["pm25"], row["aqi"],
    )  # fmt: skip
    assert told["pm25_n"] == told["pm25_n_after"] + 7


def test_an_exclusion_of_other_values_than_shown_is_refused(
    own: Network, sign_in: Sign  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    answer = client.post(f"/air/data/exclude/?{RANGE}", {"reason": "x", "expected": "3"})
    assert answer.status_code == 400
    assert _hidden(answer.content.decode(), "expected") == "7"
    assert own.home.store.batches().height == 1


@pytest.mark.parametrize(
    "query",
    ["station=9901S&start=2031-01-01", "station=9901S", "start=2026-11-20",
     "station=9901S&start=2026-11-21&end=2026-11-20", "station=9901S&start=soon"],
)  # fmt: skip
def test_a_range_of_nothing_is_told(own: Network, sign_in: Sign, query: str) -> None:  # noqa: F811
    del own
    assert sign_in("dispatcher").get(f"/air/data/exclude/?{query}").status_code == 400


# -- undoing


def test_an_undo_tells_what_falls_with_it(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    own.home.store.correct(STATION, "pm25", HOUR, 61.0, actor="a", reason="why", clock=own.now)
    page = client.get("/air/data/history/1/undo/").content.decode()
    assert "1 corrections or exclusions" in page
    expected = _hidden(page, "expected").replace("&#34;", '"')
    own.home.store.correct(STATION, "pm25", HOUR + timedelta(hours=1), 62.0, actor="a",
                           reason="later", clock=own.now)  # fmt: skip
    answer = client.post("/air/data/history/1/undo/", {"reason": "wrong", "expected": expected})
    assert answer.status_code == 400
    assert own.home.store.batches()["state"].to_list() == ["landed"] * 3
    expected = _hidden(answer.content.decode(), "expected")
    client.post("/air/data/history/1/undo/", {"reason": "wrong", "expected": expected})
    assert own.home.store.batches()["state"].to_list() == ["undone"] * 3
    event = Event.objects.filter(action="data.undone").latest("id")
    assert own.home.store.batches()["undo_event"].to_list() == [event.pk] * 3
    assert client.get("/air/data/").status_code == 200
    assert client.get("/air/data/history/1/").status_code == 200


def test_an_undo_needs_the_right_and_a_reason(own: Network, sign_in: Sign) -> None:  # noqa: F811
    assert sign_in("expert").get("/air/data/history/1/undo/").status_code == 403
    client = sign_in("dispatcher")
    answer = client.post("/air/data/history/1/undo/", {"reason": "", "expected": "[1]"})
    assert answer.status_code == 400
    assert own.home.store.batches()["state"].to_list() == ["landed"]
    page = sign_in("expert").get("/air/data/history/1/").content.decode()
    assert "/undo/" not in page


# -- dust


DUST = {"first": "2026-11-01", "last": "2026-11-02", "decision": "环办 1 号"}


def test_dust_is_entered_and_taken_back(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    stamp = own.stamp(date(2026, 11, 1), date(2026, 11, 1))
    assert client.post("/air/data/dust/", {**DUST, "stations": [STATION]}).status_code == 302
    held = dust.load(own.home.path)
    assert [(d.station, d.decision) for d in held] == [(STATION, "环办 1 号")]
    assert held[0].event == Event.objects.get(action="dust.added").pk
    assert own.stamp(date(2026, 11, 1), date(2026, 11, 1)) != stamp
    assert client.post("/air/data/dust/", {**DUST, "stations": [STATION]}).status_code == 400
    assert len(dust.load(own.home.path)) == 1
    assert client.post("/air/data/dust/1/remove/", {"reason": ""}).status_code == 400
    assert client.post("/air/data/dust/1/remove/", {"reason": "withdrawn"}).status_code == 302
    held = dust.load(own.home.path)
    assert not held[0].counts
    assert held[0].removal == Event.objects.get(action="dust.removed").pk


@pytest.mark.parametrize(
    "wrong",
    [{"last": "2026-10-01"}, {"decision": "  "}, {"first": "x"}, {"stations": ["nobody"]}],
)
def test_a_bad_dust_decision_is_refused(
    own: Network, sign_in: Sign, wrong: dict[str, object]  # noqa: F811
) -> None:  # fmt: skip
    answer = sign_in("dispatcher").post("/air/data/dust/", {**DUST, **wrong})
    assert answer.status_code == 400
    assert dust.load(own.home.path) == []


# -- who may look


@pytest.mark.parametrize(
    ("role", "status"),
    [("inspector", 200), ("leader", 200), ("auditor", 200), ("expert", 200), ("dispatcher", 200),
     ("administrator", 200), ("town_officer", 403), ("grid_member", 403),
     ("enterprise_officer", 403), ("department_officer", 403), ("stationed_supervisor", 403)],
)  # fmt: skip
def test_who_may_look(own: Network, sign_in: Sign, role: str, status: int) -> None:  # noqa: F811
    del own
    client = sign_in(role)
    for page in ("", "counted/", "history/", "history/1/", "decisions/", "dust/"):
        assert client.get(f"/air/data/{page}").status_code == status, page


@pytest.mark.parametrize("role", ["inspector", "leader", "auditor"])
def test_who_only_looks_changes_nothing(own: Network, sign_in: Sign, role: str) -> None:  # noqa: F811
    client = sign_in(role)
    assert client.post(CORRECT, {"value": "61", "reason": "x"}).status_code == 403
    assert client.post(f"/air/data/exclude/?{RANGE}", {"reason": "x"}).status_code == 403
    assert client.post("/air/data/dust/", DUST).status_code == 403
    assert client.post("/air/data/dust/1/remove/", {"reason": "x"}).status_code == 403
    assert client.post("/air/data/history/1/undo/", {"reason": "x"}).status_code == 403
    assert own.home.store.batches().height == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_home_says_what_to_do(empty: Network, sign_in: Sign, lang: str) -> None:
    del empty
    client = sign_in(
        "expert", lang=lang
    )  # of whom a home that is not simulated asks no second factor
    page = client.get("/air/data/")
    assert page.status_code == 200
    assert "/air/data/upload/" in page.content.decode()
    for other in ("counted/", "history/", "decisions/", "dust/", "upload/", "exclude/"):
        assert client.get(f"/air/data/{other}").status_code == 200, other


def test_the_counts_are_those_of_the_store(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("inspector")
    rows = client.get("/air/data/counted/?table=months&format=json").json()
    stored = own.home.store.read(parameters=("pm25", "pm10", "so2", "no2", "co", "o3"))
    assert sum(r["valid"] + r["suspect"] + r["invalid"] for r in rows) == stored.height
    table = client.get("/air/data/counted/?format=json").json()
    month = own.home.store.read(
        stations=(STATION,), parameters=("pm25", "pm10", "so2", "no2", "co", "o3")
    ).filter(
        pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.offset_by("-1us").dt.month() == 10
    )
    good = month.filter(pl.col("grade") != "invalid").height
    mine = next(r for r in table if r["station"] == STATION)
    assert mine["2026-10"] == pytest.approx(100 * good / (31 * 24 * 6), abs=0.05)


def test_pages_ask_the_database_little(
    own: Network, sign_in: Sign, django_assert_max_num_queries: object  # noqa: F811
) -> None:  # fmt: skip
    del own
    client = sign_in("dispatcher")
    client.get("/air/data/")
    for page in ("", "counted/", "history/", "history/1/", "decisions/", "dust/"):
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            client.get(f"/air/data/{page}")


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
def test_the_files_of_the_pages(own: Network, sign_in: Sign, format_: str) -> None:  # noqa: F811
    client = sign_in("dispatcher")
    client.post(CORRECT, {"value": "61", "reason": "=1+1", "standing": standing(client)})
    for page in ("history/", "history/2/", "decisions/", "counted/"):
        answer = client.get(f"/air/data/{page}?format={format_}")
        assert answer.status_code == 200, page
        assert len(answer.content) > 50
    del own


# -- the log and the store


def test_a_kill_between_event_and_change_is_found(
    own: Network, sign_in: Sign, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    class Killed(BaseException):
        """What a kill looks like from inside."""

    def killed(*args: object, **kwargs: object) -> None:
        raise Killed

    client = sign_in("dispatcher")
    seen = standing(client)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "append", killed)
        with pytest.raises(Killed):
            client.post(CORRECT, {"value": "61", "reason": "x", "standing": seen})
    event = Event.objects.get(action="data.corrected")
    assert compare().not_landed == [event.pk]
    assert reconcile().not_landed == [event.pk]
    closing = Event.objects.get(action="data.not_landed")
    assert closing.object_id == str(event.pk)
    assert reconcile().not_landed == []
    assert Event.objects.filter(action="data.not_landed").count() == 1
    assert own.home.store.batches().height == 1


def test_a_change_under_way_is_let_be(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own, sign_in
    with landing("data.corrected", None, {}, actor=system("tests")) as change:
        assert compare().not_landed == []
        change.nothing()
    assert compare().not_landed == []
    assert Event.objects.filter(action="data.not_landed").count() == 1


def test_a_batch_without_its_event_is_found(own: Network, db: None) -> None:  # noqa: F811
    own.home.store.correct(STATION, "pm25", HOUR, 61.0, actor="a", reason="why", clock=own.now,
                           event=4711)  # fmt: skip
    assert compare().unlogged == ["batch 2"]
    assert reconcile().unlogged == ["batch 2"]
    reconcile()
    assert Event.objects.filter(action="data.unlogged", object_id="2").count() == 1


def test_old_ledgers_without_events_are_read(own: Network) -> None:  # noqa: F811
    batch = own.home.store.batch(1)
    assert batch is not None
    assert batch.event is None
    assert "audit_event" not in batch.record()
