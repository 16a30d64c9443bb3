"""The hours behind a number: all that is stored, and how the daily values come of them."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

import lantian.evaluation as ev
from lantian.home.layout import Home
from lantian.network import Network
from lantian.observations.reading import Selection
from lantian.web.accounts.access import Access
from lantian.web.air.queries import hours as q
from lantian.web.air.queries import stations
from tests.web.air.pages import text_of
from tests.web.air.small import LABEL, Rows, small_home
from tests.web.conftest import serve
from tests.web.world import CLOCK

S = "9914S"


def page(client: Client, station: str = S, **query: object) -> str:
    return text_of(client, reverse("air:hours", args=(station,)), query)


def asked(station: str = S, **query: str) -> q.HoursAsked:
    found = stations.find(station, Access(stations=None))
    assert found is not None
    return q.hours_asked(query, found)


def stored_rows(text: str) -> list[str]:
    body = text.split('<table class="table hours">')[1]
    return re.findall(r"<tr[^>]*>\s*<td>(\d\d:\d\d)</td>", body)


# -- which hours


def test_a_day_has_its_24_hours_labelled_01_to_24(sign_in: Callable[..., Client], served: Network):
    text = page(sign_in("dispatcher"), parameter="pm25", start="2026-11-20", end="2026-11-20")
    assert stored_rows(text) == [f"{h:02d}:00" for h in range(1, 25)]
    found = q.hours(asked(parameter="pm25", start="2026-11-20", end="2026-11-20"))
    first, last = found.rows[0].time, found.rows[-1].time
    assert (first, last) == (
        datetime(2026, 11, 19, 17, tzinfo=UTC), datetime(2026, 11, 20, 16, tzinfo=UTC),
    )  # fmt: skip


def test_missing_hours_are_listed_too_and_hours_to_come_are_not(served: Network):
    today = q.hours(asked(parameter="so2", start="2026-11-23", end="2026-11-23"))
    assert len(today.rows) == 8
    month = asked(parameter="so2", start="2026-10-25", end="2026-11-20")
    table = q.states(month)
    assert table.height == 27 * 24
    assert (table["state"] == "missing").sum() == table["value"].null_count() > 0


def test_unasked_it_shows_pm25_of_the_newest_day(served: Network):
    found = asked()
    assert (found.parameter, found.about.span) == (
        "pm25", ev.any_span(date(2026, 11, 23), date(2026, 11, 23)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-20T08:00", date(2026, 11, 20)),
        ("2026-11-20T00:00", date(2026, 11, 19)),  # 24:00 of the day before
        ("2026-11-19T16:00+00:00", date(2026, 11, 19)),
        ("2026-11-19T17:00Z", date(2026, 11, 20)),
    ],
)
def test_an_hour_shows_its_day_and_its_history(
    sign_in: Callable[..., Client], served: Network, at: str, day: date
):
    found = asked(at=at, parameter="no2")
    assert found.about.span == ev.any_span(day, day)
    text = page(sign_in("dispatcher"), at=at, parameter="no2")
    assert text.count('aria-current="true"') >= 1
    assert "All that was stored of" in text


@pytest.mark.parametrize(
    "query",
    [
        {"parameter": "uranium"}, {"at": "noon"}, {"at": "2030-01-01T00:00"},
        {"at": "0001-01-01T00:00"}, {"of": "hour-24"}, {"of": "month-0"}, {"of": "x"},
        {"start": "2027-01-01"}, {"page": "-1"}, {"edition": "1982"},
    ],
)  # fmt: skip
def test_a_bad_address_is_a_sentence(
    sign_in: Callable[..., Client], served: Network, query: dict[str, str]
):
    assert 'class="banner error"' in page(sign_in("dispatcher"), **query)


def test_an_empty_network_answers(sign_in: Callable[..., Client], empty: Network):
    address = reverse("air:hours", args=("9901S",))
    assert sign_in("expert").get(address).status_code == 404


# -- how the daily values are made


def test_the_days_and_their_statistic_equal_evaluation(
    sign_in: Callable[..., Client], served: Network
):
    start, end = date(2026, 11, 1), date(2026, 11, 20)
    days = served.days(start, end, stations=(S,))
    wanted = served.periods(ev.any_span(start, end), stations=(S,)).row(0, named=True)
    for p in ("pm25", "o3"):
        found = q.hours(asked(parameter=p, start=str(start), end=str(end)))
        column = "o3_mda8" if p == "o3" else p
        assert [d.value for d in found.days] == days[column].to_list()
        assert [d.n for d in found.days] == days[f"n_{p}"].to_list()
        assert [d.valid for d in found.days] == days[f"valid_{p}"].to_list()
        assert found.statistic is not None
        assert found.statistic[f"{p}_mean"] == wanted[f"{p}_mean"]
    text = page(sign_in("dispatcher"), parameter="pm25", start=start, end=end)
    assert f"<b>{wanted['pm25_mean']:.0f}</b>" in text
    assert "whole days from 2026-11-01 to 2026-11-20" in text


def test_the_windows_of_ozone_are_those_of_the_daily_value(served: Network):
    start, end = date(2026, 11, 18), date(2026, 11, 20)
    found = q.hours(asked(parameter="o3", start=str(start), end=str(end)))
    assert len(found.days) == 3
    for day in found.days:
        assert [q.label_words(w.end) for w in day.windows] == [f"{h:02d}:00" for h in range(8, 25)]
        valid = [w.mean for w in day.windows if w.valid]
        assert len(valid) == day.n
        if day.value is not None:
            assert max(v for v in valid if v is not None) == pytest.approx(day.value, abs=1e-9)


def test_windows_go_on_where_the_record_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A window needs 6 of its 8 hours: those ending up to two hours after the last value count."""
    cut = datetime(2026, 11, 22, 12, tzinfo=UTC)  # 20:00 of the 22nd

    def change(rows: Rows) -> Rows:
        return [r for r in rows if r[2] <= cut]

    serve(monkeypatch, small_home(tmp_path / "cut", change))
    [day] = q.hours(asked("N1", parameter="o3", start="2026-11-22", end="2026-11-22")).days
    assert [w.n for w in day.windows][-5:] == [8, 7, 6, 5, 4]
    assert day.n == sum(w.valid for w in day.windows) == 15
    assert day.valid


