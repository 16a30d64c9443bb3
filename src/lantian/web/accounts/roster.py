"""Reading people from a table: CSV or workbook, with Chinese or English column names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers.table_cells import load_sheets
from lantian.observations.readers.table_header import key
from lantian.observations.spreadsheet import plain_text
from lantian.web.accounts.roles import ROLES
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory

LIMIT = 5_000  # rows of a file
_SEARCHED_ROWS = 10
_HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "姓名", "账号", "人员", "岗位名称"),
    "phone": ("phone", "phone number", "mobile", "手机", "手机号", "手机号码", "电话", "联系电话"),
    "email": ("email", "e-mail", "邮箱", "电子邮箱", "电子邮件"),
    "organisation": ("organisation", "organization", "单位", "工作单位", "所在单位", "部门"),
    "role": ("role", "角色", "岗位"),
    "territory": ("territory", "辖区", "属地", "所属辖区"),
    "unit": ("unit", "post’s unit", "任职单位", "岗位单位", "责任单位", "企业名称"),
    "sector": ("sector", "领域", "行业领域"),
    "first": ("from", "起", "开始日期", "任职日期", "起始日期"),
    "last": ("to", "last day", "止", "结束日期", "截止日期"),
    "deputy_for": ("deputy_for", "代谁", "代理"),
}
_OF_A_POST = ("territory", "unit", "sector", "first", "last")
_COLUMNS = {key(h): column for column, headers in _HEADERS.items() for h in headers}


@dataclass(frozen=True)
class Line:
    """One line of a file: a person, and one post of theirs or none."""

    line: int
    name: str
    phone: str = ""
    email: str = ""
    organisation: str = ""
    role: str = ""
    territory: int | None = None
    unit: int | None = None
    sector: str = ""
    first: str = ""
    last: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for the form that brings it back."""
        return asdict(self)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Return first and last day, None where the file says nothing."""
        return _parsed(self.first), _parsed(self.last)


def _parsed(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class _Named:
    """Things that a cell names by code or, where only one is called so, by name."""

    by_code: dict[str, int]
    by_name: dict[str, list[int]]

    @classmethod
    def of(cls, rows: Any) -> _Named:  # noqa: ANN401 - a query set of things with code and name
        by_code: dict[str, int] = {}
        by_name: dict[str, list[int]] = {}
        for pk, code, name in rows.values_list("pk", "code", "name"):
            by_code[code] = pk
            by_name.setdefault(name, []).append(pk)
        return cls(by_code, by_name)

    def find(self, text: str) -> tuple[int | None, bool]:
        """Return the id, None for no or several such things, and whether there are several."""
        if text in self.by_code:
            return self.by_code[text], False
        same = self.by_name.get(text, [])
        return (same[0], False) if len(same) == 1 else (None, len(same) > 1)


@dataclass(frozen=True)
class _Words:
    """What the cells of a file may say of roles, territories, units and sectors."""

    roles: dict[str, str]
    territories: _Named
    units: _Named
    sectors: dict[str, str]

    @classmethod
    def known(cls) -> _Words:
        roles = {key(t): r.id for r in ROLES.values() for t in (r.id, r.zh, r.en)}
        sectors = {key(t): code for code, x in SECTORS.items() for t in (code, x.zh, x.en)}
        units = Organisation.objects.filter(valid_to=None)
        return cls(
            roles, _Named.of(Territory.objects.all()), _Named.of(units), sectors,
        )  # fmt: skip

    def territory(self, text: str) -> tuple[int | None, str]:
        """Return the id of a territory by code or name, and what is wrong with the text."""
        found, several = self.territories.find(text)
        if several:
            message = _("Several territories are called “{name}”; give its code.")
        else:
            message = _("There is no territory “{name}”.") if text and found is None else ""
        return found, message.format(name=text)

    def unit(self, text: str) -> tuple[int | None, str]:
        """Return the id of an organisation by code or name, and what is wrong with the text."""
        found, several = self.units.find(text)
        if several:
            message = _("Several organisations are called “{name}”; give its code, such as O-001.")
        else:
            message = (
                _("There is no organisation “{name}”. Enter it first, among the organisations.")
                if text and found is None
                else ""
            )
        return found, message.format(name=text)


def read(path: Path, name: str | None = None) -> list[Line]:
    """Return the lines of a file; those of deputies are left out, since they end by themselves.

    Parameters
    ----------
    name
        What the person calls the file, for messages.

    Raises
    ------
    BadInputError
        ``accounts.no_header``, ``accounts.too_many_rows``, ``accounts.bad_rows`` with every bad
        cell, or whatever makes the file no table.
    """
    file = name or name_of(path)
    for sheet in load_sheets(path):
        for index, cells in enumerate(sheet.cells.head(_SEARCHED_ROWS).rows()):
            columns = {i: _COLUMNS[key(c)] for i, c in enumerate(cells) if c and key(c) in _COLUMNS}
            if "name" not in columns.values():
                continue
            body = sheet.cells.slice(index + 1).rows()
            lines = sheet.lines.slice(index + 1).to_list()
            rows = [
                (n, {c: plain_text(row[i] or "") for i, c in columns.items()})
                for row, n in zip(body, lines, strict=True)
                if any(row)
            ]
            return _lines(rows, file)
    message = _("{file} has no column of names, such as name or 姓名.").format(file=file)
    raise _bad("accounts.no_header", message, [Problem(file, message, "accounts.no_header")])


def _lines(rows: Sequence[tuple[int, dict[str, str]]], file: str) -> list[Line]:
    if len(rows) > LIMIT:
        message = _("{file} has {n} rows; take in at most {most} at a time.").format(
            file=file, n=len(rows), most=LIMIT
        )
        raise _bad("accounts.too_many_rows", message, [])
    words = _Words.known()
    problems: list[Problem] = []
    made: list[Line] = []
    for number, cells in rows:
        if cells.get("deputy_for"):
            continue

        def wrong(column: str, message: str, line: int = number, got: Any = cells) -> None:  # noqa: ANN401
            problems.append(
                Problem(file, message, f"accounts.bad_{column}", line, column, got.get(column))
            )

        made.append(_line(number, cells, words, wrong))
    if problems:
        raise bad_rows(file, problems)
    return made


def _line(
    number: int,
    cells: dict[str, str],
    words: _Words,
    wrong: Callable[[str, str], None],
) -> Line:
    role, place = cells.get("role", ""), cells.get("territory", "")
    found_role = words.roles.get(key(role), "") if role else ""
    if role and not found_role:
        wrong("role", _("There is no role “{role}”.").format(role=role))
    if not cells["name"]:
        wrong("name", _("The row has no name."))
    territory, doubt = words.territory(place)
    if doubt:
        wrong("territory", doubt)
    unit, doubt = words.unit(cells.get("unit", ""))
    if doubt:
        wrong("unit", doubt)
    said = cells.get("sector", "")
    sector = words.sectors.get(key(said), "") if said else ""
    if said and not sector:
        wrong("sector", _("There is no sector “{sector}”.").format(sector=said))
    if any(cells.get(c) for c in _OF_A_POST) and not role:
        wrong("role", _("The row has a territory, a unit, a sector or days, but no role."))
    if found_role and ROLES[found_role].reach == "none" and unit is None and not doubt:
        wrong("unit", _("Somebody of an enterprise sees only its own: name the enterprise here."))
    days = {}
    for column in ("first", "last"):
        text = cells.get(column, "").split(" ")[0].split("T")[0].replace("/", "-")
        try:
            days[column] = "" if not text else date.fromisoformat(_padded(text)).isoformat()
        except ValueError:
            wrong(column, _("“{text}” is not a day; write it as 2026-01-31.").format(text=text))
            days[column] = ""
    kept = {c: cells.get(c, "") for c in ("name", "phone", "email", "organisation")}
    return Line(
        line=number, **kept, role=found_role, territory=territory, unit=unit,
        sector=sector, **days,
    )  # fmt: skip


def _padded(text: str) -> str:
    parts = text.split("-")
    return "-".join(p.zfill(2) for p in parts) if len(parts) == 3 else text


def bad_rows(file: str, problems: Sequence[Problem]) -> BadInputError:
    """Return the error that lists rows; nothing of the file was taken."""
    message = _("{file} has rows that cannot be taken; nothing of it was.").format(file=file)
    return _bad("accounts.bad_rows", message, problems)


def _bad(code: str, message: str, problems: Sequence[Problem]) -> BadInputError:
    return BadInputError(code, message, list(problems[: BadInputError.LIMIT]), len(problems))
