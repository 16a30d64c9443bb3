"""The drawings: well-formed, self-contained, honest about gaps."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.reports.charts import palette
from lantian.reports.charts.axes import date_ticks, tick_text, value_ticks
from lantian.reports.charts.bars import Bar, bar_chart, category_bar, stacked_bar
from lantian.reports.charts.calendar import Day, month_chart, weeks_of
from lantian.reports.charts.cycle import Cycle, diurnal_chart
from lantian.reports.charts.frame import runs
from lantian.reports.charts.matrix import day_matrix
from lantian.reports.charts.rose import rose_chart
from lantian.reports.charts.series import Limit, series_chart, spark
from lantian.reports.charts.strip import day_strip
from lantian.reports.charts.svg import formula

NS = "{http://www.w3.org/2000/svg}"
EVIL = "<b>&\"'"


def all_charts() -> dict[str, str]:
    day = Day(3, "120", EVIL)
    return {
        "series": series_chart(date(2016, 1, 1), [1.0, None, 3.0], EVIL, low=[1.0, None, 2.0],
                               high=[1.0, None, 4.0], limit=Limit(2.0, EVIL),
                               deducted=[False, True, False]),
        "spark": spark([None, 2.0, None], 3.0, EVIL),
        "diurnal": diurnal_chart([Cycle(0, [1.0] * 24), Cycle(3, [None] * 24)], EVIL),
        "month": month_chart(date(2016, 2, 1), {date(2016, 2, 29): day}, ["Mo"] * 7, EVIL),
        "matrix": day_matrix([date(2016, 1, 1)], [(EVIL, [day])], EVIL),
        "stacked": stacked_bar([1.0, 2.0, 0.0, 1.0, 1.0, 1.0], 6.0, EVIL),
        "category": category_bar([1, 2, 3, 4, 5, 6], 7, EVIL),
        "bars": bar_chart([Bar("O3", 1.0, EVIL), Bar("CO", None, "—")], EVIL, mark=1.0),
        "strip": day_strip(["ok", "missing", "partly", "none"], EVIL),
        "rose": rose_chart([[1.0, 2.0]] * 16, "NESW", EVIL, EVIL),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(all_charts()))
def test_drawing_is_sound(name: str) -> None:
    root = ET.fromstring(all_charts()[name])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    assert root.attrib["aria-label"] == EVIL
    for item in root.iter():
        assert "style" not in item.attrib
        assert item is root or "class" not in item.attrib
        if item.tag == NS + "text":
            assert float(item.attrib.get("font-size", root.attrib["font-size"])) >= 12
        if item.tag == NS + "rect":
            assert float(item.attrib["x"]) >= -0.01
            assert float(item.attrib["x"]) + float(item.attrib["width"]) <= width + 0.1
            assert float(item.attrib["y"]) + float(item.attrib["height"]) <= height + 0.1


def test_gap_breaks_the_line_and_is_marked() -> None:
    whole = series_chart(date(2016, 1, 1), [1.0, 2.0, 3.0, 4.0, 5.0], "x")
    broken = series_chart(date(2016, 1, 1), [1.0, 2.0, None, 4.0, 5.0], "x")
    line = f'stroke="{palette.ACCENT}"'
    assert whole.count(line) == 1
    assert broken.count(line) == 2
    assert palette.MISSING not in whole
    assert broken.count(palette.MISSING) == 1


def test_what_was_taken_out_is_not_missing() -> None:
    svg = series_chart(date(2016, 1, 1), [1.0, None, 3.0], "x", deducted=[False, True, False])
    assert palette.MISSING not in svg
    assert svg.count(palette.DEDUCTED) == 1


def test_no_value_at_all() -> None:
    svg = series_chart(date(2016, 1, 1), [None, None], "x")
    assert "NaN" not in svg
    ET.fromstring(svg)
    ET.fromstring(rose_chart([[0.0]] * 16, "NESW", "calm", "x"))


def test_calendar_puts_days_under_their_weekday() -> None:
    svg = month_chart(
        date(2016, 2, 1), {date(2016, 2, 29): Day(1, "44", "x")}, list("MTWTFSS"), "x"
    )
    root = ET.fromstring(svg)
    texts = {t.text: t for t in root.iter(NS + "text")}
    # 2016-02-29 was a Monday: the number stands under the first head, in the fifth week
    assert float(texts["44"].attrib["x"]) == pytest.approx(float(texts["M"].attrib["x"]), abs=0.6)
    assert "2-29" in texts
    assert weeks_of(date(2016, 2, 1)) == 5
    assert weeks_of(date(2016, 5, 1)) == 6


def test_missing_aqi_is_dashed_and_uncoloured() -> None:
    svg = month_chart(date(2016, 2, 1), {date(2016, 2, 1): Day(0, "—", "x")}, list("MTWTFSS"), "x")
    assert "stroke-dasharray" in svg
    assert not any(colour in svg for colour in palette.AQI)


def test_category_bar_shows_every_day() -> None:
    root = ET.fromstring(category_bar([10, 20, 30, 20, 10, 5], 5, "x", width=400))
    widths = [float(r.attrib["width"]) for r in root.iter(NS + "rect")]
    assert len(widths) == 7
    assert sum(widths) + 7 * 1.5 == pytest.approx(399, abs=0.7)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1000)), max_size=60))
def test_runs_cover_exactly_the_values(values: list[float | None]) -> None:
    places = {i for first, after in runs(values) for i in range(first, after)}
    assert places == {i for i, v in enumerate(values) if v is not None}


@given(st.floats(min_value=1e-3, max_value=1e6))
def test_ticks_cover_the_top_evenly(top: float) -> None:
    ticks = value_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top * (1 - 1e-9)
    assert 2 <= len(ticks) <= 5
    assert all(abs((b - a) - ticks[1]) < 1e-9 * top for a, b in pairwise(ticks))


def test_tick_words() -> None:
    assert tick_text(2.5, 2.5) == "2.5"
    assert tick_text(200.0, 100.0) == "200"
    assert tick_text(0.25, 0.25) == "0.25"


@pytest.mark.parametrize(
    ("days", "least", "most"), [(1, 1, 1), (7, 7, 7), (31, 3, 4), (92, 5, 7), (366, 5, 7)]
)
def test_date_ticks_are_few(days: int, least: int, most: int) -> None:
    first = date(2016, 1, 1)
    ticks = date_ticks(first, date.fromordinal(first.toordinal() + days - 1))
    assert least <= len(ticks) <= most


def test_formula_lowers_digits_and_escapes() -> None:
    assert formula("PM2.5 <x>") == (
        'PM<tspan font-size="10" dy="3">2.5</tspan><tspan dy="-3"> &lt;x&gt;</tspan>'
    )
    assert formula("HJ 663, PM100, O30") == "HJ 663, PM100, O30"


def test_palette_is_the_design() -> None:
    css = (files("lantian.reports") / "assets" / "tokens.css").read_text("utf-8")
    found = re.findall(r"--([a-z0-9-]+):\s*(#[0-9A-Fa-f]+);", css)
    token = dict(reversed(found))  # the first of a name holds, later ones are of media queries
    for k in range(6):
        assert palette.AQI[k] == token[f"aqi-{k + 1}"]
        assert palette.AQI_EDGE[k] == token[f"aqi-{k + 1}-edge"]
        assert palette.SERIES[k] == token[f"series-{k + 1}"]
    assert token["accent"] == palette.ACCENT
    assert tuple(token[n] for n in ("ink", "ink-2", "ink-3")) == (
        palette.INK,
        palette.INK_2,
        palette.INK_3,
    )
    assert (
        token["data-ok"], token["data-late"], token["data-missing"],
    ) == (palette.OK, palette.PARTLY, palette.MISSING)  # fmt: skip


def test_aqi_colours_are_the_standard() -> None:
    from lantian.standards import CATEGORIES  # noqa: PLC0415

    assert [c.colour for c in CATEGORIES.values()] == list(palette.AQI)