def test_19_hours_are_no_day_and_20_are(
    sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    days = {19: date(2026, 11, 21), 20: date(2026, 11, 22)}

    def change(rows: Rows) -> Rows:
        def kept(time: datetime) -> bool:
            local = time + timedelta(hours=8) - timedelta(hours=1)
            return not any(local.date() == d and local.hour >= n for n, d in days.items())

        return [r for r in rows if kept(r[2])]

    serve(monkeypatch, small_home(tmp_path / "thin", change))
    found = q.hours(asked("N1", parameter="pm25", start="2026-11-21", end="2026-11-22"))
    assert [(d.n, d.valid, d.value) for d in found.days] == [(19, False, None), (20, True, 30.0)]
    text = page(sign_in("dispatcher"), "N1", start="2026-11-21", end="2026-11-22")
    assert "a day needs 20 of its hours" in text


def test_the_hours_of_a_cycle_and_their_mean(sign_in: Callable[..., Client], served: Network):
    query = {"parameter": "pm25", "start": "2026-11-01", "end": "2026-11-20"}
    bounds = ev.local_days(date(2026, 11, 1), date(2026, 11, 20), served.zone)
    frame = served.hours(bounds.start, bounds.end, stations=(S,))  # type: ignore[arg-type]
    for of, by, place in (("hour-7", "hour", 7), ("weekday-1", "weekday", 1)):
        wanted = ev.pattern(frame, ["pm25"], by=by, zone=served.zone).filter(  # type: ignore[arg-type]
            pl.col(by) == place
        )
        found = q.hours(asked(**query, of=of))
        assert found.statistic is not None
        assert found.statistic["mean"] == wanted["mean"][0]
        counted = found.counts.get("valid", 0) + found.counts.get("suspect", 0)
        assert found.statistic["n"] == wanted["n"][0] == counted
    text = page(sign_in("dispatcher"), **query, of="hour-7")
    assert set(stored_rows(text)) == {"08:00"}


def test_long_periods_are_paged(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    query = {"parameter": "pm25", "start": "2026-10-25", "end": "2026-11-20"}
    text = page(client, **query)
    assert len(stored_rows(text)) == 96
    assert "page=2" in text
    last = page(client, **query, page=7)
    assert len(stored_rows(last)) == (27 - 24) * 24
    year = page(client, parameter="pm25", start="2026-01-01", end="2026-11-20")
    assert '<table class="table hours">' not in year
    assert "page=2" in year


def test_weather_has_hours_but_no_daily_value(sign_in: Callable[..., Client], served: Network):
    for parameter in ("ws", "wd"):
        text = page(
            sign_in("dispatcher"), parameter=parameter, start="2026-11-20", end="2026-11-20"
        )
        assert len(stored_rows(text)) == 24
        assert "Daily means" not in text
    assert page(sign_in("dispatcher"), parameter="wd", of="hour-7", start="2026-11-20",
                end="2026-11-20")  # fmt: skip


def test_the_table_as_a_file(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    answer = client.get(
        reverse("air:hours", args=(S,)),
        {"parameter": "pm25", "start": "2026-11-20", "end": "2026-11-20", "format": "csv"},
    )
    got = pl.read_csv(io.BytesIO(answer.content))
    assert got.height == 24
    assert {"time", "state", "flag", "value", "batch", "recorded", "calibre"} <= set(got.columns)
    bad = client.get(reverse("air:hours", args=(S,)), {"start": "soon", "format": "csv"})
    assert bad.status_code == 400


# -- who changed what


@pytest.fixture
def decided(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a copy of the county with a correction, and an exclusion that was undone."""
    shutil.copytree(county.path, tmp_path / "home")
    home = Home.open(tmp_path / "home")
    at = LABEL - timedelta(days=2)
    home.store.correct(S, "pm25", at, 77.0, actor="甲", reason="<i>校准</i>", clock=CLOCK)
    chosen = Selection((S,), ("pm10",), at - timedelta(hours=1), at)
    batch = home.store.exclude(chosen, actor="乙", reason="停电", clock=CLOCK)
    home.store.undo(batch.id, actor="丙", reason="看错了", clock=CLOCK)
    return serve(monkeypatch, home)


AT = "2026-11-21T08:00"


def test_a_corrected_hour_says_who_and_why(sign_in: Callable[..., Client], decided: Network):
    client = sign_in("dispatcher")
    text = page(client, parameter="pm25", start="2026-11-21", end="2026-11-21")
    assert "correction: 甲" in text
    assert "&lt;i&gt;校准&lt;/i&gt;" in text
    past = client.get(
        reverse("air:hours-history", args=(S,)), {"parameter": "pm25", "at": AT}
    ).content.decode()
    assert past.count("<tr") == 3  # head, the import, the correction
    assert past.index("replaced") < past.index("77")


def test_what_was_undone_is_in_the_history_but_does_not_count(
    sign_in: Callable[..., Client], decided: Network
):
    client = sign_in("dispatcher")
    text = page(client, parameter="pm10", at=AT)
    assert "undone by 丙" in text
    assert "看错了" in text
    assert "excluded by hand" in text
    row = text.split('class="picked" aria-current="true"')[1].split("</tr>")[0]
    assert "乙" not in row


def test_only_who_may_change_data_finds_the_way_to(sign_in: Callable[..., Client], served: Network):
    query = {"parameter": "pm25", "start": "2026-11-20", "end": "2026-11-20"}
    assert reverse("air:data-correct") in page(sign_in("dispatcher"), **query)
    assert reverse("air:data-correct") not in page(sign_in("inspector"), **query)
    assert "/air/data/" in page(sign_in("inspector"), **query)
    assert "/air/data/" not in page(sign_in("department_officer"), **query)


def test_the_history_needs_one_hour(sign_in: Callable[..., Client], served: Network):
    address = reverse("air:hours-history", args=(S,))
    assert sign_in("dispatcher").get(address).status_code == 400
    nothing = sign_in("dispatcher").get(address, {"at": "2020-01-01T08:00"})
    assert "Nothing was ever stored" in nothing.content.decode()


def test_few_queries(
    sign_in: Callable[..., Client], served: Network, django_assert_max_num_queries: object
):
    client = sign_in("dispatcher")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        page(client, parameter="pm25", start="2026-11-18", end="2026-11-20")
