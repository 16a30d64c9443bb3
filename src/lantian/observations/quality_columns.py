"""A long frame as arrays of numbers, which the rules work on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from lantian.observations.quality_rules import Floats, Ints

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Columns:
    """The frame as arrays, ``(n,)``, texts as codes into their sorted names."""

    station: Codes
    parameter: Codes
    period: Codes
    grade: Codes
    time: Ints  # [µs since 1970]
    value: Floats
    stations: list[str]
    parameters: list[str]
    periods: list[str]
    grades: list[str]

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Columns:
        """Return the columns of a long frame."""
        station, stations = codes_of(frame["station"])
        parameter, parameters = codes_of(frame["parameter"])
        period, periods = codes_of(frame["period"])
        grade, grades = codes_of(frame["grade"])
        return cls(
            station=station,
            parameter=parameter,
            period=period,
            grade=grade,
            time=frame["time"].to_physical().to_numpy(),
            value=frame["value"].fill_null(np.nan).to_numpy(),
            stations=stations,
            parameters=parameters,
            periods=periods,
            grades=grades,
        )


def codes_of(column: pl.Series) -> tuple[Codes, list[str]]:
    """Return a dense code per row and the sorted names the codes stand for."""
    # rows of one station or parameter mostly stand together: look at runs, not at rows
    runs = column.rle().struct.unnest()
    names = sorted(runs["value"].unique().to_list())
    codes = runs["value"].cast(pl.Enum(names)).to_physical().cast(pl.UInt32).to_numpy()
    return np.repeat(codes, runs["len"].to_numpy()), names
