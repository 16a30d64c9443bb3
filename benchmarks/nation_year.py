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
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

YEAR = 2025
ZONE = "Asia/Shanghai"
MEAN = {"pm25": 45.0, "pm10": 85.0, "so2": 9.0, "no2": 28.0, "co": 0.8, "o3": 95.0}


def months(stations: int, seed: int) -> Iterator[pl.DataFrame]:
    """Yield long frames, a local month each, sorted by station, parameter and time."""
    rng = np.random.default_rng(seed)
    names = pl.Series("station", [f"{1000 + i}A" for i in range(stations)]).sort()
    for month in range(1, 13):
        first = datetime(YEAR, month, 1) - timedelta(hours=8)
        after = datetime(YEAR + month // 12, month % 12 + 1, 1) - timedelta(hours=8)
        hours = int((after - first).total_seconds() // 3600)
        label = pl.Series("time", [first + timedelta(hours=h + 1) for h in range(hours)])
        label = label.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        values = [
            np.round(rng.gamma(2.0, mean / 2.0, stations * hours), 1 if p == "co" else 0)
            for p, mean in MEAN.items()
        ]
        grid = np.stack([v.reshape(stations, hours) for v in values], axis=1).ravel()
        yield pl.DataFrame(
            {
                "station": names.gather(np.repeat(np.arange(stations), hours * len(MEAN))),
                "parameter": pl.Series(list(MEAN)).gather(
                    np.tile(np.repeat(np.arange(len(MEAN)), hours), stations)
                ),
                "period": "1h",
                "time": label.gather(np.tile(np.arange(hours), stations * len(MEAN))),
                "value": grid,
            }
        )


def build(folder: Path, stations: int) -> tuple[float, int]:
    """Load the year and revise one value in a hundred; return seconds and rows."""
    from lantian.observations.store import Store

    store = Store.create(folder, zone=ZONE)
    begin = time.perf_counter()
    rows = 0

    def counted() -> Iterator[pl.DataFrame]:
        nonlocal rows
        for frame in months(stations, seed=1):
            rows += frame.height
            yield frame

    store.append(counted(), calibre="audited", actor="benchmark")
    seconds = time.perf_counter() - begin
    revised = (
        f.gather_every(100).with_columns(pl.col("value") + 1) for f in months(stations, seed=1)
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


def measured(what: str, folder: Path) -> dict[str, object]:
    """Run one job in a process of its own; return its seconds and peak memory [GiB]."""
    command = [sys.executable, __file__, "--run", what, "--folder", str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(out.splitlines()[-1]))


def peak_kib() -> int:
    """Return the peak memory of this process [KiB].

    Not ``ru_maxrss``, which a process inherits from the one that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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
            once = {what: measured(what, folder) for what in ("bare", "ours", "dask")}
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
