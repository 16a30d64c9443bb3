"""The catalogue as a workbook: one row for each problem type, written so that it is read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lantian.errors import Problem
from lantian.i18n import gettext as _
from lantian.i18n import speaking
from lantian.web.cases.catalogue import STAGES, Catalogue, ProblemType
from lantian.web.cases.cataloguing import words
from lantian.web.cases.cataloguing.versions import Record, record_of
from lantian.web.cases.table import TABLE
from lantian.web.duties import words as duties
from lantian.web.duties.sheets import Headers, Row, bad_rows, workbook
from lantian.web.sources.words import find_kind, find_sector

EVIDENCED = tuple(a.code for a in TABLE.actions.values() if "evidence" in a.needs)
_TEXTS = ("zh", "en", "unit_zh", "unit_en", "opening_zh", "opening_en", "closing_zh", "closing_en")
HEADERS: Headers = {
    "code": ("code", "编码"),
    "zh": ("name in Chinese", "名称"),
    "en": ("name in English", "英文名称"),
    "medium": ("medium", "介质"),
    "sector": ("sector", "领域"),
    "kinds": ("kinds of sources", "适用污染源类别"),
    "severity": ("severity", "严重程度"),
    "lead": ("kind of the lead unit", "责任单位类别"),
    "unit_zh": ("lead unit in Chinese", "责任单位"),
    "unit_en": ("lead unit in English", "责任单位英文"),
    "opening_zh": ("condition of opening in Chinese", "立案条件"),
    "opening_en": ("condition of opening in English", "立案条件英文"),
    "closing_zh": ("condition of closing in Chinese", "结案条件"),
    "closing_en": ("condition of closing in English", "结案条件英文"),
    "limit_verifying": ("limit: verify", "核实时限"),
    "limit_opened": ("limit: dispatch", "派遣时限"),
    "limit_dispatched": ("limit: accept", "签收时限"),
    "limit_rectifying": ("limit: rectify", "整改时限"),
    "limit_reinspecting": ("limit: re-inspect", "复查时限"),
    "limit_closing": ("limit: close", "销号时限"),
    "limit_look_back": ("look back after", "回头看时间"),
    "evidence_verify": ("evidence: verify", "核实证据"),
    "evidence_finish": ("evidence: rectified", "整改证据"),
    "evidence_pass": ("evidence: pass", "复查合格证据"),
    "evidence_fail": ("evidence: fail", "复查不合格证据"),
    "evidence_look_back": ("evidence: look-back", "回头看证据"),
    "evidence_relapse": ("evidence: relapse", "反弹证据"),
}
NEEDED = ("code", "zh", "sector", "limit_rectifying")
_BETWEEN = re.compile(r"[;；、,，\n]")
_PIECE = re.compile(r"(.+?)\s*[×xX*=]\s*(\d+)")


def xlsx(catalogue: Catalogue) -> bytes:
    """Return a catalogue as a workbook of texts."""
    kinds = {k.code: k.title for k in catalogue.evidence_kinds.values()}
    rows = [_row(problem, kinds) for problem in catalogue.types.values()]
    return workbook(_("problem types"), HEADERS, rows, ())


def _row(problem: ProblemType, kinds: Mapping[str, str]) -> dict[str, str]:
    texts = {name: str(getattr(problem, name)) for name in ("code", *_TEXTS)}
    limits = {f"limit_{s}": words.limit_words(problem.limits[s]) for s in STAGES}
    evidence = {
        f"evidence_{action}": "; ".join(
            f"{kinds[kind]}×{n}" for kind, n in problem.evidence.get(action, {}).items()
        )
        for action in EVIDENCED
    }
    return {
        **texts, **limits, **evidence,
        "medium": dict(words.media())[problem.medium],
        "sector": duties.sector_word(problem.sector),
        "kinds": "; ".join(duties.source_kind_word(kind) for kind in problem.kinds),
        "severity": dict(words.severities())[problem.severity],
        "lead": duties.kind_word(problem.lead),
    }  # fmt: skip


@dataclass
class _Reading:
    """The rows of a file on the way to a catalogue; what is wrong is collected."""

    file: str
    now: Catalogue
    problems: list[Problem]

    def __post_init__(self) -> None:
        self.pieces = _named([(k.code, k.zh) for k in self.now.evidence_kinds.values()]) | _named(
            [(k.code, k.en) for k in self.now.evidence_kinds.values()]
        )

    def wrong(self, row: Row, column: str, said: str) -> None:
        text = row.cells.get(column, "")
        head = HEADERS[column][1]
        self.problems.append(Problem(self.file, said, "cases.catalogue", row.line, head, text))

    def choice(self, row: Row, column: str, find: Callable[[str], str | None]) -> str:
        text = row.cells.get(column, "")
        found = find(text) if text else None
        if found is None:
            said = _("this is not known here") if text else _("it is missing")
            self.wrong(row, column, said)
        return found or ""

    def problem_type(self, row: Row) -> dict[str, Any]:
        old = self.now.types.get(row.cells["code"])
        said: dict[str, Any] = {} if old is None else record_of(self.now)["types"][old.code]
        said |= {name: row.cells[name] for name in _TEXTS if name in row.cells}
        for column, find in _CHOICES.items():
            if column in row.cells or old is None:
                said[column] = self.choice(row, column, find)
        if "kinds" in row.cells or old is None:
            said["kinds"] = self.kinds(row)
        limits = dict(said.get("limits", {}))
        for stage in STAGES:
            column = f"limit_{stage}"
            if column in row.cells:
                found = words.read_limit(row.cells[column])
                if found is None:
                    self.wrong(row, column, _("write it as “5 working days” or “2 hours”"))
                else:
                    limits[stage] = found
        evidence = dict(said.get("evidence", {}))
        for action in EVIDENCED:
            column = f"evidence_{action}"
            if column in row.cells:
                evidence[action] = self.evidence(row, column)
        return {**said, "limits": limits, "evidence": {a: p for a, p in evidence.items() if p}}

    def kinds(self, row: Row) -> list[str]:
        found = []
        for text in _parts(row.cells.get("kinds", "")):
            kind = find_kind(text)
            if kind is None:
                self.wrong(row, "kinds", _("“{text}” is no kind of source").format(text=text))
            else:
                found.append(kind.code)
        return found

    def evidence(self, row: Row, column: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for text in _parts(row.cells[column]):
            piece = _PIECE.fullmatch(text)
            code = self.pieces.get(piece[1].lower()) if piece else None
            if piece is None or code is None:
                known = _(", ").join(k.title for k in self.now.evidence_kinds.values())
                self.wrong(
                    row, column,
                    _("write it as “{example}×1”; known are {known}").format(
                        example=next(iter(self.now.evidence_kinds.values())).title, known=known
                    ),
                )  # fmt: skip
            else:
                found[code] = int(piece[2])
        return found


def read(rows: list[Row], file: str, now: Catalogue, version: str, valid_from: object) -> Record:
    """Return the catalogue that a file says: all its problem types, and no others.

    A column that the file lacks stays as ``now`` has it.

    Raises
    ------
    BadInputError
        ``duties.bad_rows``, each with row, column, value and what is wrong.
    """
    reading = _Reading(file, now, [])
    types: dict[str, Any] = {}
    for row in rows:
        code = row.cells["code"]
        if code in types:
            reading.wrong(row, "code", _("this code stands twice"))
        types[code] = reading.problem_type(row)
    if reading.problems:
        raise bad_rows(file, reading.problems)
    return {**record_of(now), "version": version, "valid_from": valid_from, "types": types}


def located(problem: Problem, rows: list[Row]) -> Problem:
    """Return what `parse` found wrong with its row: it knows only the problem type."""
    parts = (problem.column or "").split(".")
    lines = {row.cells["code"]: row.line for row in rows}
    if len(parts) > 1 and parts[0] == "types" and parts[1] in lines:
        column = "_".join(p.rstrip("s") if p == "limits" else p for p in parts[2:4])
        head = HEADERS.get(column) or HEADERS.get(parts[2] if len(parts) > 2 else "code")
        return Problem(
            problem.file, problem.message, problem.code, lines[parts[1]],
            head[1] if head else problem.column, problem.value,
        )  # fmt: skip
    return problem


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def _named(pairs: list[tuple[str, str]]) -> dict[str, str]:
    return {word.lower(): code for code, title in pairs for word in (code, title)}


def _among(pairs: Callable[[], list[tuple[str, str]]]) -> Callable[[str], str | None]:
    """Return what finds a code by its name in either language, or by itself."""

    def find(text: str) -> str | None:
        for language in ("zh", "en"):
            with speaking(language):  # type: ignore[arg-type]  # of the two
                found = _named(pairs()).get(text.strip().lower())
            if found is not None:
                return found
        return None

    return find


_CHOICES: Mapping[str, Callable[[str], str | None]] = {
    "medium": _among(words.media),
    "sector": find_sector,
    "severity": _among(words.severities),
    "lead": _among(words.leads),
}
