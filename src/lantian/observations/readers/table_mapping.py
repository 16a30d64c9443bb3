"""What each column of a vendor's table holds: the mapping that is guessed, shown and saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS

Layout = Literal["wide", "long"]
Label = Literal["end", "start"]
TimePart = Literal["datetime", "date", "hour", "year", "month", "day"]
StationFrom = Literal["column", "sheet", "title", "given"]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of the time, or of a part of it."""

    header: str
    part: TimePart


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values of one parameter.

    ``unit`` is the unit in the file; ``flag`` the header of the column with its marks;
    ``confirmed`` says that a person vouches for the unit, so that it is not doubted again.
    """

    header: str
    parameter: str
    unit: str
    flag: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class LongColumns:
    """The columns of a table with one value a row; ``unit`` and ``flag`` may be absent."""

    item: str
    value: str
    unit: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class StationColumns:
    """Where the station of a row is named.

    ``column``, ``name`` and ``city`` are headers; ``text`` is the station itself when the mapping
    gives it for the whole file.
    """

    source: StationFrom
    column: str | None = None
    name: str | None = None
    city: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each column of one vendor's table holds.

    Columns are named by their header text, so that a file with the same columns in another order
    is read by the same mapping. A header of several rows is its texts joined by ``" | "``; the
    second column of the same name has ``" #2"`` after it.

    Parameters
    ----------
    layout
        ``wide``: a column for each parameter. ``long``: one value a row.
    time
        The columns of the time.
    station
        Where the station is named.
    values
        The columns of values of a wide table.
    long
        The columns of a long table.
    header_row
        1-based line of the first header row; None: looked for.
    header_rows
        Number of header rows.
    period
        Averaging period of the values, ``1h``, ``24h``, ``5m`` …
    label
        Whether a time stands for the end or the start of the period. China's network labels the
        end. A time written as a range (``00:00-01:00``) is not affected: its end counts.
    zone
        Time zone of the times when it is not the network's.
    row_flag
        Header of a column whose mark counts for every value of the row.
    aqi
        Header of the published AQI.
    valid_flags
        Marks of this vendor that say that a value is valid.
    ignored
        Headers of columns that are not read.
    """

    layout: Layout
    time: tuple[TimeColumn, ...]
    station: StationColumns
    values: tuple[ValueColumn, ...] = ()
    long: LongColumns | None = None
    header_row: int | None = None
    header_rows: int = 1
    period: str = "1h"
    label: Label = "end"
    zone: str | None = None
    row_flag: str | None = None
    aqi: str | None = None
    valid_flags: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def describe(self) -> list[tuple[str, str]]:
        """Return rows for display: the header as it stands, and what it is taken for."""
        rows = [(c.header, _time_text(c)) for c in self.time]
        rows += [(_("(time)"), self._label_text())]
        rows += self._station_rows()
        for column in self.values:
            rows.append((column.header, f"{PARAMETERS[column.parameter].title} [{column.unit}]"))
            if column.flag is not None:
                mark = _("marks of {parameter}").format(
                    parameter=PARAMETERS[column.parameter].title
                )
                rows.append((column.flag, mark))
        if self.long is not None:
            rows.append((self.long.item, _("parameter")))
            rows.append((self.long.value, _("value")))
            if self.long.unit is not None:
                rows.append((self.long.unit, _("unit")))
            if self.long.flag is not None:
                rows.append((self.long.flag, _("marks of the value")))
        if self.row_flag is not None:
            rows.append((self.row_flag, _("marks of all values of the row")))
        if self.aqi is not None:
            rows.append((self.aqi, _("published AQI, to compare with")))
        rows += [(header, _("not read")) for header in self.ignored]
        return rows

    def headers(self) -> tuple[str, ...]:
        """Return every header the mapping needs to find in a table."""
        wanted: list[str | None] = [c.header for c in self.time]
        wanted += [c.header for c in self.values]
        wanted += [c.flag for c in self.values]
        if self.station.source == "column":
            wanted.append(self.station.column)
        wanted += [self.station.name, self.station.city, self.row_flag, self.aqi]
        if self.long is not None:
            wanted += [self.long.item, self.long.value, self.long.unit, self.long.flag]
        return tuple(dict.fromkeys(h for h in wanted if h is not None))

    def confirmed_units(self) -> dict[str, str]:
        """Return the unit of each parameter for which a person vouches."""
        return {c.parameter: c.unit for c in self.values if c.confirmed}

    def _label_text(self) -> str:
        end = self.label == "end"
        text = _("the end of each value's period") if end else _("the start of the period")
        return _("{period}; the time is {which}; zone {zone}").format(
            period=self.period, which=text, zone=self.zone or _("of the network")
        )

    def _station_rows(self) -> list[tuple[str, str]]:
        station = self.station
        words = {
            "column": (station.column or "", _("station")),
            "sheet": (_("(name of the sheet)"), _("station")),
            "title": (_("(title above the table)"), _("station")),
            "given": (_("(given)"), _("station {name}").format(name=station.text or "")),
        }
        rows = [words[station.source]]
        if station.name is not None and station.name != station.column:
            rows.append((station.name, _("name of the station")))
        if station.city is not None:
            rows.append((station.city, _("city of the station")))
        return rows


def _time_text(column: TimeColumn) -> str:
    return {
        "datetime": _("date and time"),
        "date": _("date"),
        "hour": _("hour"),
        "year": _("year"),
        "month": _("month"),
        "day": _("day of the month"),
    }[column.part]
