"""The closed loop's table of transitions, and the judgement by it. Data: ``transitions.toml``.

Pure: it knows no database. :func:`judge` says what an action of somebody would lead to, or why it
is refused; :mod:`lantian.web.cases.actions` carries it out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from lantian.i18n import active

Unit = Literal["lead", "supporting", "outside"]
NEW = "new"
_FILE = Path(__file__).with_name("transitions.toml")
# What the one who did it may not also judge, and the code of the refusal.
_DEEDS = MappingProxyType(
    {
        "rectified": "cases.rectified_it",
        "reinspected": "cases.reinspected_it",
        "signed": "cases.signed_it",
        "scored": "cases.scored",
    }
)
_NEEDS = MappingProxyType(
    {
        "reason": "cases.no_reason",
        "evidence": "cases.no_evidence",
        "condition": "cases.condition_not_stated",
        "owner": "cases.no_owner",
        "target": "cases.no_target",
        "until": "cases.no_date",
        "review_on": "cases.no_date",
        "sources": "cases.no_sources",
        "outcome": "cases.no_outcome",
    }
)


@dataclass(frozen=True)
class Named:
    """A code with its name in both languages: a state, an outcome or a channel.

    Parameters
    ----------
    stage
        Of a state: it has a clock.
    ended
        Of a state: nothing is owed any more.
    system
        Of a channel: the machine may take a case in by itself.
    order
        Of a channel: it brings orders from above, with their number and both deadlines.
    """

    code: str
    zh: str
    en: str
    stage: bool = False
    ended: bool = False
    system: bool = False
    order: bool = False

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Who:
    """One entry of who may act; the keys are explained at the head of ``transitions.toml``."""

    roles: frozenset[str]
    unit: Literal["any", "lead", "party", "outside"]
    self: str
    most: Mapping[str, int]
    barred: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    """One action; the keys are explained at the head of ``transitions.toml``."""

    code: str
    zh: str
    en: str
    states: tuple[str, ...]
    to: str
    event: str
    needs: tuple[str, ...]
    outcomes: tuple[str, ...]
    counts: str
    pending: str
    not_pending: str
    serious: bool
    signatures: int
    new_round: bool
    main: bool
    bulk: bool
    who: tuple[Who, ...]

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Table:
    """All of ``transitions.toml``.

    Parameters
    ----------
    near
        How far apart duplicates may lie [m].
    soon
        How long apart they may have been seen.
    corrections
        The states in which each field may be corrected.
    """

    near: float
    soon: timedelta
    states: Mapping[str, Named]
    outcomes: Mapping[str, Named]
    channels: Mapping[str, Named]
    actions: Mapping[str, Action]
    corrections: Mapping[str, frozenset[str]]

    @property
    def stages(self) -> frozenset[str]:
        """Return the states that have a clock."""
        return frozenset(s.code for s in self.states.values() if s.stage)

    @property
    def ended(self) -> frozenset[str]:
        """Return the states in which nothing is owed any more."""
        return frozenset(s.code for s in self.states.values() if s.ended)


@dataclass(frozen=True)
class Situation:
    """Where a case stands.

    Parameters
    ----------
    counts
        ``returns``, ``extensions``, ``failures``, ``reopenings``.
    signatures
        Of this round.
    pending
        Of ``extension`` (asked, not decided) and ``look_back`` (to be done).
    """

    state: str
    serious: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    signatures: int = 0
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Standing:
    """Who somebody is to a case.

    Parameters
    ----------
    role
        Of the post they act in.
    unit
        ``lead`` and ``supporting`` speak of that post; ``outside``: no unit of any post of the
        person takes part, nor has rectified the case before.
    apart
        Whether the person is outside with all their posts; a ``unit`` of ``outside`` with
        ``apart`` false is a person who has another post in one of the units.
    in_place
        Whether the case lies in the territory of the post.
    did
        Of ``dispatched``, ``rectified``, ``reinspected``, ``signed``, ``scored``.
    """

    role: str
    unit: Unit = "outside"
    apart: bool = True
    in_place: bool = True
    did: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Move:
    """What an action leads to: the state after it, which may be the one before."""

    action: Action
    state: str


@dataclass(frozen=True)
class Refusal:
    """Why an action is refused: the code of the error, and what it speaks of."""

    code: str
    about: Mapping[str, str] = field(default_factory=dict)


def load(path: Path = _FILE) -> Table:
    """Read a table.

    Raises
    ------
    ValueError
        It names a state, an outcome or a need that is not there.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return parse(data)


