"""A browser and two served homes, one with the county and one with nothing in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lantian.home.layout import Home
from tests.conftest import REPO, need
from tests.web.world import CLOCK, county_home

DESK = {"width": 1440, "height": 900}
STORES = ("full", "empty")
PROBES = Path(__file__).with_name("probes.js").read_text("utf-8")


@dataclass(frozen=True)
class Served:
    """A server: where it is, a session of each role, the code of a territory."""

    address: str
    sessions: dict[str, str]
    code: str


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Return the servers by store; both start at once."""
    empty = Home.init(
        tmp_path_factory.mktemp("empty") / "home", name="空县", clock=CLOCK, simulated=True
    )
    homes = {"full": county_home(tmp_path_factory), "empty": empty}
    with ExitStack() as open_:
        running = {store: open_.enter_context(process(home)) for store, home in homes.items()}
        yield {store: told(server) for store, server in running.items()}


@contextmanager
def process(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Run a server of a home; it ends when its input closes."""
    command = [sys.executable, "-m", "tests.web.browser.server", str(home.path)]
    with subprocess.Popen(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server
        assert server.stdin is not None
        server.stdin.close()
        server.wait(timeout=30)


def told(server: subprocess.Popen[str]) -> Served:
    """Return what a server says once it is ready."""
    assert server.stdout is not None
    said = json.loads(server.stdout.readline())
    return Served(f"http://127.0.0.1:{said['port']}", said["sessions"], said["code"])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    need(path is not None, "a Chromium browser")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-background-networking", "--disable-sync",
                  "--no-first-run", "--disable-component-update"],
        )  # fmt: skip
        yield launched
        launched.close()


@dataclass
class Visit:
    """A page somebody looks at, and what the browser said of it meanwhile."""

    page: Any
    server: Served
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, path: str) -> int:
        """Open a path; return its status."""
        answer = self.page.goto(self.server.address + path, wait_until="load")
        self.settle()
        return int(answer.status)

    def settle(self) -> None:
        """Wait until the parts that load late are there."""
        self.page.wait_for_function(
            "() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')"
        )

    def probe(self, what: str) -> Any:
        """Return what a function of ``probes.js`` says of the page."""
        return self.page.evaluate(f"() => {{ {PROBES}; return {what}(); }}")

    def elsewhere(self) -> list[str]:
        """Return what was asked of other hosts."""
        here = urlsplit(self.server.address).netloc
        asked = [(urlsplit(url), url) for url in self.asked]
        return [url for to, url in asked if to.scheme not in ("data", "blob") and to.netloc != here]


Open = Callable[..., Visit]


@pytest.fixture(scope="session")
def contexts(chromium: Any, servers: dict[str, Served]) -> Iterator[Callable[..., Any]]:
    """Return a maker of browser contexts, one for each kind of visitor."""
    made: dict[tuple[str, str | None, str], Any] = {}

    def context(store: str, role: str | None, lang: str) -> Any:
        key = (store, role, lang)
        if key not in made:
            server = servers[store]
            fresh = chromium.new_context(viewport=DESK)
            cookies = {"lantian_language": lang}
            if role:
                cookies["sessionid"] = server.sessions[role]
            fresh.add_cookies(
                [{"name": n, "value": v, "url": server.address} for n, v in cookies.items()]
            )
            made[key] = fresh
        return made[key]

    yield context
    for kept in made.values():
        kept.close()


@pytest.fixture
def visit(contexts: Callable[..., Any], servers: dict[str, Served]) -> Iterator[Open]:
    """Return a maker of visits: ``visit("full", "administrator", "zh")``."""
    opened = []

    def start(store: str = "full", role: str | None = "administrator", lang: str = "zh") -> Visit:
        page = contexts(store, role, lang).new_page()
        opened.append(page)
        seen = Visit(page, servers[store])
        page.on("console", lambda m: seen.said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: seen.said.append(f"error: {e}"))
        page.on("request", lambda r: seen.asked.append(r.url))
        return seen

    yield start
    for page in opened:
        page.close()
