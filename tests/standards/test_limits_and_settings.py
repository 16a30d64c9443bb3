"""GB 3095 limits, editions by date, categories, settings."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lantian import i18n
from lantian.errors import InvalidArgumentError, UnknownNameError
from lantian.standards import (
    CATEGORIES,
    CHOICES,
    Settings,
    category,
    category_expr,
    edition_expr,
    edition_of,
    limit,
    method,
)

# GB 3095, grade II: pollutant, averaging, 2012, transition, final
GRADE_2 = [
    ("so2", "year", 60, 60, 20), ("so2", "24h", 150, 150, 50), ("so2", "1h", 500, 500, 150),
    ("no2", "year", 40, 40, 30), ("no2", "24h", 80, 80, 50), ("no2", "1h", 200, 200, 200),
    ("co", "24h", 4, 4, 4), ("co", "1h", 10, 10, 10), ("o3", "8h", 160, 160, 160),
    ("o3", "1h", 200, 200, 200), ("pm10", "year", 70, 60, 50), ("pm10", "24h", 150, 120, 100),
    ("pm25", "year", 35, 30, 25), ("pm25", "24h", 75, 60, 50), ("tsp", "year", 200, 200, 200),
]  # fmt: skip


@pytest.mark.parametrize(("p", "averaging", "old", "transition", "final"), GRADE_2)
def test_grade_2_limits(
    p: str, averaging: str, old: float, transition: float, final: float
) -> None:
    found = [
        limit(p, averaging=averaging, grade=2, edition=e)
        for e in ("2012", "2026-transition", "2026-final")
    ]
    assert found == [old, transition, final]


def test_grade_1_is_never_laxer() -> None:
    assert limit("pm25", averaging="year", grade=1, edition="2026-final") == 10
    for p, averaging, *_rest in GRADE_2:
        for e in ("2012", "2026-transition", "2026-final"):
            first = limit(p, averaging=averaging, grade=1, edition=e)
            assert first <= limit(p, averaging=averaging, grade=2, edition=e)


def test_there_is_no_hourly_limit_of_pm() -> None:
    with pytest.raises(LookupError, match="no 1h limit for pm25"):
        limit("pm25", averaging="1h", grade=2, edition="2012")


@pytest.mark.parametrize(("grade", "edition"), [(3, "2012"), (2, "auto")])
def test_bad_grade_and_auto_are_refused(grade: int, edition: str) -> None:
    with pytest.raises(InvalidArgumentError):
        limit("pm25", averaging="year", grade=grade, edition=edition)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), "2012"), (date(2026, 3, 1), "2026-transition"),
        (date(2030, 12, 31), "2026-transition"), (date(2031, 1, 1), "2026-final"),
    ],
)  # fmt: skip
def test_the_switch_days(day: date, expected: str) -> None:
    assert edition_of(day) == expected
    frame = pl.DataFrame({"d": [day]})
    assert frame.select(edition_expr(pl.col("d"), "auto")).item() == expected
    assert frame.select(edition_expr(pl.col("d"), "2012")).item() == "2012"


@pytest.mark.parametrize(
    ("aqi", "expected"),
    [(0, "excellent"), (50, "excellent"), (51, "good"), (100, "good"), (101, "light"),
     (150, "light"), (151, "moderate"), (200, "moderate"), (201, "heavy"), (300, "heavy"),
     (301, "severe"), (500, "severe")],
)  # fmt: skip
def test_categories(aqi: int, expected: str) -> None:
    assert category(aqi).id == expected
    assert pl.DataFrame({"a": [aqi]}).select(category_expr(pl.col("a"))).item() == expected


def test_category_of_nothing() -> None:
    frame = pl.DataFrame({"a": [None]}, schema={"a": pl.Int32})
    assert frame.select(category_expr(pl.col("a"))).item() is None
    with pytest.raises(UnknownNameError):
        category(float("nan"))


def test_the_colours_are_the_standards() -> None:
    colours = [c.colour for c in CATEGORIES.values()]
    assert colours == ["#00E400", "#FFFF00", "#FF7E00", "#FF0000", "#99004C", "#7E0023"]


def test_names_follow_the_language() -> None:
    before = i18n.active()
    i18n.activate("zh")
    try:
        assert category(163).name == "中度污染"
    finally:
        i18n.activate(before)
    assert category(163).name == "Moderate pollution"


def test_settings_are_documented_and_checked() -> None:
    assert Settings.default().changed() == {}
    assert Settings.of({"city_share": 0.5}).changed() == {"city_share": 0.5}
    assert {c.name for c in Settings.default().in_doubt()} <= set(CHOICES)
    for choice in CHOICES.values():
        assert choice.zh
        assert choice.en
        assert choice.source
    with pytest.raises(UnknownNameError, match="no evaluation setting 'city_shares'"):
        Settings.of({"city_shares": 0.5})
    for bad in ({"city_share": 75}, {"o3_exemption": 1}, {"rank_digits": True}):
        with pytest.raises(InvalidArgumentError):
            Settings.of(bad)


def test_unknown_method() -> None:
    with pytest.raises(UnknownNameError, match="sum_equal_2012"):
        method("best")
