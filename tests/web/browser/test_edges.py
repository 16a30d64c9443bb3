"""What is wider than a phone says so: it fades where more is hidden, and below what is fixed."""

from __future__ import annotations

from tests.web.browser.conftest import DESK, Open, Visit

PHONE = {"width": 390, "height": 844}
EDGES = "['data-before', 'data-after'].map(name => box.hasAttribute(name))"


def opened(visit: Open, path: str, size: dict[str, int]) -> Visit:
    seen = visit(role="dispatcher")
    seen.page.set_viewport_size(size)
    seen.go(path)
    seen.page.wait_for_timeout(100)  # marked in the next frame
    return seen


def test_a_wide_table_fades_where_it_goes_on(visit: Open) -> None:
    seen = opened(visit, "/air/ranking/", PHONE)
    table = seen.page.locator(".scroll:has(.table.rank)")

    def edges() -> list[bool]:
        seen.page.wait_for_timeout(100)
        found: list[bool] = table.evaluate(f"box => {EDGES}")
        return found

    assert edges() == [False, True]
    assert "gradient" in table.evaluate("box => getComputedStyle(box).maskImage")
    table.evaluate("box => { box.scrollLeft = 60; }")
    assert edges() == [True, True]
    table.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert edges() == [True, False]


def test_what_fits_does_not_fade(visit: Open) -> None:
    seen = opened(visit, "/air/ranking/", DESK)
    assert seen.page.locator("[data-before], [data-after]").count() == 0


def test_the_page_one_is_on_is_seen_in_its_row(visit: Open) -> None:
    seen = opened(visit, "/air/data/", PHONE)
    box = seen.page.locator(".sub [aria-current]").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


def test_a_frozen_cell_stays_below_the_bar(visit: Open) -> None:
    seen = opened(visit, "/air/ranking/", PHONE)
    top = seen.page.evaluate(
        """() => {
          const cell = [...document.querySelectorAll('.table.rank td.name')].at(-1);
          const bar = document.querySelector('.tabs').getBoundingClientRect();
          scrollBy(0, cell.getBoundingClientRect().top - bar.top - 10);
          const at = cell.getBoundingClientRect();
          return document.elementFromPoint(at.left + 5, at.top + 12).closest('.tabs, td').className;
        }"""
    )
    assert top.startswith("tabs")
