"""From the bits the rules set to flags, grades and a summary."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.observations.quality_columns import Columns
from lantian.observations.schema import TIME

Bits = npt.NDArray[np.uint8]

# Name of each finding as it is appended to the flag, after "QC:". The order is that of the flag.
TOKENS = ("range", "rise", "stuck", "particles", "neighbours")
_PREFIX = "QC:"
INVALID = 1 << len(TOKENS)  # bit of a row that a rule made invalid

SUMMARY: dict[str, pl.DataType] = {
    "rule": pl.String(),
    "grade": pl.String(),
    "parameter": pl.String(),
    "station": pl.String(),
    "count": pl.UInt32(),
    "first": TIME,
    "last": TIME,
}


def graded(frame: pl.DataFrame, bits: Bits) -> pl.DataFrame:
    """Return the frame with worse grades and longer flags where bits are set."""
    found = np.flatnonzero(bits)
    if len(found) == 0:
        return frame
    rows = pl.DataFrame(
        [frame["grade"].gather(found), frame["flag"].gather(found), pl.Series("bits", bits[found])]
    )
    # few combinations of flag and bits: the texts are made once for each
    kinds = rows.unique(maintain_order=False)
    texts = [_flag(flag or "", b) for flag, b in kinds.select("flag", "bits").iter_rows()]
    grades = [_worse(grade, b) for grade, b in kinds.select("grade", "bits").iter_rows()]
    kinds = kinds.with_columns(
        pl.Series("new_grade", grades, dtype=pl.String),
        pl.Series("new_flag", texts, dtype=pl.String),
    )
    new = rows.join(
        kinds, on=["grade", "flag", "bits"], how="left", nulls_equal=True, maintain_order="left"
    )
    return frame.with_columns(
        frame["grade"].clone().scatter(found, new["new_grade"]),
        frame["flag"].clone().scatter(found, new["new_flag"]),
    )


def _worse(grade: str, bits: int) -> str:
    if bits & INVALID:
        return "invalid"
    return "suspect" if grade == "valid" else grade


def _flag(flag: str, bits: int) -> str:
    held = flag.split(";") if flag else []
    tokens = [_PREFIX + token for i, token in enumerate(TOKENS) if bits & (1 << i)]
    return ";".join(held + [t for t in tokens if t not in held])


def summary(columns: Columns, bits: Bits) -> pl.DataFrame:
    """Return how many values each rule marked, by grade, parameter and station."""
    found = np.flatnonzero(bits)
    rows = pl.DataFrame(
        {
            "parameter": np.array(columns.parameters)[columns.parameter[found]],
            "station": np.array(columns.stations)[columns.station[found]],
            "time": columns.time[found],
            "bits": bits[found],
        },
        schema={"parameter": pl.String, "station": pl.String, "time": pl.Int64, "bits": pl.UInt8},
    ).with_columns(pl.col("time").cast(TIME))
    parts = []
    for i, token in enumerate(TOKENS):
        of = rows.filter((pl.col("bits") & (1 << i)) > 0)
        parts.append(
            of.group_by(
                pl.lit(token).alias("rule"),
                pl.when((pl.col("bits") & INVALID) > 0)
                .then(pl.lit("invalid"))
                .otherwise(pl.lit("suspect"))
                .alias("grade"),
                "parameter",
                "station",
            ).agg(
                pl.len().alias("count"),
                pl.col("time").min().alias("first"),
                pl.col("time").max().alias("last"),
            )
        )
    order = pl.Enum(TOKENS)
    return (
        pl.concat(parts)
        .select(pl.col(c).cast(t) for c, t in SUMMARY.items())
        .sort(pl.col("rule").cast(order), "parameter", "station", "grade")
    )
