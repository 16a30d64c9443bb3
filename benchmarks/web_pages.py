"""What the pages of a nation's network cost a room of people: a load test from another process.

    python benchmarks/web_pages.py FOLDER [--users 20] [--think 1 0] [--requests 1000]

FOLDER is a home of ``benchmarks/web_store.py``, made when it is not there. The server runs as in
production (``lantian serve web``: granian, one process) with the clock standing, and is asked over
a socket. Printed, in milliseconds:

- cold: the first request of each page after a start of the server, and its slowest part;
- warm: p50, p95 and the longest of each page once all have been seen, while so many people look
  at pages of different stations, each waiting ``--think`` seconds between two of them, and the
  requests per second;
- correction: from the end of ``lantian correct`` in a third process until each page shows it.

Parts that a page loads later, as it is shown or scrolled, are asked right after it, every one.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from room import TOKEN, Browser, cold, people, report, server, warm

STANDING = datetime(2026, 11, 20, 8, 20, tzinfo=UTC)  # CLOCK of web_store.py


def pages(station: str) -> dict[str, str]:
    """Return the addresses that are asked, by name."""
    at = quote(station)
    return {
        "network now": "/air/now/",
        "station": f"/air/stations/{at}/",
        "calendar": f"/air/calendar/?station={at}",
        "ranking": "/air/ranking/",
        "comparison": f"/air/editions/?station={at}",
    }


def see_all(port: int, names: Sequence[str], stations: Sequence[str]) -> None:
    """Open every page of every station: the first view is cold, whenever it happens."""
    browser = Browser(port)
    browser.sign_in(names[0])
    paths = sorted({path for station in stations for path in pages(station).values()})
    for _time in range(int(os.environ.get("LANTIAN_WORKERS", "1"))):
        for path in paths:
            Browser(port, browser.cookies).see(path)  # a connection of its own: any worker's


def corrected(home: Path, port: int, name: str, station: str) -> dict[str, float]:
    """Correct values by the command line; return the seconds until each page is another.

    The newest hour, for the pages of now, and one of yesterday, for those of whole days.
    """
    browser = Browser(port)
    browser.sign_in(name)
    took = {}
    # As published, one hour is lost in the figures of a year, but not in those of a month.
    month, at = f"period={STANDING:%Y-%m}", quote(station)
    paths = {
        **pages(station),
        "ranking": f"/air/ranking/?{month}&q={at}",
        "comparison": f"/air/editions/?{month}&station={at}",
    }
    newest = STANDING.replace(minute=0)
    for hour, of in (
        (newest, ("network now", "station")),
        (newest - timedelta(days=1), ("calendar", "ranking", "comparison")),
    ):
        shown = {page: path for page, path in paths.items() if page in of}
        before = {page: kept(browser.see(path)[1]) for page, path in shown.items()}
        began = time.perf_counter()
        correct(home, station, hour)
        done = time.perf_counter()
        took["(the command itself)"] = done - began
        while shown:
            for page, path in list(shown.items()):
                if kept(browser.see(path)[1]) != before[page]:
                    took[page] = time.perf_counter() - done
                    del shown[page]
            if shown and time.perf_counter() - done > 30:
                raise SystemExit(f"30 s after a correction it is not on: {', '.join(shown)}")
    return took


def correct(home: Path, station: str, hour: datetime) -> None:
    """Give an hour of PM2.5 a very different value, in a process of its own."""
    from lantian.home.layout import Home

    stored = Home.open(home).store.read(
        start=hour - timedelta(hours=1), end=hour, stations=(station,), parameters=("pm25",)
    )
    value = "900" if (stored["value"][0] or 0) < 500 else "100"
    command = [
        sys.executable, "-m", "lantian", "correct", "--home", str(home), "--reason", "benchmark",
        "--quiet", station, "pm25", hour.isoformat(), value,
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def kept(text: str) -> str:
    """Return what a page says of the air: without what differs between two answers anyway."""
    main = text[text.find("<main") :]
    return TOKEN.sub("", re.sub(r'data-clock="[^"]*"', "", main))


def stand(home: Path) -> None:
    """Let the clock of the home stand at the time of its last values."""
    from lantian.home.clock import Simulation, write

    write(home, Simulation(seed=1, speed=0.0, real_epoch=STANDING, simulated_epoch=STANDING))


def chosen(folder: Path, count: int) -> list[str]:
    """Return ids of stations spread over the register."""
    from lantian.home.layout import Home

    register = Home.open(folder).store.stations()
    names: list[str] = register["station" if "station" in register.columns else "id"].to_list()
    return names[:: max(1, len(names) // count)][:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--think", type=float, nargs="+", default=[1.0, 0.0], help="seconds")
    parser.add_argument("--requests", type=int, default=1000, help="pages of each run")
    parser.add_argument("--stations", type=int, default=50, help="different stations looked at")
    parser.add_argument("--no-cold", action="store_true", help="leave the starts out")
    given = parser.parse_args()
    if not given.folder.exists():
        import web_store

        web_store.build(given.folder, 1700, 1)
    stand(given.folder)
    names = people(given.folder, given.users)
    stations = chosen(given.folder, given.stations)
    if not given.no_cold:
        print("cold, the first request after a start [ms]")
        for page, took in cold(given.folder, names[0], pages(stations[0])).items():
            print(f"{page:19s} {1e3 * took:6.0f}", flush=True)

    def choose(_n: int, dice: random.Random) -> tuple[str, str]:
        return dice.choice(list(pages(dice.choice(stations)).items()))

    with server(given.folder) as port:
        see_all(port, names, stations)  # nobody is the first any more
        for think in given.think:
            report(*warm(port, names, choose, think, given.requests), think)
        print("\nfrom a correction to its showing [ms]")
        for page, took in corrected(given.folder, port, names[0], stations[0]).items():
            print(f"{page:20s} {1e3 * took:6.0f}")


if __name__ == "__main__":
    main()
