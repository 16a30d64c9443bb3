"""From the columns of a sheet to long rows, in the units values are kept in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lantian.errors import BadInputError, InvalidArgumentError, Problem
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS, Parameter, find_unit, to_standard_unit
from lantian.observations.readers.base import Options
from lantian.observations.readers.cells import Found, no_number
from lantian.observations.readers.table_header import HeaderColumn, key, roles
from lantian.observations.readers.table_mapping import Mapping as TableMapping
from lantian.observations.readers.table_values import Cells, apply_flags, read_values
from lantian.observations.readers.text import LINE

_WIND = "wd"


@dataclass(frozen=True)
class Body:
    """The rows below the header of one sheet, and where to tell of them.

    ``rows`` has ``line``, ``station`` and ``time``, ``(n,)``; ``cells`` the text cells of each
    column of the mapping by header, each ``(n,)``.
    """

    rows: pl.DataFrame
    cells: Mapping[str, pl.Series]
    mapping: TableMapping
    options: Options
    found: Found
    notes: list[str]


def wide_pieces(body: Body) -> pl.DataFrame:
    """Return the long rows of a table with a column for each parameter."""
    rows, cells, mapping = body.rows, body.cells, body.mapping
    pieces = []
    unknown: set[str] = set()
    for column in mapping.values:
        parameter = PARAMETERS[column.parameter]
        unit = body.options.units.get(parameter.id, column.unit)
        marks = [h for h in (column.flag, mapping.row_flag) if h is not None]
        read = _cells(cells, column.header, marks, mapping, parameter.id == _WIND)
        unknown |= read.unknown
        _report(rows, cells[column.header], read, column.header, body.found)
        _say_conversion(parameter, unit, body.notes)
        value = _converted(parameter, unit, body.found.file, column.header)
        pieces.append(_piece(rows.hstack(read.frame), parameter, value))
    _say_unknown(unknown, body.notes)
    return pl.concat(pieces)


def long_pieces(body: Body) -> pl.DataFrame:
    """Return the long rows of a table with one value a row; as :func:`wide_pieces`."""
    rows, cells, mapping = body.rows, body.cells, body.mapping
    long = mapping.long
    if long is None:
        raise ValueError("the mapping does not say where the long table keeps its values")
    items = _items(cells[long.item])
    marks = [h for h in (long.flag, mapping.row_flag) if h is not None]
    read = _cells(cells, long.value, marks, mapping, False)
    units = cells[long.unit] if long.unit is not None else pl.repeat(None, rows.height, eager=True)
    table = rows.hstack(read.frame).with_columns(
        cells[long.item].alias("item"),
        units.cast(pl.String).alias("given"),
        cells[long.value].alias("text"),
        cells[long.item]
        .replace_strict(
            {text: p.id for text, p in items.items()}, default=None, return_dtype=pl.String
        )
        .alias("parameter"),
    )
    wind = table["parameter"].eq(_WIND).fill_null(False)
    if wind.any():
        table = _directions(table, wind, mapping)
    skipped = table.filter(pl.col("parameter").is_null() & pl.col("item").is_not_null())
    _say_skipped(skipped, body.notes)
    nameless = table.filter(pl.col("item").is_null()).select(LINE, text=pl.lit(""))
    body.found.cells(
        nameless, long.item, "read.no_parameter", lambda _text: _("The row names no parameter.")
    )
    kept = table.drop_nulls("parameter")
    bad = kept.filter(pl.col("state") == "bad").select(LINE, "text")
    body.found.cells(bad, long.value, "read.not_a_number", no_number)
    _say_unknown(read.unknown if not wind.any() else set(kept_marks(kept, read)), body.notes)
    pieces = [_empty_piece()]
    for (item, given), part in kept.group_by(["item", "given"], maintain_order=True):
        parameter = items[str(item)]
        unit = _row_unit(str(item), given, parameter, body.options)
        if unit is None:
            body.found.cells(
                part.select(LINE, text=pl.col("given")),
                long.unit or long.item,
                "read.unknown_unit",
                lambda text: _("'{unit}' is not a known unit.").format(unit=text),
            )
            continue
        _say_conversion(parameter, unit, body.notes)
        value = _converted(parameter, unit, body.found.file, long.unit or long.item)
        pieces.append(_piece(part, parameter, value))
    return pl.concat(pieces)


def kept_marks(kept: pl.DataFrame, read: Cells) -> set[str]:
    """Return the unknown marks that are still there once wind sectors are read."""
    return set(kept["flag"].unique().to_list()) & read.unknown


def _directions(table: pl.DataFrame, wind: pl.Series, mapping: TableMapping) -> pl.DataFrame:
    again = read_values(table.filter(wind)["text"], valid_flags=mapping.valid_flags, direction=True)
    at = wind.arg_true()
    return table.with_columns(
        table[c].scatter(at, again.frame[c]).alias(c) for c in ("value", "flag", "state")
    )


def _items(column: pl.Series) -> dict[str, Parameter]:
    """Return the parameter of each name in a column of parameters."""
    found = {}
    for text in column.drop_nulls().unique().to_list():
        parameter = HeaderColumn(0, text, (text,)).parameter()
        if parameter is not None:
            found[text] = parameter
    return found


def _row_unit(item: str, given: object, parameter: Parameter, options: Options) -> str | None:
    if parameter.id in options.units:
        return options.units[parameter.id]
    if given is not None:
        unit = find_unit(str(given))
        return None if unit is None else unit.id
    stated = HeaderColumn(0, item, (item,)).unit()
    return parameter.unit if stated is None else stated.id


def _cells(
    cells: Mapping[str, pl.Series],
    header: str,
    marks: Sequence[str],
    mapping: TableMapping,
    direction: bool,
) -> Cells:
    read = read_values(cells[header], valid_flags=mapping.valid_flags, direction=direction)
    return apply_flags(read, (cells[m] for m in marks), mapping.valid_flags)


def _report(rows: pl.DataFrame, texts: pl.Series, read: Cells, header: str, found: Found) -> None:
    bad = read.frame["state"] == "bad"
    if bad.any():
        places = rows.select(LINE).with_columns(texts.alias("text")).filter(bad)
        found.cells(places, header, "read.not_a_number", no_number)


def _converted(parameter: Parameter, unit: str, file: str, header: str) -> pl.Expr:
    try:
        return to_standard_unit(pl.col("value"), parameter, unit)
    except InvalidArgumentError as error:
        problem = Problem(file, error.message, error.code, column=header, value=unit)
        raise BadInputError(error.code, error.message, [problem]) from error


def _piece(table: pl.DataFrame, parameter: Parameter, value: pl.Expr) -> pl.DataFrame:
    return (
        table.lazy()
        .filter(pl.col("state").is_in(["valid", "invalid"]), pl.col("time").is_not_null())
        .select(
            LINE,
            "station",
            pl.lit(parameter.id).alias("parameter"),
            "time",
            value.alias("value"),
            "flag",
            pl.col("state").alias("grade"),
        )
        .collect()
    )


def _empty_piece() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            LINE: pl.UInt32,
            "station": pl.String,
            "parameter": pl.String,
            "time": pl.Datetime("us", "UTC"),
            "value": pl.Float64,
            "flag": pl.String,
            "grade": pl.String,
        }
    )


def published(body: Body) -> pl.DataFrame | None:
    """Return ``station, time, aqi`` as the table itself gives them, None if it does not."""
    rows, cells, mapping = body.rows, body.cells, body.mapping
    if mapping.layout == "long" and mapping.long is not None:
        named = cells[mapping.long.item].map_elements(_is_aqi, return_dtype=pl.Boolean)
        texts, rows = cells[mapping.long.value].filter(named), rows.filter(named)
    elif mapping.aqi is not None:
        texts = cells[mapping.aqi]
    else:
        return None
    aqi = rows.select("station", "time").with_columns(
        texts.cast(pl.Float64, strict=False).alias("aqi")
    )
    aqi = aqi.drop_nulls().unique(["station", "time"], keep="first", maintain_order=True)
    return None if aqi.is_empty() else aqi


def _is_aqi(text: str) -> bool:
    return roles().get(key(text)) == "aqi"


def _say_conversion(parameter: Parameter, unit: str, notes: list[str]) -> None:
    note = _("{parameter} was converted from {given} to {standard}.").format(
        parameter=parameter.title, given=unit, standard=parameter.unit
    )
    known = find_unit(unit)
    if known is not None and known.id != parameter.unit and note not in notes:
        notes.append(note)


def _say_unknown(unknown: Iterable[str], notes: list[str]) -> None:
    names = ", ".join(sorted(unknown))
    if names:
        notes.append(_("Marks that are not known, taken as invalid: {names}.").format(names=names))


def _say_skipped(skipped: pl.DataFrame, notes: list[str]) -> None:
    names = [n for n in skipped["item"].unique().sort().to_list() if not _is_aqi(n)]
    if names:
        notes.append(_("Parameters not known, not read: {names}.").format(names=", ".join(names)))
