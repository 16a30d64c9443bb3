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
    "first": ("from", "起", "开始日期", "任职日期", "起始日期"),
    "last": ("to", "last day", "止", "结束日期", "截止日期"),
    "deputy_for": ("deputy_for", "代谁", "代理"),
}
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
class _Words:
    """What the cells of a file may say of roles and territories."""

    roles: dict[str, str]
    by_code: dict[str, int]
    by_name: dict[str, list[int]]

    @classmethod
    def known(cls) -> _Words:
        roles = {key(t): r.id for r in ROLES.values() for t in (r.id, r.zh, r.en)}
        by_code: dict[str, int] = {}
        by_name: dict[str, list[int]] = {}
        for pk, code, name in Territory.objects.values_list("pk", "code", "name"):
            by_code[code] = pk
            by_name.setdefault(name, []).append(pk)
        return cls(roles, by_code, by_name)

    def territory(self, text: str) -> tuple[int | None, str]:
        """Return the id of a territory by code or name, and what is wrong with the text."""
        found = self.by_code.get(text)
        if not text or found is not None:
            return found, ""
        same = self.by_name.get(text, [])
        if len(same) == 1:
            return same[0], ""
        if same:
            message = _("Several territories are called “{name}”; give its code.")
        else:
            message = _("There is no territory “{name}”.")
        return None, message.format(name=text)


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
    if (place or cells.get("first") or cells.get("last")) and not role:
        wrong("role", _("The row has a territory or days, but no role."))
    days = {}
    for column in ("first", "last"):
        text = cells.get(column, "").split(" ")[0].split("T")[0].replace("/", "-")
        try:
            days[column] = "" if not text else date.fromisoformat(_padded(text)).isoformat()
        except ValueError:
            wrong(column, _("“{text}” is not a day; write it as 2026-01-31.").format(text=text))
            days[column] = ""
    kept = {c: cells.get(c, "") for c in ("name", "phone", "email", "organisation")}
    return Line(line=number, **kept, role=found_role, territory=territory, **days)


def _padded(text: str) -> str:
    parts = text.split("-")
    return "-".join(p.zfill(2) for p in parts) if len(parts) == 3 else text


def bad_rows(file: str, problems: Sequence[Problem]) -> BadInputError:
    """Return the error that lists rows; nothing of the file was taken."""
    message = _("{file} has rows that cannot be taken; nothing of it was.").format(file=file)
    return _bad("accounts.bad_rows", message, problems)


def _bad(code: str, message: str, problems: Sequence[Problem]) -> BadInputError:
    return BadInputError(code, message, list(problems[: BadInputError.LIMIT]), len(problems))
