"""The report in a real browser: no width at which it spills, no request, nothing too small."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lantian import i18n, reports
from tests.conftest import need

WIDTHS = (1440, 1024, 390)
# Text whose box sticks out of the page to the right, but for tables that scroll in their own box.
SPILLS = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('svg, details:not([open])')
    && ![...(function* (p) { while ((p = p.parentElement)) yield p })(e)]
        .some(p => ['auto', 'scroll'].includes(getComputedStyle(p).overflowX))
    && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !['SUB', 'SUP', 'tspan'].includes(e.tagName)
    && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    need(path is not None, "a Chromium browser")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with sync_playwright() as p:
        launched = p.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_asks_nobody(
    browser: Any, month: reports.ReportData, tmp_path: Path, width: int, language: i18n.Language
) -> None:
    i18n.activate(language)
    file = tmp_path / "report.html"
    reports.write(month, file)
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert said == []  # a style the content security policy refuses would be said here
    assert page.evaluate(SPILLS) == []
    assert page.evaluate(SMALLEST) >= 12
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.lang").startswith(language)
    page.close()
