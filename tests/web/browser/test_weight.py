"""How much comes over the line: the first page after signing in, and the heaviest one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.web.browser.conftest import DESK, Served
from tests.web.browser.server import PASSWORD

FIRST = 350_000  # bytes, without map and charts
# 4 Mbit/s carry 500,000 bytes a second; half of the 1.5 s a page may take is left for the server.
HEAVIEST = 500_000
LINE = {"offline": False, "latency": 40, "downloadThroughput": 4e6 / 8, "uploadThroughput": 4e6 / 8}
HEAVY = ("/air/now/", "/air/stations/9905S/", "/air/calendar/", "/air/ranking/", "/air/editions/",
         "/today/", "/air/data/")  # fmt: skip


class Meter:
    """Counts what a page receives, as the line carries it."""

    def __init__(self, page: Any) -> None:
        self.bytes: dict[str, float] = {}
        self.urls: dict[str, str] = {}
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.session.on("Network.requestWillBeSent", self._sent)
        self.session.on("Network.loadingFinished", self._finished)

    def _sent(self, event: Any) -> None:
        self.urls[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: Any) -> None:
        self.bytes[event["requestId"]] = event["encodedDataLength"]

    def total(self) -> float:
        """Return the bytes of all answers."""
        return sum(self.bytes.values())

    def said(self) -> str:
        """Return the sizes, the largest first."""
        sizes = sorted(((n, self.urls.get(i, i)) for i, n in self.bytes.items()), reverse=True)
        return "\n".join(f"{n:9.0f} {url}" for n, url in sizes[:12])


def test_the_first_page_after_signing_in(chromium: Any, servers: dict[str, Served]) -> None:
    context = chromium.new_context(viewport=DESK)
    page = context.new_page()
    page.goto(servers["full"].address + "/sign-in/")
    page.fill("input[name=username]", "调度员甲")
    page.fill("input[name=password]", PASSWORD)
    meter = Meter(page)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.wait_for_load_state("networkidle")
    assert 10_000 < meter.total() < FIRST, meter.said()
    context.close()


def test_no_page_is_too_heavy_for_a_slow_line(
    contexts: Callable[..., Any], servers: dict[str, Served]
) -> None:
    heavy = []
    for path in HEAVY:
        page = contexts("full", "administrator", "zh").new_page()
        meter = Meter(page)
        page.goto(servers["full"].address + path)
        page.wait_for_load_state("networkidle")
        if not 10_000 < meter.total() < HEAVIEST:
            heavy.append(f"{path}: {meter.total():.0f} bytes\n{meter.said()}")
        page.close()
    assert not heavy, "\n".join(heavy)
