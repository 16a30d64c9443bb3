"""Lives of cases for benchmarks: what the actions would have written, without asking a database.

A :class:`Life` is a case with its events, its stages with their clocks, and who signed, made by
the table of transitions, the catalogue and the working time of the home. Nothing is judged:
:mod:`cases_seed` picks people who may act. What the actions write is told in
``lantian.web.cases.actions.acting``; ``tests/web/cases/walk.py`` checks the lives that were made.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lantian.web.cases import clocks
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.clocks import Clock
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import NEW, TABLE
from lantian.web.duties.responsibility import Responsibility

KINDS = tuple(f"{n:064x}" for n in range(0x1A57, 0x1A57 + 400))  # digests of photographs
_MORNING, _EVENING = 8, 18  # local hours between which most people act
_BACKLOG = timedelta(days=30)  # longer than that no look-back is left undone
_SHORT = timedelta(hours=5)  # what must be done sooner is done at night, too


class StillRunningError(Exception):
    """The life has come to the present."""


@dataclass(frozen=True)
class Person:
    """Somebody in a post; ``key`` None: a part of the system."""

    name: str
    key: int | None = None
    post: int | None = None
    role: str = ""
    organisation: int | None = None


@dataclass
class Deed:
    """An event of a case; ``data`` is filled in when every case has its number."""

    at: datetime
    action: str
    before: str
    after: str
    person: Person
    reason: str = ""
    data: Callable[[], dict[str, Any]] = dict


@dataclass
class Stage:
    """A stage with its clock."""

    name: str
    clock: Clock
    rule: str
    first_due: datetime
    ended: datetime | None = None


@dataclass
class Life:
    """A case from taken in to now.

    Parameters
    ----------
    fields
        Columns of the case that no event changes.
    state
        As the last event left it; the columns that events change are in ``now``.
    """

    rules: Rules
    dice: random.Random
    present: datetime
    zone: ZoneInfo
    problem: ProblemType
    catalogue: str
    severity: str
    taken_in: datetime
    fields: dict[str, Any]
    state: str = NEW
    code: str = ""
    at: datetime = field(init=False)
    deeds: list[Deed] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    signed: list[tuple[int, Deed]] = field(default_factory=list)
    now: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    round: int = 1
    responsibility: Responsibility | None = None
    record: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Begin where it is taken in."""
        self.at = self.taken_in

    def do(
        self,
        action: str,
        person: Person,
        *,
        reason: str = "",
        data: Mapping[str, Any] | Callable[[], dict[str, Any]] | None = None,
        clock: Clock | None = None,
        **changes: object,
    ) -> Deed:
        """Add an event as the table has it, end the stage and begin the next."""
        known = TABLE.actions[action]
        before, after = self.state, known.to or self.state
        told = data if callable(data) else self._told(action, data or {})
        deed = Deed(self.at, action, before, after, person, reason, told)
        self.deeds.append(deed)
        if known.counts:
            self.counts[known.counts] = self.counts.get(known.counts, 0) + 1
        if action in ("sign", "close"):
            self.signed.append((self.round, deed))
        if known.new_round:
            self.round += 1
        if after != before:
            self._leave(before, after)
        self.now |= changes
        if after != before and after in TABLE.stages:
            self._begin(after, clock)
        return deed

    def beside(self, deed: Deed) -> None:
        """Put an event that changes no state where it belongs in time."""
        n = sum(d.at <= deed.at for d in self.deeds)
        deed.before = deed.after = self.deeds[n - 1].after
        self.deeds.insert(n, deed)

    def wait(self, *, most: float = 1.0) -> None:
        """Let time pass in a stage: mostly within its limit, sometimes beyond.

        Raises
        ------
        StillRunningError
            The present has come.
        """
        dice = self.dice
        share = dice.uniform(0.05, 0.9) if dice.random() < 0.96 else dice.uniform(1.02, 1.8)
        clock = self.stages[-1].clock
        if self.stages[-1].ended is None:
            self.pass_time((clock.due - clock.begun) * share * most, clock.due)
        else:  # a state without a clock
            self.pass_time(timedelta(hours=dice.uniform(4, 60)) * share * most)

    def pass_time(self, time: timedelta, due: datetime | None = None) -> None:
        """Let so much time pass, and the night after it but where it ends ``due``; see `wait`."""
        then = self.at + time
        local = then.astimezone(self.zone)
        if not _MORNING <= local.hour < _EVENING and time > _SHORT:
            morning = local.replace(hour=_MORNING, minute=self.dice.randrange(10, 60))
            morning += timedelta(days=local.hour >= _EVENING)
            if due is None or not then <= due < morning:
                then = morning
        if then > self.present:
            raise StillRunningError
        self.at = then

    def evidence(self, action: str) -> dict[str, Any]:
        """Return the evidence the catalogue asks for, as events keep it."""
        usual = {"photo_before": 1} if action == "verify" else {"photo_check": 1}
        asked = self.problem.evidence.get(action) or usual
        return {
            "evidence": [
                {"kind": kind, "digest": digest, "note": ""}
                for kind, n in asked.items()
                for digest in self.dice.sample(KINDS, n)
            ]
        }

    def colour(self) -> str:
        """Return the colour of the running clock at present; ``""``: none runs."""
        last = self.stages[-1]
        return "" if last.ended is not None else last.clock.colour(self.present)

    def suspend_clock(self) -> Clock:
        """Return the clock of rectifying, gone on after it stood still."""
        stopped = [s for s in self.stages if s.name == "rectifying"][-1]
        assert stopped.ended is not None
        return clocks.resumed(self.rules.calendar, stopped.clock, stopped.ended, self.at)

    def extend(self, until: datetime) -> None:
        """Move the running clock to a later end."""
        stage = self.stages[-1]
        stage.clock = clocks.extended_until(self.rules.calendar, stage.clock, until)

    def _told(self, action: str, data: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        kept = dict(data)
        if "evidence" in TABLE.actions[action].needs:
            kept |= self.evidence(action)
        return lambda: kept

    def _leave(self, before: str, after: str) -> None:
        gone = {
            "rectifying": "extension_until", "suspended": "review_on",
            "returned": "proposed_owner_id", "closed": "look_back_on",
        }.get(before)  # fmt: skip
        if gone:
            self.now[gone] = None
        if self.stages and self.stages[-1].ended is None:
            self.stages[-1].ended = max(self.at, self.stages[-1].clock.begun)
        self.state = after
        if after in TABLE.ended:
            self.now["ended_at"] = self.at
        elif before in TABLE.ended:
            self.now |= {"ended_at": None, "outcome": ""}

    def _begin(self, stage: str, clock: Clock | None) -> None:
        limit = self.problem.limits[stage]  # type: ignore[index]
        rule = f"{limit.value} {limit.unit}"
        if clock is None:
            clock = clocks.start(self.rules.calendar, self.at, limit)
            own = self.fields.get("own_due")
            if stage == "rectifying" and own is not None and self.at < own < clock.due:
                clock = clocks.until(self.rules.calendar, self.at, own, limit.unit)
                rule = "own_due"
        self.stages.append(Stage(stage, clock, rule, clock.due))


@dataclass(frozen=True)
class Cast:
    """Who may act on a case, by role, none of them of a unit that takes part in it."""

    grid: Person
    dispatchers: Sequence[Person]
    inspectors: Sequence[Person]
    leaders: Sequence[Person]
    answering: Callable[[Responsibility], Person]
    other: Callable[[Responsibility], tuple[int, str]]
    resolve: Callable[[Life], tuple[Responsibility, dict[str, Any]]]


def live(life: Life, cast: Cast, aim: str = "") -> None:
    """Let a case live until it has ended, the present has come, or it is in the state ``aim``."""
    try:
        for step in _way(life, cast, aim):
            if life.state == aim:
                return
            step()
    except StillRunningError:
        return


def _way(life: Life, cast: Cast, aim: str) -> Sequence[Callable[[], None]]:
    return (
        lambda: _verify(life, cast, aim),
        lambda: _send(life, cast),
        lambda: _accept(life, cast, aim),
        lambda: _rectify(life, cast, aim),
        lambda: _judge(life, cast, aim),
        lambda: _close(life, cast, aim),
        lambda: _look_back(life, cast),
    )


def _verify(life: Life, cast: Cast, aim: str) -> None:
    life.wait(most=0.6)
    who = cast.grid if life.dice.random() < 0.8 else life.dice.choice(cast.inspectors)
    founded = bool(aim) or life.dice.random() > 0.06
    seen = "现场核实属实" if founded else "现场未见所报问题"
    life.do("verify", who, reason=seen, data={"confirmed": founded})
    life.wait(most=0.4)
    dispatcher = life.dice.choice(cast.dispatchers)
    if not founded:
        outcome = life.dice.choice(("unfounded", "unfounded", "not_ours", "too_slight"))
        life.do("decline", dispatcher, reason="经核实不予立案", data={"outcome": outcome},
                outcome=outcome)  # fmt: skip
        raise StillRunningError
    kept = {"catalogue": life.catalogue, "problem": life.problem.code,
            "medium": life.problem.medium, "sector": life.problem.sector,
            "severity": life.severity}  # fmt: skip
    life.do("open", dispatcher, data=kept, opened_at=life.at)


def _send(life: Life, cast: Cast) -> None:
    life.wait()
    if life.dice.random() < 0.01:
        _void(life, cast)
    life.responsibility, life.record = cast.resolve(life)
    by = life.dice.choice(cast.dispatchers)
    life.do("dispatch", by, data={"responsibility": life.record}, dispatched_by_id=by.key)


def _accept(life: Life, cast: Cast, aim: str) -> None:
    life.wait()
    found = life.responsibility
    assert found is not None
    who = cast.answering(found)
    if aim == "returned" or life.dice.random() < 0.05:
        key, name = cast.other(found)
        life.do("return", who, reason="不属本单位职责", proposed_owner_id=key,
                data={"owner": {"organisation": key, "name": name}})  # fmt: skip
        if aim == "returned":
            return
        life.wait()
        life.do("uphold", life.dice.choice(cast.dispatchers), reason="属地负责，维持派遣")
        life.wait()
    life.do("accept", who)


def ask_at_last(life: Life, cast: Cast) -> None:
    """Ask for more time for a case that is rectified now, so lately that nobody decided yet."""
    at = life.present - timedelta(hours=life.dice.uniform(0.5, 20))
    if at <= life.at or life.responsibility is None or life.fields.get("external_due"):
        return
    life.at = at
    until = max(life.stages[-1].clock.due, life.present) + timedelta(days=7)
    life.do("ask_extension", cast.answering(life.responsibility), reason="材料未到，申请延期",
            extension_until=until, data={"until": until.isoformat()})  # fmt: skip


def _rectify(life: Life, cast: Cast, aim: str) -> None:
    found = life.responsibility
    assert found is not None
    who = cast.answering(found)
    if aim == "suspended" or life.dice.random() < 0.006:
        life.wait(most=0.5)
        review = (life.at + timedelta(days=life.dice.randrange(30, 120))).date()
        leader = life.dice.choice(cast.leaders)
        life.do("suspend", leader, reason="管线迁改未完成，暂不具备整改条件", review_on=review,
                data={"review_on": review.isoformat()})  # fmt: skip
        if aim == "suspended":
            return
        left = review - life.at.astimezone(life.zone).date()
        life.pass_time(left - timedelta(days=life.dice.uniform(0.5, 20)))
        life.do("resume", leader, reason="具备整改条件", clock=life.suspend_clock())
    if life.dice.random() < 0.2:
        life.wait(most=0.3)
        life.do("report", who, reason="已完成部分整改，其余正在施工")
    if life.dice.random() < 0.05:
        _more_time(life, who, cast)
    life.wait()
    life.do("finish", who, reason="已整改完成，申请复查")


def _more_time(life: Life, who: Person, cast: Cast) -> None:
    due = life.stages[-1].clock.due
    until = due + timedelta(days=life.dice.randrange(3, 12))
    above = life.fields.get("external_due")
    if (above is not None and until > above) or until <= life.at + timedelta(days=2):
        return
    told = {"until": until.isoformat()}
    life.do("ask_extension", who, reason="材料未到，申请延期", data=told, extension_until=until)
    life.pass_time(timedelta(hours=life.dice.uniform(1, 20)))
    if until <= life.at:
        return
    life.extend(until)
    by = life.dice.choice(cast.dispatchers)
    life.do("grant_extension", by, data=told, extension_until=None)


def _judge(life: Life, cast: Cast, aim: str) -> None:
    inspector = life.dice.choice(cast.inspectors)
    while life.dice.random() < 0.09:
        life.wait()
        life.do("fail", inspector, reason="现场仍有裸露、积尘，整改不到位")
        if aim == "rectifying":
            raise StillRunningError
        _rectify(life, cast, "")
    life.wait()
    life.do("pass", inspector, reason="现场复查合格")


def _close(life: Life, cast: Cast, aim: str) -> None:
    if not aim and life.dice.random() < 0.004:
        life.wait(most=0.4)
        _void(life, cast)
    one, other = life.dice.sample([*cast.dispatchers, *cast.leaders], 2)
    if life.severity == "serious":
        life.wait(most=0.4)
        life.do("sign", one)
    life.wait(most=0.8)
    outcome = life.dice.choice(("rectified",) * 8 + ("corrected_at_once", "source_gone"))
    day = life.rules.look_back_on(life.problem, life.at, life.zone)
    life.do("close", other, data={"outcome": outcome}, outcome=outcome, look_back_on=day)


def _look_back(life: Life, cast: Cast) -> None:
    due = datetime.combine(life.now["look_back_on"], datetime.min.time(), life.zone)
    if life.present - due < _BACKLOG and life.dice.random() < 0.02:
        return
    life.pass_time(due - life.at + timedelta(days=life.dice.uniform(-1.5, 1.5)))
    inspector = life.dice.choice(cast.inspectors)
    if life.dice.random() < 0.975:
        life.do("look_back", inspector, reason="未反弹", look_back_on=None)
        return
    before = {"outcome_before": life.now["outcome"], "closed_at": life.now["ended_at"].isoformat()}
    life.do("relapse", inspector, reason="同一问题再次出现", data=before)
    _rectify(life, cast, "")
    _judge(life, cast, "")
    _close(life, cast, "closed")
    _look_back(life, cast)


def _void(life: Life, cast: Cast) -> None:
    outcome = life.dice.choice(("entered_in_error", "withdrawn_above"))
    life.do("void", life.dice.choice(cast.leaders), reason="录入有误", outcome=outcome,
            data={"outcome": outcome})  # fmt: skip
    raise StillRunningError
