"""HJ 633-2026 5.3.1: which AQI with a pollutant missing is published."""

import polars as pl
import pytest

import lantian.evaluation as ev


@pytest.mark.parametrize(
    ("edition", "aqi", "missing", "due", "withheld"),
    [
        ("2026-transition", 119, ["so2"], ["so2", "pm25"], False),
        ("2026-transition", 100, ["so2"], ["so2", "pm25"], True),
        ("2026-transition", 101, ["so2"], ["so2", "pm25"], False),
        ("2026-final", 60, ["o3"], ["o3", "pm25"], True),
        ("2026-final", 60, ["o3"], ["pm25"], False),  # 5.3.2: not monitored
        ("2026-final", 60, [], ["pm25"], False),
        ("2026-final", None, ["pm25"], ["pm25"], False),
        ("2012", 60, ["so2"], ["so2"], False),
    ],
)
def test_withheld(
    edition: str, aqi: int | None, missing: list[str], due: list[str], withheld: bool
) -> None:
    frame = pl.DataFrame(
        {"edition": [edition], "aqi": [aqi], "missing": [missing], "due": [due]},
        schema_overrides={"aqi": pl.Int32, "missing": pl.List(pl.String)},
    )
    assert frame.select(ev.withheld_expr("due")).item() is withheld
    if set(missing) <= set(due):
        assert frame.select(ev.withheld_expr()).item() is withheld
