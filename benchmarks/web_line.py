"""How long pages take on a slow line, measured in a browser.

    python benchmarks/web_line.py FOLDER [--mbit 4] [--latency 40] [--rounds 3]

FOLDER is a home of ``benchmarks/web_store.py`` (or any other), served as in production on this
machine. Chromium is told to be on a line of so many Mbit/s down and up, with so many milliseconds
to each answer's first byte. Printed for each page, once with nothing in the browser's cache and
once with what the other pages left there:

- kB: what came over the line;
- read: until the page as first sent is there and drawn (the ``load`` event);
- complete: until the last part that it loads by itself has arrived, scrolled to its end.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import room
import web_pages

QUIET = 0.25  # nothing more is on the way after so long without an answer [s]


class Line:
    """A browser tab on a slow line."""

    def __init__(self, context: Any, mbit: float, latency: float) -> None:  # noqa: ANN401
        self.page = context.new_page()
        self.session = context.new_cdp_session(self.page)
        self.session.send("Network.enable")
        rate = mbit * 1e6 / 8
        self.session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": latency, "downloadThroughput": rate,
             "uploadThroughput": rate},
        )  # fmt: skip
        self.received, self.open, self.last = 0.0, set[str](), 0.0
        self.session.on("Network.requestWillBeSent", self._sent)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.on("Network.loadingFailed", lambda e: self.open.discard(e["requestId"]))

    def _sent(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.open.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.open:
            self.open.discard(event["requestId"])
            self.received += event["encodedDataLength"]
            self.last = time.perf_counter()

    def see(self, url: str, *, cached: bool) -> tuple[float, float, float]:
        """Open a page and scroll to its end; return kB, seconds to load, and to the last part."""
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": not cached})
        self.page.goto("about:blank")
        self.received, self.open = 0.0, set()
        began = time.perf_counter()
        self.page.goto(url, wait_until="load")
        read = time.perf_counter() - began
        self.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        while self.open or time.perf_counter() - max(self.last, began) < QUIET:
            self.page.wait_for_timeout(20)
        return self.received / 1e3, read, self.last - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mbit", type=float, default=4.0)
    parser.add_argument("--latency", type=float, default=40.0, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        raise SystemExit("There is no Chromium here; install one.")
    from playwright.sync_api import sync_playwright

    web_pages.stand(given.folder)
    name = room.people(given.folder, 1)[0]
    station = web_pages.chosen(given.folder, 1)[0]
    shown = {"today": "/today/", **web_pages.pages(station), "data": "/air/data/"}
    with room.server(given.folder) as port, sync_playwright() as playwright:
        person = room.Browser(port)
        person.sign_in(name)
        for path in shown.values():  # the line is measured, not the first reading of a year
            person.see(path)
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        root = f"http://{room.HOST}:{port}"
        context.add_cookies(
            [{"name": k, "value": v, "url": root} for k, v in person.cookies.items()]
        )
        line = Line(context, given.mbit, given.latency)
        print(f"{given.mbit:g} Mbit/s, {given.latency:g} ms; median of {given.rounds}")
        print(f"{'':14s} {'nothing cached':>24s} {'as one goes on':>26s}")
        print(f"{'':14s}" + f"{'kB':>8s} {'read s':>8s} {'complete s':>10s}" * 2)
        for page, path in shown.items():
            figures = []
            for cached in (False, True):
                seen = [line.see(root + path, cached=cached) for _ in range(given.rounds)]
                figures += [statistics.median(each) for each in zip(*seen, strict=True)]
            text = "".join(
                f"{figures[n]:8.0f} {figures[n + 1]:8.2f} {figures[n + 2]:10.2f}" for n in (0, 3)
            )
            print(f"{page:14s}{text}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
