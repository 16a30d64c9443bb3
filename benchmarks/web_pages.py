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
import contextlib
import gzip
import html
import http.client
import os
import random
import re
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

STANDING = datetime(2026, 11, 20, 8, 20, tzinfo=UTC)  # CLOCK of web_store.py
PASSWORD = secrets.token_urlsafe(16)
ROLE = "dispatcher"
HOST = "127.0.0.1"
_TAG = re.compile(r"<[a-z][^>]*\bhx-get=[^>]*>")
_ATTRIBUTE = re.compile(r"\b(hx-get|hx-trigger)=\"([^\"]*)\"")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Browser:
    """One person's connection: keeps cookies, as a browser does, and follows no redirect."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def ask(
        self, path: str, form: dict[str, str] | None = None, *, piece: bool = False
    ) -> tuple[int, str, dict[str, str]]:
        """Return status, text and headers of an answer, read to its end."""
        if self._line is None:
            self._line = http.client.HTTPConnection(HOST, self.port, timeout=120)
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept-Encoding": "gzip",
            **({"HX-Request": "true"} if piece else {}),
        }
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://{HOST}:{self.port}{path}",
            }
        self._line.request("GET" if form is None else "POST", path, body, headers)
        answer = self._line.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, content.decode(), dict(answer.headers)

    def sign_in(self, name: str) -> None:
        """Sign in by the form."""
        _status, text, _headers = self.ask("/sign-in/")
        token = _TOKEN.search(text)
        form = {
            "username": name,
            "password": PASSWORD,
            "csrfmiddlewaretoken": token[1] if token else "",
        }
        status, text, _headers = self.ask("/sign-in/", form)
        if status != 302:
            raise SystemExit(f"{name} could not sign in: {status} {text[:500]}")

    def see(self, path: str) -> tuple[list[float], str]:
        """Open a page and the parts it loads by itself.

        Returns
        -------
        times, text
            Seconds of the page, then of each of its parts; the text of all.
        """
        times: list[float] = []
        texts: list[str] = []
        waiting = [path]
        while waiting:
            asked = waiting.pop(0)
            began = time.perf_counter()
            status, text, _headers = self.ask(asked, piece=bool(times))
            times.append(time.perf_counter() - began)
            if status != 200:
                raise SystemExit(f"{asked} answered {status}: {text[:500]}")
            texts.append(text)
            waiting += later(text)
        return times, "\n".join(texts)


def later(text: str) -> list[str]:
    """Return the addresses of the parts that a page or a part loads as it is shown or scrolled."""
    found = []
    for tag in _TAG.findall(text):
        given = dict(_ATTRIBUTE.findall(tag))
        if re.search(r"\b(load|revealed)\b", given.get("hx-trigger", "")):
            found.append(html.unescape(given["hx-get"]))
    return found


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


@contextlib.contextmanager
def server(home: Path) -> Iterator[int]:
    """Run the server of a home; yield its port once it answers."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "LANTIAN_HOME": str(home), "LANTIAN_PORT": str(port), "LANTIAN_BIND": HOST,
    }  # fmt: skip
    command = [sys.executable, "-m", "lantian", "serve", "web"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 180
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    if Browser(port).ask("/healthz")[0] == 200:
                        break
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("The server did not start.")
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=60)


def people(home: Path, users: int) -> list[str]:
    """Give the home so many people with a new password; return their names."""
    from lantian.home.layout import Home
    from lantian.web.core.setup import prepare

    prepare(Home.open(home))
    from lantian.web.accounts.models import Appointment, User

    names = []
    for n in range(users):
        name = f"benchmark-{n + 1:02d}"
        user = User.objects.filter(name=name).first() or User.objects.create_user(name)
        user.set_password(PASSWORD)
        user.save()
        if not user.appointments.exists():
            Appointment.objects.create(user=user, role=ROLE, valid_from=date(2020, 1, 1))
        names.append(name)
    return names


def cold(home: Path, name: str, station: str) -> dict[str, float]:
    """Return the seconds of the first request of each page after a start."""
    took = {}
    for page, path in pages(station).items():
        with server(home) as port:
            browser = Browser(port)
            browser.sign_in(name)
            times, _text = browser.see(path)
        took[page] = times[0]
        if len(times) > 1:
            took[f"{page}, parts"] = max(times[1:])
    return took


def warm(
    port: int, names: Sequence[str], stations: Sequence[str], think: float, requests: int
) -> tuple[dict[str, list[float]], float]:
    """Let everybody look at pages; return the seconds of each page, and of all together."""
    times: dict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()
    failed: list[BaseException] = []

    def look(n: int, browser: Browser) -> None:
        dice = random.Random(n)
        try:
            for _request in range(requests // len(names)):
                page, path = dice.choice(list(pages(dice.choice(stations)).items()))
                found, _text = browser.see(path)
                with lock:
                    times[page].append(found[0])
                    if len(found) > 1:
                        times[f"{page}, parts"] += found[1:]
                time.sleep(dice.uniform(0.5, 1.5) * think)
        except (SystemExit, OSError, http.client.HTTPException) as error:
            failed.append(error)

    browsers = [Browser(port) for _name in names]
    for name, browser in zip(names, browsers, strict=True):
        browser.sign_in(name)
    threads = [threading.Thread(target=look, args=each) for each in enumerate(browsers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"{len(failed)} of {len(names)} people could not go on: {failed[0]}")
    return times, time.perf_counter() - began


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
    return _TOKEN.sub("", re.sub(r'data-clock="[^"]*"', "", main))


def stand(home: Path) -> None:
    """Let the clock of the home stand at the time of its last values."""
    from lantian.home.clock import Simulation, write

    write(home, Simulation(seed=1, speed=0.0, real_epoch=STANDING, simulated_epoch=STANDING))


def report(times: dict[str, list[float]], seconds: float, think: float) -> None:
    """Print the figures of one run."""
    every = [t for found in times.values() for t in found]
    print(f"\nthink time {think:g} s: {len(every)} pages, {len(every) / seconds:.0f} a second")
    print(f"{'':19s} {'n':>5s} {'p50':>6s} {'p95':>6s} {'max':>6s}")
    for page in sorted(times):
        line(page, times[page])
    line("all", every)


def line(name: str, found: Sequence[float]) -> None:
    """Print number, p50, p95 and the longest [ms]."""
    points = (
        statistics.quantiles(found, n=20, method="inclusive") if len(found) > 1 else [*found] * 19
    )
    figures = (points[9], points[18], max(found))
    print(f"{name:19s} {len(found):5d} " + " ".join(f"{1e3 * t:6.0f}" for t in figures))


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
        for page, took in cold(given.folder, names[0], stations[0]).items():
            print(f"{page:19s} {1e3 * took:6.0f}", flush=True)
    with server(given.folder) as port:
        see_all(port, names, stations)  # nobody is the first any more
        for think in given.think:
            report(*warm(port, names, stations, think, given.requests), think)
        print("\nfrom a correction to its showing [ms]")
        for page, took in corrected(given.folder, port, names[0], stations[0]).items():
            print(f"{page:20s} {1e3 * took:6.0f}")


if __name__ == "__main__":
    main()
