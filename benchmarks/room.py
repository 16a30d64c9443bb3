"""A room of people at a server: what the load tests of pages share.

The server runs as in production (``lantian serve web``: granian, one process) and is asked over a
socket, from this process, by as many people as there are connections.
"""

from __future__ import annotations

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

PASSWORD = secrets.token_urlsafe(16)
ROLE = "dispatcher"
HOST = "127.0.0.1"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_TAG = re.compile(r"<[a-z][^>]*\bhx-get=[^>]*>")
_ATTRIBUTE = re.compile(r"\b(hx-get|hx-trigger)=\"([^\"]*)\"")


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
        token = TOKEN.search(text)
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


def cold(home: Path, name: str, pages: Mapping[str, str]) -> dict[str, float]:
    """Return the seconds of the first request of each page after a start."""
    took = {}
    for page, path in pages.items():
        with server(home) as port:
            browser = Browser(port)
            browser.sign_in(name)
            times, _text = browser.see(path)
        took[page] = times[0]
        if len(times) > 1:
            took[f"{page}, parts"] = max(times[1:])
    return took


def warm(
    port: int,
    names: Sequence[str],
    choose: Callable[[int, random.Random], tuple[str, str]],
    think: float,
    requests: int,
) -> tuple[dict[str, list[float]], float]:
    """Let everybody look at pages; return the seconds of each page, and of all together.

    Parameters
    ----------
    choose
        Gives the name and the address of the next page of the n-th of the people.
    think
        Mean time between two pages [s].
    requests
        Pages of all of them together.
    """
    times: dict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()
    failed: list[BaseException] = []

    def look(n: int, browser: Browser) -> None:
        dice = random.Random(n)
        try:
            for _request in range(requests // len(names)):
                page, path = choose(n, dice)
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


def report(times: dict[str, list[float]], seconds: float, think: float) -> None:
    """Print the figures of one run."""
    every = [t for found in times.values() for t in found]
    print(f"\nthink time {think:g} s: {len(every)} pages, {len(every) / seconds:.0f} a second")
    print(f"{'':22s} {'n':>5s} {'p50':>6s} {'p95':>6s} {'max':>6s}")
    for page in sorted(times):
        line(page, times[page])
    line("all", every)


def line(name: str, found: Sequence[float]) -> None:
    """Print number, p50, p95 and the longest [ms]."""
    points = (
        statistics.quantiles(found, n=20, method="inclusive") if len(found) > 1 else [*found] * 19
    )
    figures = (points[9], points[18], max(found))
    print(f"{name:22s} {len(found):5d} " + " ".join(f"{1e3 * t:6.0f}" for t in figures))
