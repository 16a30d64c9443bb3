"""Tables of organisations and of the matrix: written so that they can be read back.

A row is known by its stable number; names stand beside the codes for people to read, and a cell may
name a unit or a territory either way.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lantian.errors import BadInputError, Problem
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.readers.table_cells import load_sheets
from lantian.observations.readers.table_header import key
from lantian.observations.spreadsheet import plain_text, safe_text
from lantian.web.accounts.roles import ROLES
from lantian.web.duties import words
from lantian.web.duties.models import Organisation, Rule, Shift
from lantian.web.duties.queries import last_day
from lantian.web.duties.shifts import SHIFTS

LIMIT = 5_000  # rows of a file
_SEARCHED_ROWS = 10
Headers = Mapping[str, tuple[str, ...]]  # column → its header in English and Chinese, and others

ORGANISATIONS: Headers = {
    "code": ("code", "编号", "单位编号"),
    "name": ("name", "名称", "单位名称", "单位"),
    "kind": ("kind", "类别", "单位类别", "类型"),
    "territory": ("territory", "辖区", "属地", "所属辖区"),
    "sector": ("sector", "领域", "行业领域"),
    "parent": ("belongs to", "上级单位", "上级"),
    "credit_code": ("credit code", "统一社会信用代码", "信用代码"),
    "first": ("from", "起", "开始日期", "启用日期"),
    "last": ("last day", "止", "结束日期"),
}
RULES: Headers = {
    "number": ("number", "编号", "规则编号"),
    "territory": ("territory", "辖区", "属地"),
    "sector": ("sector", "领域", "行业领域"),
    "source_kind": ("kind of source", "污染源类别"),
    "problem_type": ("problem type", "问题类型"),
    "lead": ("lead unit", "牵头单位", "责任单位", "主责单位"),
    "industry": ("industry unit", "行业主管单位", "行业主管部门"),
    "supporting": ("supporting units", "配合单位", "协办单位"),
    "leader_of": ("leader in charge of", "分管领导所在单位", "分管领导单位"),
    "grid": ("on the ground", "现场责任岗位", "网格责任岗位"),
    "reason": ("reason", "依据", "责任依据"),
    "first": ("from", "起", "开始日期", "生效日期"),
    "last": ("last day", "止", "结束日期", "失效日期"),
}
ROTA: Headers = {
    "first": ("day", "日期"),
    "kind": ("shift", "班次"),
    "name": ("name", "姓名", "值班人员"),
    "note": ("note", "备注"),
}
_DATES = ("first", "last")


@dataclass(frozen=True)
class Row:
    """A row of a file: its line, and its cells by column; an empty cell is an empty text."""

    line: int
    cells: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return it for the form that brings it back."""
        return asdict(self)

    def day(self, column: str) -> date | None:
        """Return the day of a cell, None for an empty one."""
        text = self.cells.get(column, "")
        return date.fromisoformat(text) if text else None


def read(path: Path, headers: Headers, needed: Sequence[str], name: str | None = None) -> list[Row]:
    """Return the rows of the first sheet that has the columns needed.

    Raises
    ------
    BadInputError
        ``duties.no_header``, ``duties.too_many_rows``, ``duties.bad_rows`` for days that are none,
        or whatever makes the file no table.
    """
    file = name or name_of(path)
    known = {key(h): column for column, all_ in headers.items() for h in all_}
    for sheet in load_sheets(path):
        for index, cells in enumerate(sheet.cells.head(_SEARCHED_ROWS).rows()):
            columns = {i: known[key(c)] for i, c in enumerate(cells) if c and key(c) in known}
            if not set(needed) <= set(columns.values()):
                continue
            lines = sheet.lines.slice(index + 1).to_list()
            body = sheet.cells.slice(index + 1).rows()
            rows = [
                Row(n, {c: plain_text((row[i] or "").strip()) for i, c in columns.items()})
                for row, n in zip(body, lines, strict=True)
                if any(row)
            ]
            return _with_days(rows, file)
    wanted = ", ".join(f"{headers[c][0]} ({headers[c][1]})" for c in needed)
    message = _("{file} has no row of headers with the columns {columns}.").format(
        file=file, columns=wanted
    )
    raise BadInputError("duties.no_header", message, [Problem(file, message, "duties.no_header")])


