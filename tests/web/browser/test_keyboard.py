"""Who cannot use a mouse: the keyboard leads everywhere, and what has the focus is seen."""

from __future__ import annotations

import pytest

from tests.web.browser.conftest import Open

WHERE = "document.activeElement"


def test_the_first_tab_leads_past_the_navigation(visit: Open) -> None:
    seen = visit(role="dispatcher")
    seen.go("/air/now/")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(f"{WHERE}.className") == "skip"
    box = seen.page.locator(".skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0  # it is seen once it has the focus
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(f"!!{WHERE}.closest('main')")


def test_tab_goes_from_navigation_to_search_to_content(visit: Open) -> None:
    seen = visit(role="dispatcher")
    seen.go("/air/now/")
    order = []
    for _press in range(60):
        seen.page.keyboard.press("Tab")
        place = seen.page.evaluate(
            f"{WHERE}.closest('.skip, nav.nav, .search, .top, main')?.className ?? 'none'"
        )
        if not order or order[-1] != place:
            order.append(place)
        if place == "main":
            break
    assert [p.split()[0] for p in order] == ["skip", "nav", "search", "top", "main"]


@pytest.mark.parametrize("path", ["/air/now/", "/air/ranking/", "/air/data/", "/people/"])
def test_what_has_the_focus_is_seen(visit: Open, path: str) -> None:
    seen = visit()
    seen.go(path)
    hidden = []
    for _press in range(25):
        seen.page.keyboard.press("Tab")
        state = seen.probe("unmarked")
        if state:
            hidden.append(state)
    assert hidden == []


def test_slash_searches_arrows_walk_and_escape_leaves(visit: Open) -> None:
    seen = visit(role="dispatcher")
    page = seen.page
    seen.go("/air/now/")
    page.keyboard.press("/")
    assert page.evaluate(f"{WHERE}.name") == "q"
    page.keyboard.type("镇")
    page.wait_for_selector("#found a")
    page.keyboard.press("ArrowDown")
    first = page.evaluate(f"{WHERE}.textContent")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{WHERE}.textContent") != first
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(f"{WHERE}.name") == "q"
    page.keyboard.press("Escape")
    assert page.locator("#found a").count() == 0
    assert page.evaluate(f"{WHERE} === document.body")
    page.keyboard.press("/")
    page.keyboard.type("镇")  # Escape has emptied the field
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert page.locator("main .hits a").count() > 0


def test_a_slash_in_a_field_is_a_slash(visit: Open) -> None:
    seen = visit()
    seen.go("/search")
    field = seen.page.locator("main input[name=q]")
    field.focus()
    seen.page.keyboard.type("a/b")
    assert field.input_value() == "a/b"


def test_the_search_closes_when_one_goes_on(visit: Open) -> None:
    seen = visit(role="dispatcher")
    seen.go("/air/now/")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("镇")
    seen.page.wait_for_selector("#found a")
    seen.page.mouse.click(700, 600)
    assert seen.page.locator("#found a").count() == 0
