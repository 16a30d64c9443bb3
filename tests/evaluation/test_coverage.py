"""Which hours are valid, suspect, invalid or missing, against the hours due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from lantian.evaluation.coverage import coverage, hour_states, stretches

DAY = date(2026, 11, 20)
FIRST = datetime(2026, 11, 19, 17, tzinfo=UTC)  # 01:00 of the day in China
LATE = datetime(2027, 1, 1, tzinfo=UTC)
SCHEMA = {
    "station": pl.String, "parameter": pl.String, "time": pl.Datetime("us", "UTC"),
    "value": pl.Float64, "flag": pl.String, "grade": pl.String,
}  # fmt: skip


def long(*rows: tuple[int, float | None, str, str], parameter: str = "pm25") -> pl.DataFrame:
    """Rows of hour 1 … 24 of the day, value, flag and grade."""
    given = [("A", parameter, FIRST + timedelta(hours=h - 1), v, f, g) for h, v, f, g in rows]
    return pl.DataFrame(given, schema=SCHEMA, orient="row")


def counts(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select("parameter", "due", "valid", "suspect", "invalid", "missing").rows()


def test_every_hour_due_is_in_exactly_one_state():
    given = long(
        (1, 10.0, "", "valid"),
        (2, 11.0, "QC:rise", "suspect"),
        (3, 12.0, "QC:range", "invalid"),
        (4, None, "B", "valid"),  # a mark and no value: missing, whatever its grade
        (5, float("nan"), "", "valid"),
        (6, 0.0, "", "valid"),  # zero is a value
        (24, 13.0, "", "valid"),  # 24:00 belongs to the day that ends
    )
    states = hour_states(given, start=DAY, end=DAY, until=LATE)
    assert counts(coverage(states)) == [("pm25", 24, 3, 1, 1, 19)]
    assert states["date"].unique().to_list() == [DAY]
    assert states.filter(pl.col("flag") == "B")["state"].to_list() == ["missing"]


def test_hours_to_come_are_not_missing():
    given = long((1, 10.0, "", "valid"), (2, 10.0, "", "valid"))
    until = FIRST + timedelta(hours=3)  # 04:00
    states = hour_states(given, start=DAY, end=DAY, until=until)
    assert counts(coverage(states)) == [("pm25", 4, 2, 0, 0, 2)]
    assert hour_states(given, start=DAY, end=DAY, until=FIRST - timedelta(hours=2)).is_empty()


def test_due_can_be_said():
    due = pl.DataFrame({"station": ["A"], "parameter": ["o3"]})
    states = hour_states(long(), start=DAY, end=DAY, until=LATE, due=due)
    assert counts(coverage(states)) == [("o3", 24, 0, 0, 0, 24)]


def test_stretches_break_at_another_state_flag_or_parameter():
    full = [(h, 10.0, "", "valid") for h in range(1, 25)]
    full[4:7] = [(h, 10.0, "QC:stuck", "suspect") for h in (5, 6, 7)]
    full[7] = (8, 10.0, "QC:rise", "suspect")
    del full[20:22]
    both = pl.concat([long(*full), long(*full[:4], *full[8:], parameter="pm10")])
    found = stretches(hour_states(both, start=DAY, end=DAY, until=LATE))
    assert found.select("parameter", "state", "flag", "hours").rows() == [
        ("pm10", "missing", "", 4),
        ("pm10", "missing", "", 2),
        ("pm25", "suspect", "QC:stuck", 3),
        ("pm25", "suspect", "QC:rise", 1),
        ("pm25", "missing", "", 2),
    ]
    stuck = found.row(2, named=True)
    assert (stuck["first"], stuck["last"]) == (
        FIRST + timedelta(hours=4), FIRST + timedelta(hours=6),
    )  # fmt: skip


def test_a_stretch_goes_on_over_midnight():
    rows = pl.concat([long((23, 1.0, "", "valid")), long((1, 1.0, "", "valid")).with_columns(
        pl.col("time") + pl.duration(days=1))])  # fmt: skip
    found = stretches(
        hour_states(rows, start=DAY, end=DAY + timedelta(days=1), until=FIRST + timedelta(days=1))
    )
    assert found.filter(pl.col("last") > FIRST + timedelta(hours=22))["hours"].to_list() == [1]


def test_the_long_day_of_a_zone_that_changes_its_clocks_has_25_hours():
    autumn = date(2026, 10, 25)
    due = pl.DataFrame({"station": ["A"], "parameter": ["o3"]})
    states = hour_states(
        long(), start=autumn, end=autumn, until=LATE, due=due, zone="Europe/Berlin"
    )  # fmt: skip
    assert counts(coverage(states)) == [("o3", 25, 0, 0, 0, 25)]
