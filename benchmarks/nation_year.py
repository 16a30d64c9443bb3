"""A year of the nation's stations: from the store to days, AQI, the year and the ranking.

Prints seconds and peak memory for three sizes, on one process and on two Dask workers, beside a
bare Polars aggregation of the same rows read from the same files in the same run.

    python benchmarks/nation_year.py [--stations 1700] [--folder DIR]

Rows are synthetic (seeded); one in a hundred values is revised after it was loaded. Each measured
run is a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from nation import ZONE, measured, months, peak_kib

YEAR = 2025


def build(folder: Path, stations: int) -> tuple[float, int]:
    """Load the year and revise one value in a hundred; return seconds and rows."""
    from lantian.observations.store import Store

    store = Store.create(folder, zone=ZONE)
    begin = time.perf_counter()
    rows = 0

    def counted() -> Iterator[pl.DataFrame]:
        nonlocal rows
        for frame in months(stations, seed=1, year=YEAR):
            rows += frame.height
            yield frame

    store.append(counted(), calibre="audited", actor="benchmark")
    seconds = time.perf_counter() - begin
    revised = (
        f.gather_every(100).with_columns(pl.col("value") + 1)
        for f in months(stations, seed=1, year=YEAR)
    )
    store.append(revised, calibre="audited", actor="benchmark")
    return seconds, rows


def judge(folder: Path, cluster: str | None) -> dict[str, object]:
    """Days, AQI, the year and the ranking, from the store."""
    import lantian.evaluation as ev
    from lantian.observations.store import Store

    daily = ev.daily_from_store(Store.open(folder), edition="2026-transition", cluster=cluster)
    ranked = ev.rank(ev.period(daily, by="year", edition="2026-transition"))
    return {"station_days": daily.height, "ranked": int(ranked["rank"].count())}


def bare(folder: Path) -> dict[str, object]:
    """Daily mean, yearly mean and 95th percentile of every series, with nothing of ours."""
    files = sorted(str(f) for f in (folder / "measurements").glob("**/layer=base/**/*.parquet"))
    daily = (
        pl.scan_parquet(files, hive_partitioning=False)
        .group_by(
            "station",
            "parameter",
            (pl.col("time") - pl.duration(hours=1)).dt.convert_time_zone(ZONE).dt.date(),
        )
        .agg(pl.col("value").mean(), pl.len())
    )
    yearly = (
        daily.group_by("station", "parameter")
        .agg(pl.col("value").mean().alias("mean"), pl.col("value").quantile(0.95).alias("p95"))
        .collect(engine="streaming")
    )
    return {"series": yearly.height}


def run(what: str, folder: Path) -> None:
    """Do one job here and print what it took."""
    if what == "dask":
        from distributed import Client, LocalCluster

        with (
            LocalCluster(
                n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
            ) as cluster,
            Client(cluster) as client,
        ):
            client.wait_for_workers(2)
            begin = time.perf_counter()
            result = judge(folder, cluster.scheduler_address)
            seconds = time.perf_counter() - begin
            peak = max(client.run(peak_kib).values())
    else:
        import lantian.evaluation  # noqa: F401 - import is not what is measured

        begin = time.perf_counter()
        result = judge(folder, None) if what == "ours" else bare(folder)
        seconds = time.perf_counter() - begin
        peak = peak_kib()
    print(json.dumps({"seconds": seconds, "gib": peak / 2**20, **result}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stations", type=int, default=1700, help="the largest size")
    parser.add_argument(
        "--folder", type=Path, help="where to build the stores (default: temporary)"
    )
    parser.add_argument("--run", choices=["ours", "bare", "dask"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run, given.folder)
        return
    base = Path(tempfile.mkdtemp(prefix="lantian-nation-", dir=given.folder))
    print(
        "stations        rows   load s |  bare s   GiB |  ours s   GiB   x bare |  dask s  its GiB"
    )
    try:
        for stations in (given.stations // 4, given.stations // 2, given.stations):
            folder = base / str(stations)
            load, rows = build(folder, stations)
            once = {
                what: measured(__file__, "--run", what, "--folder", str(folder))
                for what in ("bare", "ours", "dask")
            }
            ratio = once["ours"]["seconds"] / once["bare"]["seconds"]
            print(
                f"{stations:8d} {rows:11,d} {load:8.1f} | {once['bare']['seconds']:7.2f}"
                f" {once['bare']['gib']:5.2f} | {once['ours']['seconds']:7.2f}"
                f" {once['ours']['gib']:5.2f} {ratio:8.1f} | {once['dask']['seconds']:7.2f}"
                f" {once['dask']['gib']:8.2f}",
                flush=True,
            )
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
