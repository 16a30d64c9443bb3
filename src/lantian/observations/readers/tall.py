"""Files with one value per row that name parameter and unit themselves."""

from __future__ import annotations

import polars as pl

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations.parameters import (
    PARAMETERS,
    Parameter,
    find_parameter,
    to_standard_unit,
)
from lantian.observations.readers.base import Options
from lantian.observations.readers.cells import Found, no_number, numbers
from lantian.observations.readers.text import LINE


def named_parameters(
    frame: pl.DataFrame, found: Found, notes: list[str], *, strict: bool, header: str
) -> pl.DataFrame:
    """Replace the column ``parameter`` (as the file names it) by ids.

    Rows of parameters nobody knows here are left out with a remark, or, when ``strict``, reported.
    """
    names = [n for n in frame["parameter"].unique().sort().to_list() if n is not None]
    ids = {n: p.id for n in names if (p := find_parameter(n)) is not None}
    unknown = [n for n in names if n not in ids]
    rows = frame.with_columns(
        pl.col("parameter").replace_strict(ids, default=None, return_dtype=pl.String).alias("id")
    )
    lost = rows.filter(pl.col("id").is_null())
    blank = lost if strict else lost.filter(pl.col("parameter").is_null())
    found.cells(
        blank.select(LINE, text="parameter"),
        header,
        "read.unknown_parameter",
        lambda value: _("'{value}' is not a parameter known here ({names}).").format(
            value=value, names=", ".join(PARAMETERS)
        ),
    )
    if unknown and not strict:
        notes.append(_("Rows of {names} were ignored.").format(names=", ".join(unknown)))
    known = rows.drop_nulls("id")
    return known.drop("parameter").rename({"id": "parameter"})


def measured(
    frame: pl.DataFrame,
    found: Found,
    notes: list[str],
    options: Options,
    *,
    value: str,
    unit: str | None,
) -> pl.DataFrame:
    """Return the rows with ``value`` as Float64 in the unit each parameter is kept in.

    Parameters
    ----------
    frame
        ``line``, ``parameter`` (id), the text or Float64 column ``value`` and the text column
        ``unit``.
    unit
        None when the file has no units: then they are the ones the parameters are kept in.
    """
    if frame.schema[value] == pl.String():
        frame = frame.with_columns(numbers(frame, value, found).alias("value"))
    else:
        frame = frame.with_columns(pl.col(value).cast(pl.Float64).fill_nan(None).alias("value"))
        endless = frame.filter(pl.col("value").is_infinite())
        found.cells(
            endless.select(LINE, text=pl.col("value").cast(pl.String)),
            value,
            "read.not_a_number",
            no_number,
        )
    parts = []
    blank: dict[str, str] = {}
    keys = ["parameter"] if unit is None else ["parameter", unit]
    for key, rows in frame.group_by(keys, maintain_order=True):
        parameter = PARAMETERS[str(key[0])]
        stated = str(key[1] or "").strip() if unit is not None else parameter.unit
        if not stated:
            blank[parameter.en] = parameter.unit
        given = options.units.get(parameter.id, stated or parameter.unit)
        part = _converted(rows, parameter, given, found, unit or "unit")
        if part is None:
            continue
        parts.append(part)
        if given != parameter.unit and _says_more(given, parameter):
            notes.append(
                _("{parameter} was converted from {given} to {standard}.").format(
                    parameter=parameter.title, given=given, standard=parameter.unit
                )
            )
    if blank:
        notes.append(
            _("Rows without a unit were taken in the unit kept here: {units}.").format(
                units=", ".join(f"{name} {kept}" for name, kept in blank.items())
            )
        )
    kept = pl.concat(parts) if parts else frame.clear()
    return kept.sort(LINE)


def _says_more(given: str, parameter: Parameter) -> bool:
    """Say whether the unit is another one, and not another spelling of the same."""
    probe = pl.select(to_standard_unit(pl.lit(1.0), parameter, given)).item()
    return bool(probe != 1.0)


def _converted(
    rows: pl.DataFrame, parameter: Parameter, given: str, found: Found, header: str
) -> pl.DataFrame | None:
    try:
        value = to_standard_unit(pl.col("value"), parameter, given)
    except InvalidArgumentError as error:
        message = error.message
        found.cells(
            rows.select(LINE, text=pl.lit(given)),
            header,
            "read.unknown_unit",
            lambda _value: message,
        )
        return None
    return rows.with_columns(value.alias("value"))


def keep_flagged(frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Leave out missing values, except where the source says why: those stay, ``invalid``."""
    told = pl.col("flag") != ""
    frame = frame.filter(pl.col("value").is_not_null() | told)
    gone = pl.col("value").is_null() & (pl.col("grade") != "invalid")
    changed = int(frame.select(gone.sum()).item())
    if changed:
        notes.append(_("Rows with a flag and no value: {n}.").format(n=f"{changed:,}"))
    return frame.with_columns(
        pl.when(gone).then(pl.lit("invalid")).otherwise(pl.col("grade")).alias("grade")
    )


def require(frame: pl.DataFrame, column: str, found: Found, header: str, what: str) -> None:
    """Report rows whose ``column`` is empty."""
    found.cells(
        frame.filter(pl.col(column).is_null()).select(LINE, text=pl.lit("")),
        header,
        f"read.no_{column}",
        lambda _value: _("The row has no {what}; fill in {header}.").format(
            what=what, header=header
        ),
    )


def report_times(raw: pl.Series, time: pl.Series, frame: pl.DataFrame, found: Found) -> None:
    """Report the rows whose text ``raw`` did not become a time."""
    found.cells(
        frame.select(LINE).with_columns(raw.cast(pl.String).alias("text")).filter(time.is_null()),
        raw.name,
        "read.bad_time",
        lambda value: _("'{value}' is not a date and time; correct it.").format(value=value),
    )
