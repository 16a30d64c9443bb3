"""A case as the cells of a row: of the table, of the files, and of files that come back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lantian.i18n import active
from lantian.observations.readers.table_header import key
from lantian.web.cases.catalogue import by_version
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE
from lantian.web.core.formats import local
from lantian.web.duties.sectors import SECTORS

Group = Literal["id", "free", "fixed"]
Cell = str | float | int
SEVERITY: Mapping[str, tuple[str, str]] = {
    "general": ("一般", "general"),
    "serious": ("重大", "serious"),
}
_DIGITS = 6  # decimals of a position [°], about 0.1 m


@dataclass(frozen=True)
class Column:
    """One column of the files.

    Parameters
    ----------
    group
        ``id``: says which row it is; ``free``: may be corrected in a file; ``fixed``: is changed
        by what is done to the case, never by a file.
    field
        What :func:`~lantian.web.cases.actions.correct` calls it; empty: nothing it corrects.
    """

    name: str
    zh: str
    en: str
    group: Group = "fixed"
    field: str = ""
    width: int = 12

    @property
    def title(self) -> str:
        """Return its header in the language in force."""
        return self.zh if active() == "zh" else self.en


_ALL = (
    Column("code", "案件编号", "Case number", "id", width=13),
    Column("version", "版本", "Version", "id", width=20),
    Column("title", "标题", "Title", "free", "title", 32),
    Column("description", "情况描述", "Description", "free", "description", 40),
    Column("problem", "问题类型", "Problem type", "free", "problem", 20),
    Column("severity", "严重程度", "Severity", "free", "severity"),
    Column("territory", "属地编码", "Territory code", "free", "territory", 15),
    Column("source", "污染源编号", "Source number", "free", "source"),
    Column("place", "地点", "Place", "free", "place", 24),
    Column("lon", "经度", "Longitude", "free", "position"),
    Column("lat", "纬度", "Latitude", "free", "position"),
    Column("found_at", "发现时间", "Seen at", "free", "found_at", 17),
    Column("external_number", "上级文号", "Number from above", "free", "external_number", 18),
    Column("external_due", "上级期限", "Deadline from above", "free", "external_due", 17),
    Column("own_due", "本级期限", "Our own deadline", "free", "own_due", 17),
    Column("state", "状态", "State"),
    Column("territory_name", "属地", "Territory"),
    Column("source_name", "污染源", "Pollution source", width=20),
    Column("lead", "责任单位", "Lead unit", width=20),
    Column("channel", "来源渠道", "Channel"),
    Column("sector", "行业领域", "Sector"),
    Column("taken_in_at", "受理时间", "Taken in at", width=17),
    Column("opened_at", "立案时间", "Opened at", width=17),
    Column("due_at", "本阶段期限", "Deadline of this stage", width=17),
    Column("ended_at", "办结时间", "Ended at", width=17),
    Column("outcome", "办理结果", "Outcome"),
    Column("returns", "退回次数", "Times returned"),
    Column("failures", "复查不合格次数", "Failed re-inspections"),
    Column("extensions", "延期次数", "Times more time was granted"),
    Column("reopenings", "反弹次数", "Relapses"),
)
COLUMNS: Mapping[str, Column] = {c.name: c for c in _ALL}
FREE = tuple(c for c in _ALL if c.group == "free")
FIXED = tuple(c for c in _ALL if c.group == "fixed")
_HEADERS = {key(h): c.name for c in _ALL for h in (c.name, c.zh, c.en)}


def column_of(header: str) -> Column | None:
    """Return the column a header names, in either language; None: none."""
    name = _HEADERS.get(key(header))
    return None if name is None else COLUMNS[name]


def field_title(field: str) -> str:
    """Return what a field of a correction is called, in the language in force."""
    if field == "position":
        return f"{COLUMNS['lon'].title} / {COLUMNS['lat'].title}"
    return next(c.title for c in _ALL if c.field == field)


class Writer:
    """Makes the cells of cases; knows the rules, so that no file is read for each."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._problems: dict[tuple[str, str], str] = {}

    def row(self, case: Any, names: Sequence[str]) -> list[Cell]:  # noqa: ANN401 - annotated
        """Return the cells of a case whose clock is annotated and whose rows are joined."""
        return [_CELLS[name](case, self) for name in names]

    def problem(self, case: Any) -> str:  # noqa: ANN401 - an annotated case
        """Return the name of the problem type, in the language in force."""
        asked = (case.catalogue, case.problem)
        if asked not in self._problems:
            found = by_version(self._rules.catalogues, case.catalogue).type(case.problem)
            self._problems[asked] = found.title
        return self._problems[asked]

    def mark(self, case: Any) -> str:  # noqa: ANN401 - an annotated case
        """Return the version of a case with what its cells said, so that changes are seen."""
        free = self.row(case, [c.name for c in FREE])
        fixed = self.row(case, [c.name for c in FIXED])
        return f"{case.version}.{digest(free)}.{digest(fixed)}"


def digest(cells: Sequence[Cell]) -> str:
    """Return a short text that is another when one of the cells is."""
    text = "\x1f".join(text_of(c) for c in cells)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def text_of(cell: Cell | None) -> str:
    """Return a cell as it comes back from a file: numbers as they are read, lines as one kind."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return f"{cell:.{_DIGITS}f}".rstrip("0").rstrip(".")
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def moment_text(moment: datetime | None) -> str:
    """Return a moment as files write it: local, to the minute."""
    return "" if moment is None else f"{local(moment):%Y-%m-%d %H:%M}"


def severity_title(code: str) -> str:
    """Return a severity in the language in force."""
    return SEVERITY[code][0 if active() == "zh" else 1]


def _moment(name: str) -> Callable[[Any, Writer], Cell]:
    return lambda case, _writer: moment_text(getattr(case, name))


def _plain(name: str) -> Callable[[Any, Writer], Cell]:
    return lambda case, _writer: getattr(case, name)


def _position(name: str) -> Callable[[Any, Writer], Cell]:
    def cell(case: Any, _writer: Writer) -> Cell:  # noqa: ANN401 - an annotated case
        value = getattr(case, name)
        return "" if value is None else round(value, _DIGITS)

    return cell


def _named(attribute: str, name: str) -> Callable[[Any, Writer], Cell]:
    def cell(case: Any, _writer: Writer) -> Cell:  # noqa: ANN401 - an annotated case
        row = getattr(case, attribute)
        return "" if row is None else getattr(row, name)

    return cell


_CELLS: Mapping[str, Callable[[Any, Writer], Cell]] = {
    "code": _plain("code"),
    "version": lambda case, writer: writer.mark(case),
    "problem": lambda case, writer: writer.problem(case),
    "severity": lambda case, _w: severity_title(case.severity),
    "territory": _named("territory", "code"),
    "territory_name": _named("territory", "name"),
    "source": _named("source", "number"),
    "source_name": _named("source", "name"),
    "lead": _named("lead", "name"),
    "lon": _position("lon"),
    "lat": _position("lat"),
    "state": lambda case, _w: TABLE.states[case.state].title,
    "channel": lambda case, _w: TABLE.channels[case.channel].title,
    "sector": lambda case, _w: SECTORS[case.sector].title,
    "outcome": lambda case, _w: TABLE.outcomes[case.outcome].title if case.outcome else "",
    **{n: _moment(n) for n in ("found_at", "external_due", "own_due", "taken_in_at", "opened_at",
                               "due_at", "ended_at")},
    **{n: _plain(n) for n in ("title", "description", "place", "external_number", "returns",
                              "failures", "extensions", "reopenings")},
}  # fmt: skip
