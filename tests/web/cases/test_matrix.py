"""The table of transitions against the matrix written by hand, and real actions against it."""

from __future__ import annotations

import copy
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from lantian.errors import DomainError
from lantian.web.accounts.roles import ROLES
from lantian.web.cases import refusals, table
from lantian.web.cases.models import Case
from tests.web.cases import matrix
from tests.web.cases.matrix import Cell
from tests.web.cases.world import WAYS, World

DOCUMENT = matrix.FILE.with_name("cases.md")
READ = matrix.rows()
CELLS = list(matrix.cells(READ))
STATES = (table.NEW, *table.TABLE.states)
OTHER = {"not_your_role": "closed"}  # what a cell is changed to; others to not_your_role


def test_the_matrix_speaks_of_everything_once() -> None:
    plain = Counter((c.state, c.action, c.role, c.unit) for c in CELLS if not c.when)
    every = set(product(STATES, table.TABLE.actions, ROLES, matrix.UNITS))
    assert set(plain) == every
    assert set(plain.values()) == {1}
    assert max(Counter((c.state, c.action, c.role, c.unit, c.when) for c in CELLS).values()) == 1


def test_the_matrix_has_no_word_that_is_not_known() -> None:
    whens = {w for c in CELLS for w in c.when}
    assert whens <= set(matrix.DEEDS) | matrix.OTHERS | {f"no_{n}" for n in matrix.ALL}
    said = {c.expected for c in CELLS}
    codes = {code.removeprefix("cases.") for code in refusals.codes()}
    assert said <= codes | set(table.TABLE.states)
    assert codes <= said, "a refusal that no cell of the matrix expects"


def test_the_documentation_names_every_action_and_state() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert [a for a in table.TABLE.actions if f"`{a}`" not in text] == []
    assert [s.code for s in table.TABLE.states.values() if s.zh not in text] == []


def test_the_table_does_what_the_matrix_says() -> None:
    assert matrix.differences(table.TABLE, READ) == []


def test_every_cell_counts() -> None:
    """Change each cell of the file by itself; the comparison must find it."""
    for row in READ:
        for role in ROLES:
            changed = {k: v for k, v in row.items() if k not in ROLES}
            changed[role] = OTHER.get(row[role], "not_your_role")
            assert matrix.differences(table.TABLE, [changed]), (row["state"], row["action"], role)


def mutations(name: str, row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every way to change one rule of one action that changes who may do what."""

    def changed(**fields: Any) -> dict[str, Any]:
        return {**copy.deepcopy(row), **fields}

    for state in STATES:
        there = state in row["from"]
        states = [s for s in row["from"] if s != state] if there else [*row["from"], state]
        yield f"from {state}", changed(**{"from": states})
    for state in table.TABLE.states:
        if state != row["to"] and [state] != row["from"]:
            yield f"to {state}", changed(to=state)
    for need in row.get("needs", []):
        yield f"needs no {need}", changed(needs=[n for n in row["needs"] if n != need])
    if len(row.get("outcomes", [])) > 1:
        yield "one outcome", changed(outcomes=row["outcomes"][:1])
    for key in ("pending", "not_pending", "serious", "signatures"):
        if key in row:
            yield f"no {key}", {k: v for k, v in copy.deepcopy(row).items() if k != key}
    if "signatures" in row:
        yield "one signature more", changed(signatures=row["signatures"] + 1)
    yield from entries(row)


def entries(row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for n, who in enumerate(row["who"]):
        where = f"who {n}"

        def changed(**fields: Any) -> dict[str, Any]:
            made = copy.deepcopy(row)
            made["who"][n] |= fields  # noqa: B023 - used before the next one
            return made

        held = {r for other in row["who"] if other is not who for r in other["roles"]}
        for role in ROLES:
            if role in who["roles"]:
                yield f"{where}: not {role}", changed(roles=[r for r in who["roles"] if r != role])
            elif role not in held:
                yield f"{where}: {role}", changed(roles=[*who["roles"], role])
        for unit in ("any", "lead", "party", "outside"):
            if unit != who["unit"]:
                yield f"{where}: {unit}", changed(unit=unit)
        for deed in who.get("not", []):
            yield f"{where}: {deed}", changed(**{"not": [d for d in who["not"] if d != deed]})
        for count, most in who.get("most", {}).items():
            yield f"{where}: more {count}", changed(most={count: most + 1})
            yield f"{where}: fewer {count}", changed(most={count: most - 1})
        if who.get("self"):
            yield f"{where}: anybody", changed(self="")


def test_every_rule_counts() -> None:
    """Change each rule of the table by itself; the matrix must object."""
    data = tomllib.loads(table._FILE.read_text(encoding="utf-8"))
    asked: dict[str, list[tuple[Any, ...]]] = {}
    for c in CELLS:
        what = (matrix.situation(c), matrix.standing(c), matrix.given(c), c.expected)
        asked.setdefault(c.action, []).append(what)
    tried, missed = 0, []
    for name, row in data["actions"].items():
        for what_changed, made in mutations(name, row):
            mutated = table.parse({**data, "actions": {name: made}})
            tried += 1
            for where, who, given, expected in asked[name]:
                found = table.judge(mutated, name, where, who, given)
                if matrix.said(found) != expected:
                    break
            else:
                missed.append(f"{name}: {what_changed}")
    assert not missed, "\n".join(missed)
    assert tried > 800


def sample() -> list[Cell]:
    """Return, for every state and action, one cell for each answer the matrix gives."""
    found: dict[tuple[str, str, str], Cell] = {}
    for cell in CELLS:
        if not cell.when and cell.state != table.NEW and cell.action != "take_in":
            found.setdefault((cell.state, cell.action, cell.expected), cell)
    return list(found.values())


@pytest.mark.parametrize("state", list(WAYS))
def test_real_actions_do_what_the_matrix_says(world: World, state: str) -> None:
    cells = [c for c in sample() if c.state == state]
    assert cells
    case = world.until(state)
    if state == "closed":  # the matrix means a look-back that is not due, unless it says so
        Case.objects.filter(pk=case.pk).update(look_back_on=None)
    for cell in cells:
        if cell.unit == "supporting" and state in ("verifying", "opened", "declined", "merged"):
            continue
        doer = world.doer(cell.role, cell.unit)
        before = Case.objects.get(pk=case.pk)
        unassigned = before.responsibility is None
        with transaction.atomic():
            try:
                said = world.do(cell.action, Case.objects.get(pk=case.pk), doer).state
            except DomainError as error:
                said = error.code.removeprefix("cases.")
                assert Case.objects.get(pk=case.pk).version == before.version
            transaction.set_rollback(True)
        if unassigned and cell.expected == "own_unit":
            continue  # no unit answers for a case before it is dispatched
        assert said == cell.expected, str(cell)
