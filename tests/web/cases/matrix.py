"""The hand-written matrix as the tests read it, and what its words mean for the table."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from lantian.web.cases.table import Move, Refusal, Situation, Standing, Table, judge

FILE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "case-matrix.csv"
UNITS = ("lead", "supporting", "outside")
ALL = frozenset(
    {"reason", "evidence", "condition", "owner", "target", "until", "review_on", "sources",
     "outcome"}
)  # fmt: skip
DEEDS = {
    "dispatched_it": "dispatched",
    "rectified_it": "rectified",
    "reinspected_it": "reinspected",
    "signed_it": "signed",
    "scored": "scored",
}
OTHERS = frozenset({"elsewhere", "other_post", "second_return", "extended_before",
                    "extension_asked", "look_back_due", "serious", "signature"})  # fmt: skip


@dataclass(frozen=True)
class Cell:
    state: str
    action: str
    when: frozenset[str]
    unit: str
    role: str
    expected: str

    def __str__(self) -> str:
        when = "+".join(sorted(self.when)) or "-"
        return f"{self.state} {self.action} [{when}] {self.unit} {self.role}"


def rows(path: Path = FILE) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(read: list[dict[str, str]]) -> Iterator[Cell]:
    for row in read:
        fixed = ("state", "action", "when", "unit")
        when = frozenset(w for w in row["when"].split("+") if w)
        units = UNITS if row["unit"] == "any" else (row["unit"],)
        for unit, (role, expected) in product(
            units, ((k, v) for k, v in row.items() if k not in fixed)
        ):
            yield Cell(row["state"], row["action"], when, unit, role, expected)


def situation(cell: Cell) -> Situation:
    when = cell.when
    return Situation(
        state=cell.state,
        serious="serious" in when,
        counts={
            "returns": 2 if "second_return" in when else 1 if cell.state == "returned" else 0,
            "extensions": 1 if "extended_before" in when else 0,
        },
        signatures=1 if {"signature", "signed_it"} & when else 0,
        pending=frozenset(
            name
            for name, word in (("extension", "extension_asked"), ("look_back", "look_back_due"))
            if word in when
        ),
    )


def standing(cell: Cell) -> Standing:
    return Standing(
        role=cell.role,
        unit=cell.unit,  # type: ignore[arg-type]
        apart=cell.unit == "outside" and "other_post" not in cell.when,
        in_place="elsewhere" not in cell.when,
        did=frozenset(deed for word, deed in DEEDS.items() if word in cell.when),
    )


def given(cell: Cell) -> frozenset[str]:
    return ALL - {w.removeprefix("no_") for w in cell.when if w.startswith("no_")}


def outcome(table: Table, cell: Cell) -> str:
    """Return what the table says of a cell, in the words of the matrix."""
    return said(judge(table, cell.action, situation(cell), standing(cell), given(cell)))


def said(found: Move | Refusal) -> str:
    """Return a judgement in the words of the matrix."""
    return found.state if isinstance(found, Move) else found.code.removeprefix("cases.")


def differences(table: Table, read: list[dict[str, str]]) -> list[str]:
    """Return every cell for which the table says something else."""
    found = []
    for cell in cells(read):
        says = outcome(table, cell)
        if says != cell.expected:
            found.append(f"{cell}: written {cell.expected}, the table says {says}")
    return found
