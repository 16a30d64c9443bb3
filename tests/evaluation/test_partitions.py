"""Judging the store month by month gives what judging everything at once gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.errors import DomainError
from lantian.observations.reading import Selection
from lantian.observations.store import Store


def measurements() -> pl.DataFrame:
    """Two stations, three pollutants and wind over a turn of the year."""
    rng = np.random.default_rng(3)
    start = datetime(2025, 12, 20, tzinfo=UTC)
    count = 24 * 25
    parts = [
        pl.DataFrame(
            {
                "station": station, "parameter": parameter, "period": "1h",
                "time": [start + timedelta(hours=h) for h in range(count)],
                "value": np.round(rng.gamma(2, 40, count), 1), "unit": "µg/m³",
            },
            schema_overrides={"time": pl.Datetime("us", "UTC")},
        ).sample(fraction=0.95, seed=5)
        for station in ("a", "b")
        for parameter in ("pm25", "o3", "co", "ws")
    ]  # fmt: skip
    return pl.concat(parts)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.create(tmp_path_factory.mktemp("store") / "s", zone="Asia/Shanghai")
    store.append(measurements(), calibre="audited", actor="test")
    return store


@pytest.fixture
def corrected(store: Store, tmp_path: Path) -> Store:
    other = Store.create(tmp_path / "corrected", zone=store.zone)
    other.append(measurements(), calibre="audited", actor="test")
    row = measurements().filter(parameter="pm25", station="a").sort("time").row(30, named=True)
    other.correct("a", "pm25", row["time"], 999.0, actor="test", reason="checked on site")
    return other


def test_month_by_month_equals_all_at_once(store: Store) -> None:
    whole = ev.daily(ev.hourly(measurements()))
    assert ev.daily_from_store(store).equals(whole)
    hourly = ev.hourly_from_store(store)
    assert hourly.equals(ev.hourly(measurements()).select(hourly.columns))


def test_a_selection_of_days_cuts_at_local_midnight(store: Store) -> None:
    chosen = ev.local_days(date(2025, 12, 31), date(2026, 1, 1), store.zone, stations=["a"])
    found = ev.daily_from_store(store, chosen)
    whole = ev.daily(ev.hourly(measurements()))
    expected = whole.filter(
        pl.col("date").is_between(date(2025, 12, 31), date(2026, 1, 1)), station="a"
    )
    assert found.equals(expected)


def test_a_correction_counts_and_as_of_shows_what_was(corrected: Store) -> None:
    before = corrected.batches()["landed_at"].min()
    now = ev.hourly_from_store(corrected, Selection(stations=["a"], parameters=["pm25"]))
    then = ev.hourly_from_store(
        corrected, Selection(stations=["a"], parameters=["pm25"]), as_of=before
    )
    assert 999.0 in now["pm25"].to_list()
    assert 999.0 not in then["pm25"].to_list()


def test_progress_runs_from_none_to_all(store: Store) -> None:
    seen: list[tuple[int, int]] = []
    ev.daily_from_store(store, progress=lambda _task, done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_an_empty_store_gives_empty_tables(tmp_path: Path) -> None:
    empty = Store.create(tmp_path / "s", zone="Asia/Shanghai")
    assert ev.hourly_from_store(empty).height == 0
    assert ev.daily_from_store(empty).height == 0


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    from distributed import LocalCluster  # noqa: PLC0415 - slow to import, needed here only

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        yield local.scheduler_address


@pytest.mark.filterwarnings("ignore:.*:ResourceWarning", "ignore:.*:DeprecationWarning")
def test_a_dask_cluster_gives_the_same_digits(
    store: Store, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ev.daily_from_store(store, edition="2026-final")
    monkeypatch.setenv("LANTIAN_DASK", cluster)
    assert ev.daily_from_store(store, edition="2026-final").equals(here)


def test_an_unreachable_cluster_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lantian.evaluation.partitions.CLUSTER_TIMEOUT", "1s")
    with pytest.raises(DomainError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        ev.daily_from_store(store, cluster="tcp://127.0.0.1:9")
