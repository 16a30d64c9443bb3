"""Lists of a hotline: a workbook read, every row checked, and set against those imported before."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lantian.errors import BadInputError, DomainError, Problem
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.datum import find_datum, to_wgs84
from lantian.observations.files import name_of
from lantian.observations.readers.table_cells import Sheet, load_sheets
from lantian.observations.readers.table_header import key
from lantian.observations.spreadsheet import plain_text
from lantian.web.cases.actions import Complainant, Report
from lantian.web.cases.catalogue import Catalogue, ProblemType
from lantian.web.cases.intake.forms import FIRST_YEAR
from lantian.web.cases.intake.landing import known
from lantian.web.cases.models import Case
from lantian.web.places.models import Territory
from lantian.web.sources.locating import Gazetteer
from lantian.web.sources.models import Source

LIMIT = 2_000  # rows of a file
_SEARCHED_ROWS = 10
# column → its header in English and Chinese, and others that mean it
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "工单号", "工单编号", "编号"),
    "found_at": ("received at", "受理时间", "来电时间", "投诉时间"),
    "title": ("title", "标题", "诉求标题"),
    "description": ("content", "内容", "诉求内容"),
    "problem": ("problem type", "问题类型"),
    "territory": ("territory", "辖区", "属地", "乡镇"),
    "place": ("place", "地点", "事发地点", "地址"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "datum": ("datum", "坐标系"),
    "source": ("source number", "污染源编号"),
    "name": ("complainant", "投诉人", "来电人", "姓名"),
    "phone": ("complainant phone", "投诉人电话", "来电号码", "联系电话"),
    "address": ("complainant address", "投诉人地址"),
}
_NEEDED = ("number", "found_at", "title", "problem")
_LENGTHS = {"number": 64, "title": 120, "description": 4000, "place": 120,
            "name": 80, "phone": 32, "address": 200}  # fmt: skip
_Wrong = Callable[[str, str], None]
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


@dataclass(frozen=True)
class Entry:
    """One row: the report it makes, and the case it made before, if any."""

    sheet: str
    line: int
    number: str
    report: Report
    case: Case | None


@dataclass(frozen=True)
class Plan:
    """What a file would do; it may be carried out only without problems."""

    entries: Sequence[Entry]
    problems: Sequence[Problem]

    @property
    def new(self) -> list[Entry]:
        """Return the rows that were not imported before."""
        return [e for e in self.entries if e.case is None]


def template() -> bytes:
    """Return a workbook with the columns and no row."""
    import xlsxwriter  # only where a file is asked for

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet(_("hotline"))
    bold = book.add_format({"bold": True})
    needed = book.add_format({"bold": True, "bg_color": "#DDE7F5"})
    text = book.add_format({"num_format": "@"})
    for column, (name, headers) in enumerate(COLUMNS.items()):
        header = headers[1 if active() == "zh" else 0]
        page.write_string(0, column, header, needed if name in _NEEDED else bold)
        page.set_column(column, column, 18, text)  # numbers keep their leading zeros
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def plan(path: Path, catalogue: Catalogue, *, zone: str, now: datetime) -> Plan:
    """Return what taking a file in would do.

    Raises
    ------
    BadInputError
        It is no table, or has no row of headers: ``cases.no_header``, ``cases.too_many_rows``.
    """
    rows = _rows(path)
    work = _Reading(catalogue, zone, now)
    reports = [(sheet, n, cells, work.read(sheet, n, cells)) for sheet, n, cells in rows]
    there = known("hotline", [cells["number"] for _s, _n, cells, r in reports if r is not None])
    entries = [
        Entry(sheet, n, cells["number"], report, there.get(cells["number"]))
        for sheet, n, cells, report in reports
        if report is not None
    ]
    return Plan(entries, work.problems)


def _rows(path: Path) -> list[tuple[str, int, dict[str, str]]]:
    file = name_of(path)
    named = {key(h): column for column, headers in COLUMNS.items() for h in headers}
    for sheet in load_sheets(path):
        for index, cells in enumerate(sheet.cells.head(_SEARCHED_ROWS).rows()):
            columns = {i: named[key(c)] for i, c in enumerate(cells) if c and key(c) in named}
            if set(_NEEDED) <= set(columns.values()):
                return _body(sheet, index, columns, file)
    wanted = ", ".join(f"{COLUMNS[c][0]} ({COLUMNS[c][1]})" for c in _NEEDED)
    message = _("{file} has no row of headers with the columns {columns}.").format(
        file=file, columns=wanted
    )
    raise BadInputError("cases.no_header", message, [Problem(file, message, "cases.no_header")])


def _body(
    sheet: Sheet, index: int, columns: Mapping[int, str], file: str
) -> list[tuple[str, int, dict[str, str]]]:
    body, lines = sheet.cells.slice(index + 1).rows(), sheet.lines.slice(index + 1).to_list()
    if len(body) > LIMIT:
        message = _("{file} has {n} rows; take in at most {most} at a time.")
        raise BadInputError(
            "cases.too_many_rows", message.format(file=file, n=len(body), most=LIMIT)
        )
    blank = dict.fromkeys(COLUMNS, "")
    return [
        (sheet.name or file, n,
         blank | {c: plain_text((row[i] or "").strip()) for i, c in columns.items()})
        for row, n in zip(body, lines, strict=True)
        if any(row)
    ]  # fmt: skip


class _Reading:
    """Makes reports of rows, and lists everything that is wrong."""

    def __init__(self, catalogue: Catalogue, zone: str, now: datetime) -> None:
        self.problems: list[Problem] = []
        self._zone, self._now = ZoneInfo(zone), now
        self._types: dict[str, ProblemType] = {}
        for t in catalogue.types.values():
            self._types |= {t.code: t, t.zh: t, t.en.lower(): t}
        self._gazetteer = Gazetteer.load()
        self._sources = {s.number: s for s in Source.objects.select_related("territory")}
        self._lines: dict[str, int] = {}

    def read(self, sheet: str, line: int, cells: Mapping[str, str]) -> Report | None:
        """Return the report of a row; None: something is wrong with it."""
        before = len(self.problems)

        def wrong(column: str, message: str) -> None:
            header = COLUMNS[column][1 if active() == "zh" else 0]
            self.problems.append(
                Problem(sheet, message, "cases.bad_cell", line, header, cells[column])
            )

        for column in _NEEDED:
            if not cells[column]:
                wrong(column, _("This is needed."))
        for column, most in _LENGTHS.items():
            if len(cells[column]) > most:
                wrong(column, _("At most {most} characters.").format(most=most))
        self._once(line, cells, wrong)
        found_at = self._moment(cells, wrong)
        problem = self._types.get(cells["problem"]) or self._types.get(cells["problem"].lower())
        if cells["problem"] and problem is None:
            wrong("problem", _("The catalogue has no such problem type."))
        source = self._sources.get(cells["source"])
        if cells["source"] and source is None:
            wrong("source", _("There is no source of this number."))
        if source and problem and not problem.fits(source.kind):
            wrong("problem", _("A source of this kind does not have this problem."))
        place = self._position(cells, wrong)
        territory = self._territory(cells, place, source, wrong)
        if len(self.problems) > before or found_at is None or problem is None or territory is None:
            return None
        return Report(
            title=cells["title"], problem=problem.code, channel="hotline", territory=territory,
            found_at=found_at, description=cells["description"], source=source,
            lon=place[0] if place else None, lat=place[1] if place else None,
            place=cells["place"],
            complainant=Complainant(cells["name"], cells["phone"], cells["address"]),
        )  # fmt: skip

    def _once(self, line: int, cells: Mapping[str, str], wrong: _Wrong) -> None:
        number = cells["number"]
        if number in self._lines:
            wrong("number", _("It is already on line {line}.").format(line=self._lines[number]))
        elif number:
            self._lines[number] = line

    def _moment(self, cells: Mapping[str, str], wrong: _Wrong) -> datetime | None:
        text = cells["found_at"].replace("/", "-").replace("T", " ").partition(".")[0]
        for format_ in _FORMATS:
            try:
                found = datetime.strptime(text, format_).replace(tzinfo=self._zone)
            except ValueError:
                continue
            if found.year < FIRST_YEAR:
                break
            if found > self._now:
                wrong("found_at", _("The problem cannot have been seen in the future."))
                return None
            return found.astimezone(UTC)
        if text:
            wrong("found_at", _("This is no moment; write it as 2026-11-23 08:30."))
        return None

    def _position(self, cells: Mapping[str, str], wrong: _Wrong) -> tuple[float, float] | None:
        if not cells["lon"] and not cells["lat"]:
            return None
        try:
            lon, lat = float(cells["lon"]), float(cells["lat"])
            datum = find_datum(cells["datum"] or "WGS84")
            east, north = to_wgs84(lon, lat, datum)
        except ValueError:
            wrong("lon", _("Longitude and latitude are two numbers in degrees, or both empty."))
        except DomainError as error:
            wrong("datum" if cells["datum"] else "lon", error.message)
        else:
            return round(float(east), 6), round(float(north), 6)
        return None

    def _territory(
        self, cells: Mapping[str, str], place: tuple[float, float] | None, source: Source | None,
        wrong: _Wrong,
    ) -> Territory | None:  # fmt: skip
        try:
            if cells["territory"]:
                named = self._gazetteer.named(cells["territory"])
                if place is not None:
                    self._gazetteer.check_within(named, *place)
                return named
            if place is not None:
                return self._gazetteer.holding(*place)
        except DomainError as error:
            wrong("territory" if cells["territory"] else "lon", error.message)
            return None
        if source is not None:
            return source.territory
        wrong("territory", _("Say where: a territory, a position or a source."))
        return None
