"""What a network answers is what the evaluation gives, and it follows every change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import lantian.evaluation as ev
from lantian import i18n
from lantian.home import dust
from lantian.home.layout import Home
from lantian.network import Network
from lantian.observations.reading import Selection
from tests.network.conftest import LAST, START, WHO, WHY, Present, hours, register

FIRST, YESTERDAY, TODAY = date(2026, 2, 27), date(2026, 3, 9), date(2026, 3, 10)
AT = START + timedelta(hours=30)  # an hour of 28 February

# -- what it is


def test_names_and_stations(network: Network) -> None:
    assert (network.name, network.zone, network.simulated) == ("甲市", "Asia/Shanghai", False)
    stations = network.stations()
    assert stations["station"].to_list() == ["n1", "n2", "t1", "b1"]
    assert stations.filter("assessed")["station"].to_list() == ["n1", "n2"]
    assert network.calibres() == ["realtime"]
    assert network.extent() == (FIRST, TODAY)
    assert network.latest_hour() == LAST


def test_a_home_with_nothing_in_it(tmp_path: Any, present: Present) -> None:
    bare = Network(Home.init(tmp_path / "bare", name="空"), clock=present)
    assert bare.stations().is_empty()
    assert bare.extent() is None
    assert bare.latest_hour() is None
    assert bare.calibres() == []
    assert bare.days(FIRST, TODAY).is_empty()
    assert bare.city_days(FIRST, TODAY).is_empty()
    assert bare.hours(START, LAST).is_empty()
    assert bare.periods(ev.span("2026-03")).is_empty()
    assert bare.ranking(ev.span("2026-03")).frame.is_empty()
    assert bare.recent().arrival.is_empty()
    assert bare.recent().until == LAST


def test_stations_without_a_register_are_judged_but_make_no_city(
    tmp_path: Any, present: Present
) -> None:
    made = Home.init(tmp_path / "bare", name="空")
    made.store.append(hours(START, LAST), calibre="realtime", **WHO)
    bare = Network(made, clock=present)
    assert bare.days(FIRST, TODAY)["station"].n_unique() == 4
    assert bare.city_days(FIRST, TODAY).is_empty()
    frame = bare.ranking(ev.any_span(FIRST, YESTERDAY)).frame
    assert frame["name"].to_list() == frame["station"].to_list()
    assert set(frame["kind"]) == {"other"}


# -- days, periods, ranking


@pytest.mark.parametrize("edition", ["auto", "2012", "2026-final"])
def test_days_are_those_of_the_store(network: Network, edition: str) -> None:
    selection = ev.local_days(FIRST, TODAY, network.zone)
    expected = ev.daily_from_store(network.home.store, selection, edition=edition)
    assert network.days(FIRST, TODAY, edition=edition).equals(expected)
    one = expected.filter(station="n2")
    assert network.days(FIRST, TODAY, stations=["n2"], edition=edition).equals(one)


def test_city_days_are_the_mean_of_the_assessed(network: Network) -> None:
    day = network.city_days(YESTERDAY, YESTERDAY).row(0, named=True)
    assert day["station"] == "甲市"
    assert day["pm25"] == 40.5  # 40 and 41; township and background stand apart
    assert day["n_pm25"] == 2


@pytest.mark.parametrize("cities", [True, False])
@pytest.mark.parametrize("edition", ["auto", "2012"])
def test_periods_stop_at_the_last_whole_day(network: Network, edition: str, cities: bool) -> None:
    span = ev.span("2026-03")
    found = network.periods(span, edition=edition, cities=cities)
    assert set(found["end"]) == {YESTERDAY}
    days = network.days(span.start, YESTERDAY)
    if cities:
        assessed = network.stations().filter("assessed")
        mine = days.filter(pl.col("station").is_in(["n1", "n2"]))
        days = ev.city(mine, assessed, edition=edition)
    expected = ev.period(days, by=(span.start, YESTERDAY), edition=edition)
    assert found.equals(expected)


def test_an_edition_that_is_none_is_refused(network: Network) -> None:
    with pytest.raises(LookupError):
        network.periods(ev.span("2026-03"), edition="1996")


def test_a_ranking_by_kind(network: Network) -> None:
    ranking = network.ranking(ev.any_span(FIRST, date(2026, 3, 31)))
    assert ranking.span == ev.any_span(FIRST, YESTERDAY)
    assert ranking.edition == "mixed"
    assert ranking.previous is None
    places = dict(zip(ranking.frame["station"], ranking.frame["rank"], strict=True))
    assert places == {"n1": 1, "n2": 2, "t1": 1, "b1": 1}
    together = network.ranking(ev.any_span(FIRST, YESTERDAY), group=None).frame
    assert together["station"].to_list() == ["n1", "n2", "t1", "b1"]
    towns = network.ranking(ev.any_span(FIRST, YESTERDAY), group="town").frame
    assert towns.filter(town="东镇")["rank"].to_list() == [1, 2]


def test_the_year_before_is_compared(network: Network) -> None:
    year = timedelta(days=365)
    network.home.store.append(
        hours(START - year, LAST - year, stations=("n1", "n2"), add=20.0),
        calibre="realtime",
        **WHO,
    )
    ranking = network.ranking(ev.any_span(date(2026, 3, 1), YESTERDAY), key="pm25_mean")
    assert ranking.previous == ev.any_span(date(2025, 3, 1), date(2025, 3, 9))
    row = ranking.frame.row(by_predicate=pl.col("station") == "n1", named=True)
    assert row["rank_previous"] == 1
    assert row["pm25_mean_previous"] == 60.0
    assert row["pm25_mean_change"] == pytest.approx((40 / 60 - 1) * 100)
    assert network.ranking(ranking.span, previous=False).frame["rank_previous"].null_count() == 4


def test_why_a_station_is_not_ranked_in_the_language_asked(network: Network) -> None:
    span = ev.any_span(FIRST, YESTERDAY)
    wanted = Selection(("n1",), ("co",), START, LAST)
    network.home.store.exclude(wanted, **WHY)
    i18n.activate("en")
    english = network.ranking(span).frame.filter(station="n1")["why"].item()
    assert english == "CO: no valid value"
    i18n.activate("zh")
    try:
        chinese = network.ranking(span).frame.filter(station="n1")["why"].item()
    finally:
        i18n.activate("en")
    assert chinese != english
    assert network.ranking(span).frame.filter(station="n2")["why"].item() is None


# -- what changes shows, whoever changes it


def ask(network: Network) -> dict[str, object]:
    span = ev.any_span(FIRST, YESTERDAY)
    return {
        "days": network.days(FIRST, TODAY)["pm25"].to_list(),
        "periods": network.periods(span)["pm25_mean"].to_list(),
        "ranking": network.ranking(span).frame["composite_index"].to_list(),
        "hours": network.hours(START, LAST)["pm25"].to_list(),
        "values": network.values("n1", "pm25", START, LAST)["value"].to_list(),
        "stamp": network.stamp(),
    }


def test_a_correction_by_another_process_shows_in_every_answer(
    network: Network, other: Callable[[], Home]
) -> None:
    before = ask(network)
    assert ask(network) == before
    other().store.correct("n1", "pm25", AT, 400.0, **WHY)
    after = ask(network)
    assert [name for name in before if before[name] == after[name]] == []


def test_undoing_it_brings_the_answers_back(network: Network, other: Callable[[], Home]) -> None:
    before = ask(network)
    batch = other().store.correct("n1", "pm25", AT, 400.0, **WHY)
    ask(network)
    other().store.undo(batch.id, **WHY)
    after = ask(network)
    assert after.pop("stamp") != before.pop("stamp")
    assert after == before


def test_the_stamp_of_days_changes_with_those_days_only(network: Network) -> None:
    store = network.home.store
    early, late = (FIRST, date(2026, 3, 1)), (date(2026, 3, 5), TODAY)
    before = network.stamp(*early), network.stamp(*late), network.stamp()
    store.correct("n1", "pm25", AT, 400.0, **WHY)
    after = network.stamp(*early), network.stamp(*late), network.stamp()
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert after[2] != before[2]


def test_settings_dust_and_register_change_the_stamp(
    network: Network, other: Callable[[], Home]
) -> None:
    seen = {network.stamp()}
    other().choose("o3_exemption", False)
    assert network.settings.o3_exemption is False
    seen.add(network.stamp())
    start, end = dust.local_days(date(2026, 3, 2), date(2026, 3, 2), network.zone)
    made = dust.add(
        network.home.path, start=start, end=end, decision="1号", station=None, actor="test"
    )
    seen.add(network.stamp())
    store = other().store
    store.save_stations(register().with_columns(pl.lit("新").alias("name")), "test")
    seen.add(network.stamp())
    assert network.stations()["name"].unique().to_list() == ["新"]
    dust.remove(network.home.path, made.id, actor="test", reason="test")
    seen.add(network.stamp())
    assert len(seen) == 5


def test_dust_is_deducted_where_it_was_decided(network: Network) -> None:
    start, end = dust.local_days(date(2026, 3, 2), date(2026, 3, 2), network.zone)
    dust.add(network.home.path, start=start, end=end, decision="1号", station="n1", actor="test")
    days = network.days(FIRST, TODAY, stations=["n1"])
    assert days.filter(pl.col("pm25").is_null())["date"].to_list() == [date(2026, 3, 2), TODAY]
    assert days.filter(date=date(2026, 3, 2))["pm25_with_dust"].item() == 40.0
    plain = network.days(FIRST, TODAY, stations=["n1"], dust=False)
    assert plain.filter(date=date(2026, 3, 2))["pm25"].item() == 40.0
    assert "pm25_with_dust" not in plain.columns


def test_both_calibres_prefer_the_audited(network: Network) -> None:
    audited = hours(START, START + timedelta(hours=24), stations=("n1",), add=60.0)
    network.home.store.append(audited, calibre="audited", **WHO)
    assert network.calibres() == ["realtime", "audited"]
    days = network.days(FIRST, TODAY, stations=["n1"])["pm25"].to_list()
    assert days[:2] == [100.0, 40.0]
    realtime = network.days(FIRST, TODAY, stations=["n1"], calibre="realtime")
    assert realtime["pm25"].to_list()[:2] == [40.0, 40.0]
    assert network.values("n1", "pm25", START, LAST)["calibre"].unique().len() == 2


def test_threads_share_one_answer(network: Network) -> None:
    found: list[pl.DataFrame] = []
    threads = [
        threading.Thread(target=lambda: found.append(network.days(FIRST, TODAY))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(frame) for frame in found}) == 1


def test_the_derived_tables_are_no_part_of_a_backup(network: Network, tmp_path: Any) -> None:
    import tarfile  # noqa: PLC0415 - used here only

    from lantian.home.backup import backup  # noqa: PLC0415

    network.days(FIRST, TODAY)
    assert list((network.home.path / "derived").rglob("*.days"))
    made = backup(network.home.path, tmp_path / "b.tar", actor="test")
    with tarfile.open(made.path) as archive:
        assert [n for n in archive.getnames() if n.startswith("derived")] == []
