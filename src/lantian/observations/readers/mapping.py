"""Guess, save and load the column mapping of a vendor's table.

A mapping file is TOML::

    layout = "wide"
    period = "1h"
    label = "end"

    [[time]]
    header = "监测时间"
    part = "datetime"

    [station]
    source = "column"
    column = "站点名称"

    [[values]]
    header = "PM2.5(μg/m³)"
    parameter = "pm25"
    unit = "µg/m³"
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of, write_atomically
from lantian.observations.parameters import PARAMETERS, find_unit
from lantian.observations.readers.table_cells import Sheet, load_sheets
from lantian.observations.readers.table_guess import guess
from lantian.observations.readers.table_mapping import (
    Label,
    Layout,
    LongColumns,
    Mapping,
    StationColumns,
    StationFrom,
    TimeColumn,
    TimePart,
    ValueColumn,
)

__all__ = [
    "LongColumns",
    "Mapping",
    "Sheet",
    "StationColumns",
    "TimeColumn",
    "ValueColumn",
    "guess",
    "load",
    "load_sheets",
    "save",
]

_Part = TypeVar("_Part", TimeColumn, ValueColumn, StationColumns, LongColumns)
_TABLES = ("time", "station", "values", "long")
_CHOICES: dict[str, tuple[str, ...]] = {
    "layout": get_args(Layout),
    "label": get_args(Label),
    "part": get_args(TimePart),
    "source": get_args(StationFrom),
}


def save(mapping: Mapping, path: Path) -> None:
    """Write ``mapping`` to a TOML file that :func:`load` reads back to an equal mapping."""
    lines = ["# What each column of this table holds. Edit it where the guess was wrong."]
    plain = {f.name: getattr(mapping, f.name) for f in fields(mapping) if f.name not in _TABLES}
    lines += _assignments(plain)
    for column in mapping.time:
        lines += ["", "[[time]]", *_assignments(_values_of(column))]
    lines += ["", "[station]", *_assignments(_values_of(mapping.station))]
    for value in mapping.values:
        lines += ["", "[[values]]", *_assignments(_values_of(value))]
    if mapping.long is not None:
        lines += ["", "[long]", *_assignments(_values_of(mapping.long))]
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def load(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    BadInputError
        ``mapping.bad_file``: not TOML, a key that does not exist or is missing, a value that is not
        one of its choices, an unknown parameter or unit; each is listed.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise _bad(path, [_("The file does not exist.")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, [_("It is not TOML: {reason}.").format(reason=error)]) from error
    return _from_data(data, path)


def _values_of(part: TimeColumn | ValueColumn | StationColumns | LongColumns) -> dict[str, object]:
    return {f.name: getattr(part, f.name) for f in fields(part)}


def _assignments(values: dict[str, object]) -> list[str]:
    lines = []
    for name, value in values.items():
        if value is None or value is False or value == ():
            continue
        # a JSON string, number, true or list of strings is also TOML
        shown = list(value) if isinstance(value, tuple) else value
        # but for the one control character that JSON leaves as it is
        text = json.dumps(shown, ensure_ascii=False).replace("\x7f", "\\u007f")
        lines.append(f"{name} = {text}")
    return lines


def _bad(path: Path, messages: list[str]) -> BadInputError:
    return BadInputError(
        "mapping.bad_file",
        _("The mapping file {file} cannot be used.").format(file=name_of(path)),
        [Problem(name_of(path), message, "mapping.bad_file") for message in messages],
    )


def _from_data(data: dict[str, Any], path: Path) -> Mapping:
    wrong: list[str] = []
    plain = {k: v for k, v in data.items() if k not in _TABLES}
    known = {f.name for f in fields(Mapping)}
    wrong += [_("There is no setting {name}.").format(name=k) for k in plain if k not in known]
    wrong += _choices(plain) + _types(data)
    if wrong:
        raise _bad(path, wrong)
    if "layout" not in plain:
        wrong.append(_("layout is missing: wide or long."))
    tables: dict[str, Any] = {
        "time": _parts(data.get("time", []), TimeColumn, "time", wrong),
        "values": _parts(data.get("values", []), ValueColumn, "values", wrong),
        "station": (_parts([data.get("station", {})], StationColumns, "station", wrong) or (None,))[
            0
        ],
        "long": None,
    }
    if "long" in data:
        tables["long"] = (_parts([data["long"]], LongColumns, "long", wrong) or (None,))[0]
    wrong += _sense(plain.get("layout"), tables)
    if wrong:
        raise _bad(path, wrong)
    for name in ("valid_flags", "ignored"):
        plain[name] = tuple(map(str, plain.get(name, ())))
    return Mapping(**plain, **tables)


def _types(data: dict[str, Any]) -> list[str]:
    wrong = [
        _("{name} must be a line number from 1 on.").format(name=name)
        for name in ("header_row", "header_rows")
        if name in data and not (type(data[name]) is int and data[name] > 0)
    ]
    if not re.fullmatch(r"[1-9]\d*[hm]", str(data.get("period", "1h"))):
        wrong.append(_("period must be written as 1h, 24h or 5m."))
    for name in ("time", "values"):
        rows = data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            wrong.append(_("{name} must be written as [[{name}]].").format(name=name))
    for name in ("station", "long"):
        if not isinstance(data.get(name, {}), dict):
            wrong.append(_("{name} must be written as [{name}].").format(name=name))
    return wrong


def _choices(values: dict[str, Any]) -> list[str]:
    return [
        _("{name} is “{value}”; it must be one of {choices}.").format(
            name=name, value=values[name], choices=", ".join(choices)
        )
        for name, choices in _CHOICES.items()
        if name in values and values[name] not in choices
    ]


def _parts(
    rows: list[dict[str, Any]], kind: type[_Part], table: str, wrong: list[str]
) -> tuple[_Part, ...]:
    made = []
    for row in rows:
        try:
            made.append(kind(**row))
        except TypeError:
            names = ", ".join(f.name for f in fields(kind))
            wrong.append(
                _("[{table}] has the keys {given}; it takes {names}.").format(
                    table=table, given=", ".join(row) or _("none"), names=names
                )
            )
            continue
        wrong += _choices(row)
    return tuple(made)


def _sense(layout: object, tables: dict[str, Any]) -> list[str]:
    wrong = []
    if not tables["time"]:
        wrong.append(_("[[time]] is missing: name the column of the time."))
    if layout == "wide" and not tables["values"]:
        wrong.append(_("[[values]] is missing: name at least one column of values."))
    if layout == "long" and tables["long"] is None:
        wrong.append(_("[long] is missing: name the columns of the parameter and of the value."))
    for column in tables["values"]:
        if column.parameter not in PARAMETERS:
            wrong.append(
                _("There is no parameter {name}; there are {names}.").format(
                    name=column.parameter, names=", ".join(PARAMETERS)
                )
            )
        if find_unit(column.unit) is None:
            wrong.append(_("There is no unit “{unit}”.").format(unit=column.unit))
    seen = [c.parameter for c in tables["values"]]
    wrong += [
        _("{parameter} has two columns; keep one.").format(parameter=p)
        for p in dict.fromkeys(seen)
        if seen.count(p) > 1
    ]
    return wrong