def parse(data: Mapping[str, Any]) -> Table:
    """Make a table of what the TOML holds; see :func:`load`."""
    table = Table(
        near=data["duplicates"]["metres"],
        soon=timedelta(days=data["duplicates"]["days"]),
        states=_named(data["states"]),
        outcomes=_named(data["outcomes"]),
        channels=_named(data["channels"]),
        actions=MappingProxyType({k: _action(k, row) for k, row in data["actions"].items()}),
        corrections=MappingProxyType({k: frozenset(v) for k, v in data["corrections"].items()}),
    )
    unknown = {s for states in table.corrections.values() for s in states} - set(table.states)
    if unknown:
        message = f"The corrections name {sorted(unknown)}, which are no states."
        raise ValueError(message)
    for action in table.actions.values():
        unknown = (
            (set(action.states) | {action.to}) - set(table.states) - {NEW, ""}
            | set(action.outcomes) - set(table.outcomes)
            | set(action.needs) - set(_NEEDS)
            | {b for w in action.who for b in w.barred} - set(_DEEDS)
        )
        if unknown:
            message = f"The action {action.code} names {sorted(unknown)}, which are not there."
            raise ValueError(message)
    return table


def judge(
    table: Table,
    name: str,
    situation: Situation,
    standing: Standing,
    given: frozenset[str] = frozenset(),
) -> Move | Refusal:
    """Say what an action leads to.

    Checked in this order, and the first objection is the answer: state, role, place, unit, who
    did what before, what was asked, signatures, what must be given.

    Parameters
    ----------
    given
        What comes with the action, in the words of ``needs``, and ``outcome``.

    Raises
    ------
    KeyError
        There is no such action.
    """
    action = table.actions[name]
    if situation.state not in action.states:
        return Refusal("cases.wrong_state", {"action": name, "state": situation.state})
    refusal = permitted(action, situation, standing) or due(action, situation)
    refusal = refusal or _complete(action, given)
    return refusal or Move(action, action.to or situation.state)


def permitted(action: Action, situation: Situation, standing: Standing) -> Refusal | None:
    """Say whether somebody may do an action in its state; None: yes."""
    entries = [w for w in action.who if standing.role in w.roles]
    if not entries:
        return Refusal("cases.not_your_role", {"action": action.code, "role": standing.role})
    if not standing.in_place:
        return Refusal("cases.not_your_place")
    refusals = [_entry(w, situation, standing) for w in entries]
    return None if None in refusals else refusals[0]


def _entry(who: Who, situation: Situation, standing: Standing) -> Refusal | None:
    wrong = _unit(who, standing)
    if wrong:
        return Refusal(wrong)
    if any(situation.counts.get(name, 0) > most for name, most in who.most.items()):
        return Refusal("cases.goes_up")
    if who.self and who.self not in standing.did:
        return Refusal("cases.not_yours")
    barred = [_DEEDS[deed] for deed in who.barred if deed in standing.did]
    return Refusal(barred[0]) if barred else None


def _unit(who: Who, standing: Standing) -> str:
    """Return the code of what is wrong with the unit of somebody; empty: nothing."""
    if who.unit == "lead" and standing.unit != "lead":
        return "cases.not_lead_unit"
    if who.unit == "party" and standing.unit == "outside":
        return "cases.not_your_unit"
    if who.unit == "outside" and not (standing.unit == "outside" and standing.apart):
        return "cases.own_unit"
    return ""


def due(action: Action, situation: Situation) -> Refusal | None:
    """Say whether an action is due as a case stands; None: yes."""
    if action.pending and action.pending not in situation.pending:
        return Refusal("cases.nothing_pending", {"action": action.code})
    if action.not_pending and action.not_pending in situation.pending:
        return Refusal("cases.asked_already")
    if action.serious and not situation.serious:
        return Refusal("cases.not_serious")
    if situation.serious and situation.signatures < action.signatures:
        return Refusal("cases.needs_signature")
    return None


def _complete(action: Action, given: frozenset[str]) -> Refusal | None:
    needs = (*action.needs, *(("outcome",) if len(action.outcomes) > 1 else ()))
    for need in needs:
        if need not in given:
            return Refusal(_NEEDS[need], {"action": action.code})
    return None


def _named(rows: Mapping[str, Any]) -> Mapping[str, Named]:
    return MappingProxyType({code: Named(code=code, **row) for code, row in rows.items()})


def _action(code: str, row: Mapping[str, Any]) -> Action:
    return Action(
        code=code,
        zh=row["zh"],
        en=row["en"],
        states=tuple(row["from"]),
        to=row["to"],
        event=row["event"],
        needs=tuple(row.get("needs", ())),
        outcomes=tuple(row.get("outcomes", ())),
        counts=row.get("counts", ""),
        pending=row.get("pending", ""),
        not_pending=row.get("not_pending", ""),
        serious=row.get("serious", False),
        signatures=row.get("signatures", 0),
        new_round=row.get("new_round", False),
        main=row.get("main", False),
        bulk=row.get("bulk", False),
        who=tuple(
            Who(
                roles=frozenset(w["roles"]),
                unit=w["unit"],
                self=w.get("self", ""),
                most=MappingProxyType(dict(w.get("most", {}))),
                barred=tuple(w.get("not", ())),
            )
            for w in row["who"]
        ),
    )


TABLE = load()
