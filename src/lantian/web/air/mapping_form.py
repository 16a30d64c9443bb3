"""The mapping of a table as a form: what each column holds."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from lantian.errors import InvalidArgumentError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS, find_parameter
from lantian.observations.readers.table_look import Look
from lantian.observations.readers.table_mapping import (
    LongColumns,
    Mapping,
    StationColumns,
    TimeColumn,
    TimePart,
    ValueColumn,
)
from lantian.standards import LABELS

_PARTS: tuple[TimePart, ...] = get_args(TimePart)
_VALUE = "value:"
_UNITS = ("µg/m³", "mg/m³", "ppm", "ppb", "m/s", "°", "°C", "%", "hPa", "mm")


@dataclass(frozen=True)
class Column:
    """A column of the table, and what it is taken for so far."""

    number: int
    label: str
    samples: Sequence[str]
    role: str
    unit: str


def roles() -> list[tuple[str, str]]:
    """Return what a column may hold, with its words."""
    values = [
        (_VALUE + name, LABELS.get(name) or (known.zh if active() == "zh" else known.en))
        for name, known in PARAMETERS.items()
    ]
    return [
        ("", _("not read")),
        ("time:datetime", _("date and time")), ("time:date", _("date")), ("time:hour", _("hour")),
        ("time:year", _("year")), ("time:month", _("month")),
        ("time:day", _("day of the month")),
        ("station", _("station")), ("name", _("name of the station")),
        ("city", _("city of the station")),
        *values,
        ("item", _("parameter (one value a row)")), ("long", _("value (one value a row)")),
        ("unit", _("unit (one value a row)")),
        ("flag", _("marks of all values of the row")),
        ("aqi", _("published AQI, to compare with")),
    ]  # fmt: skip


def units() -> list[str]:
    """Return the units a column may be in, besides that of its parameter."""
    return list(_UNITS)


def columns_of(look: Look, mapping: Mapping | None) -> list[Column]:
    """Return the columns of a table with what a mapping, or their names, say they hold."""
    known = _roles_of(mapping) if mapping is not None else {}
    found = []
    for number, (label, samples) in enumerate(zip(look.labels, look.samples, strict=True)):
        role, unit = known.get(label, ("", ""))
        if mapping is None and (parameter := find_parameter(label)) is not None:
            role, unit = _VALUE + parameter.id, parameter.unit
        found.append(Column(number, label, samples, role, unit))
    return found


def mapping_of(look: Look, given: Table[str, str], before: Mapping | None) -> Mapping:
    """Return the mapping a person chose.

    Parameters
    ----------
    given
        ``role-0``, ``unit-0`` … for each column, ``period``, ``label``.
    before
        The mapping corrected: marks of single columns and of the vendor are taken from it.

    Raises
    ------
    InvalidArgumentError
        ``mapping.incomplete``, ``mapping.twice``.
    """
    chosen = {label: given.get(f"role-{n}", "") for n, label in enumerate(look.labels)}
    unit = {label: given.get(f"unit-{n}", "") for n, label in enumerate(look.labels)}
    one = {role: _only(chosen, role) for role in ("station", "name", "city", "item", "long",
                                                  "unit", "flag", "aqi")}  # fmt: skip
    times = tuple(
        TimeColumn(label, part)
        for part in _PARTS
        if (label := _only(chosen, f"time:{part}")) is not None
    )
    flags = {v.header: v.flag for v in before.values} if before is not None else {}
    values = tuple(
        ValueColumn(
            label, role.removeprefix(_VALUE),
            unit[label] or PARAMETERS[role.removeprefix(_VALUE)].unit,
            flags.get(label), confirmed=True,
        )
        for label, role in chosen.items()
        if role.startswith(_VALUE) and _only(chosen, role)
    )  # fmt: skip
    long = None
    if one["item"] and one["long"]:
        long = LongColumns(one["item"], one["long"], one["unit"])
    _complete(times, values, long)
    marks = {flag for flag in flags.values() if flag}
    return Mapping(
        layout="wide" if long is None else "long",
        time=times,
        station=_station(one, before),
        values=values if long is None else (),
        long=long,
        header_row=look.header_row,
        header_rows=look.header_rows,
        period=given.get("period", "1h"),
        label="start" if given.get("label") == "start" else "end",
        zone=before.zone if before is not None else None,
        row_flag=one["flag"],
        aqi=one["aqi"],
        valid_flags=before.valid_flags if before is not None else (),
        ignored=tuple(h for h, role in chosen.items() if not role and h not in marks),
    )


def _station(one: Table[str, str | None], before: Mapping | None) -> StationColumns:
    column = one["station"] or one["name"]
    if column is not None:
        return StationColumns("column", column, one["name"], one["city"])
    if before is not None and before.station.source != "column":
        return before.station
    return StationColumns("given")


def _complete(
    times: Sequence[TimeColumn], values: Sequence[ValueColumn], long: LongColumns | None
) -> None:
    missing = []
    if not times:
        missing.append(_("the time"))
    if not values and long is None:
        missing.append(_("a value"))
    if missing:
        raise InvalidArgumentError(
            "mapping.incomplete",
            _("Say which column holds {what}.").format(what=_(" and ").join(missing)),
        )


def _only(chosen: Table[str, str], role: str) -> str | None:
    """Return the one column of a role, None if there is none.

    Raises
    ------
    InvalidArgumentError
        ``mapping.twice``.
    """
    found = [label for label, r in chosen.items() if r == role]
    if len(found) > 1:
        raise InvalidArgumentError(
            "mapping.twice",
            _("“{first}” and “{second}” are said to hold the same; keep one.").format(
                first=found[0], second=found[1]
            ),
        )
    return found[0] if found else None


def _roles_of(mapping: Mapping) -> dict[str, tuple[str, str]]:
    found = {c.header: (f"time:{c.part}", "") for c in mapping.time}
    found |= {v.header: (_VALUE + v.parameter, v.unit) for v in mapping.values}
    station = mapping.station
    for header, role in ((station.city, "city"), (station.name, "name"),
                         (station.column, "station"), (mapping.row_flag, "flag"),
                         (mapping.aqi, "aqi")):  # fmt: skip
        if header is not None:
            found[header] = (role, "")
    if mapping.long is not None:
        found |= {mapping.long.item: ("item", ""), mapping.long.value: ("long", "")}
        if mapping.long.unit is not None:
            found[mapping.long.unit] = ("unit", "")
    return found