def _with_days(rows: Sequence[Row], file: str) -> list[Row]:
    if len(rows) > LIMIT:
        message = _("{file} has {n} rows; take in at most {most} at a time.").format(
            file=file, n=len(rows), most=LIMIT
        )
        raise BadInputError("duties.too_many_rows", message)
    problems: list[Problem] = []
    made = []
    for row in rows:
        cells = dict(row.cells)
        for column in _DATES:
            text = cells.get(column, "")
            try:
                cells[column] = _day(text)
            except ValueError:
                message = _("“{text}” is not a day; write it as 2026-01-31.").format(text=text)
                problems.append(Problem(file, message, "duties.bad_day", row.line, column, text))
        made.append(Row(row.line, cells))
    if problems:
        raise bad_rows(file, problems)
    return made


def _day(text: str) -> str:
    """Return a day in ISO form; empty for none."""
    parts = re.split(r"[-/.]", re.split(r"[ T]", text, maxsplit=1)[0])
    if parts == [""]:
        return ""
    return date.fromisoformat("-".join(p.zfill(2) for p in parts)).isoformat()


def bad_rows(file: str, problems: Sequence[Problem]) -> BadInputError:
    """Return the error that lists rows; nothing of the file was taken."""
    message = _("{file} has rows that cannot be taken; nothing of it was.").format(file=file)
    kept = list(problems[: BadInputError.LIMIT])
    return BadInputError("duties.bad_rows", message, kept, len(problems))


def organisations_xlsx(rows: Iterable[Organisation]) -> bytes:
    """Return organisations as a workbook."""
    return workbook(
        _("organisations"),
        ORGANISATIONS,
        (
            {
                "code": r.code,
                "name": r.name,
                "kind": words.kind_word(r.kind),
                "territory": "" if r.territory is None else r.territory.code,
                "sector": words.sector_word(r.sector) if r.sector else "",
                "parent": "" if r.parent is None else r.parent.code,
                "credit_code": r.credit_code,
                "first": r.valid_from.isoformat(),
                "last": "" if r.valid_to is None else r.valid_to.isoformat(),
                _("territory’s name"): "" if r.territory is None else r.territory.name,
            }
            for r in rows
        ),
        [_("territory’s name")],
    )


def rules_xlsx(rows: Iterable[Rule]) -> bytes:
    """Return rules as a workbook; units by their codes, with the lead unit's name beside them."""
    place, lead = _("territory’s name"), _("lead unit’s name")
    return workbook(
        _("matrix"),
        RULES,
        (
            {
                "number": r.number,
                "territory": "" if r.territory is None else r.territory.code,
                "sector": words.sector_word(r.sector) if r.sector else "",
                "source_kind": words.source_kind_word(r.source_kind) if r.source_kind else "",
                "problem_type": words.problem_type_word(r.problem_type) if r.problem_type else "",
                "lead": r.lead.code,
                "industry": "" if r.industry is None else r.industry.code,
                "supporting": "; ".join(h.organisation.code for h in r.helpers.all()),
                "leader_of": "" if r.leader_of is None else r.leader_of.code,
                "grid": ROLES[r.grid].title if r.grid else "",
                "reason": r.reason,
                "first": r.valid_from.isoformat(),
                "last": "" if (last := last_day(r)) is None else last.isoformat(),
                place: "" if r.territory is None else r.territory.name,
                lead: r.lead.name,
            }
            for r in rows
        ),
        [place, lead],
    )


def rota_xlsx(rows: Iterable[Shift]) -> bytes:
    """Return shifts as a workbook."""
    return workbook(
        _("duty rota"),
        ROTA,
        (
            {
                "first": r.day.isoformat(),
                "kind": SHIFTS[r.kind].title,
                "name": r.user.name,
                "note": r.note,
            }
            for r in rows
        ),
        [],
    )


def workbook(
    sheet: str, headers: Headers, rows: Iterable[Mapping[str, str]], more: Sequence[str]
) -> bytes:
    """Return rows as a workbook of texts that a spreadsheet shows and never runs."""
    import xlsxwriter  # only where a file is asked for

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True})
    titles = [h[1 if active() == "zh" else 0] for h in headers.values()] + list(more)
    for column, title in enumerate(titles):
        page.write_string(0, column, title, bold)
    for line, row in enumerate(rows, start=1):
        for column, name in enumerate([*headers, *more]):
            page.write_string(line, column, safe_text(row[name]))
    page.freeze_panes(1, 0)
    page.autofit()
    book.close()
    return out.getvalue()
