"""From an excursion of the air to 销号 in a real browser, by three roles with their own posts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lantian.web.cases.demo.pictures import picture
from tests.web.browser.conftest import DESK, Served, process, told
from tests.web.world import county_home

DEMO = "demo"  # the password of all posts of the simulated county


@pytest.fixture
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a county of its own: the walk leaves a case behind."""
    with process(county_home(tmp_path_factory)) as server:
        yield told(server)


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, chromium: Any, server: Served, role: str = "") -> None:
        self.server = server
        self.said: list[str] = []
        context = chromium.new_context(viewport=DESK)
        cookies = {"lantian_language": "zh"}
        if role:
            cookies["sessionid"] = server.sessions[role]
        context.add_cookies(
            [{"name": n, "value": v, "url": server.address} for n, v in cookies.items()]
        )
        self.page = context.new_page()
        self.page.on("pageerror", lambda e: self.said.append(str(e)))

    def sign_in(self, name: str) -> None:
        self.go("/sign-in/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", DEMO)
        self.press(self.page.locator("main button.primary, form button.primary").first)

    def go(self, path: str) -> None:
        self.page.goto(self.server.address + path, wait_until="load")

    def do(self, case: str, action: str, photos: dict[str, Path] | None = None) -> None:
        """Choose an action on the page of a case, fill its form as it asks, and send it."""
        self.go(f"/cases/{case}/")
        self.press(self.page.locator(f'.do-card a[href$="/do/{action}/"]').first)
        form = self.page.locator("form.do-form")
        for box in form.locator("textarea:visible").all():
            box.fill("现场情况已核对，见照片。")
        for select in form.locator("select:visible").all():
            if not select.input_value():
                select.select_option(index=1)
        for group in form.locator("fieldset:has(input[type=radio])").all():
            group.locator("input[type=radio]").first.check()
        for tick in form.locator("input[type=checkbox][required]").all():
            tick.check()
        for kind, path in (photos or {}).items():
            form.locator(f'input[type=file][name="evidence_{kind}"][multiple]').set_input_files(
                path
            )
        self.press(form.locator('button[name="do"]'))
        assert self.page.url.endswith(f"/cases/{case}/"), self.page.inner_text("main")

    def press(self, button: Any) -> None:
        """Press what leads to another page and wait until it is there, however slow that is."""
        with self.page.expect_navigation(wait_until="load", timeout=60_000):
            button.click()


def test_from_an_excursion_to_the_closed_case(
    chromium: Any, county: Served, tmp_path: Path
) -> None:
    photos = {}
    for n, kind in enumerate(("photo_before", "photo_after", "photo_check")):
        photos[kind] = tmp_path / f"{kind}.png"
        photos[kind].write_bytes(picture("road", kind, n))

    desk = Person(chromium, county, "dispatcher")
    desk.go("/cases/excursions/")
    desk.press(desk.page.locator('main table a.btn[href*="excursion="]').first)
    desk.press(desk.page.locator("main form[method=post] button.primary").first)
    found = re.search(r"/cases/(\d{4}-\d{4,})/", desk.page.url)
    assert found, desk.page.inner_text("main")
    case = found[1]

    inspector = Person(chromium, county, "inspector")
    inspector.do(case, "verify", {"photo_before": photos["photo_before"]})
    desk.do(case, "open")
    desk.do(case, "dispatch")

    lead = re.search(r"(\w+?)(?:人民政府|管委会)", desk.page.inner_text("main"))
    assert lead, "nobody answers for the case"
    town = Person(chromium, county)
    town.sign_in(f"{lead[1]}环保岗")
    town.do(case, "accept")
    town.do(case, "finish", {k: photos[k] for k in ("photo_before", "photo_after")})
    # who rectified it is not offered the judgement of it
    assert town.page.locator('.do-card a[href$="/do/pass/"]').count() == 0

    inspector.do(case, "pass", {"photo_check": photos["photo_check"]})
    desk.do(case, "close")
    assert "已销号" in desk.page.inner_text("main")
    assert [*desk.said, *inspector.said, *town.said] == []
