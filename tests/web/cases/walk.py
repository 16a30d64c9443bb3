"""Random walks through the loop, and what must hold after every step of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from lantian.errors import DomainError
from lantian.web.audit.models import Event
from lantian.web.audit.verify import verify
from lantian.web.cases.models import Case, CaseEvent, Step
from lantian.web.cases.table import NEW, TABLE
from tests.web.cases.world import World

PEOPLE = (
    ("dispatcher", "outside", 0), ("dispatcher", "outside", 1), ("dispatcher", "lead", 0),
    ("leader", "outside", 0), ("leader", "outside", 1), ("leader", "lead", 0),
    ("town_officer", "lead", 0), ("town_officer", "lead", 1), ("town_officer", "other", 0),
    ("department_officer", "supporting", 0), ("department_officer", "outside", 0),
    ("enterprise_officer", "enterprise", 0), ("inspector", "outside", 0),
    ("inspector", "lead", 0), ("grid_member", "outside", 0), ("auditor", "outside", 0),
)  # fmt: skip
ACTIONS = tuple(a for a in TABLE.actions if a != "take_in")

# Where walks begin, so that short ones come to every corner.
STARTS = tuple(
    (state, severity)
    for state in ("verifying", "opened", "dispatched", "returned", "rectifying", "suspended",
                  "reinspecting", "closing", "closed")
    for severity in ("general", "serious")
    if (state, severity) != ("closed", "serious")
)  # fmt: skip

# What leaves a case where it is, or ends it at once: seldom enough that walks come far.
ASIDE = ("comment", "correct", "report", "sweep", "verify", "merge", "decline", "void", "suspend",
         "withdraw", "ask_extension")  # fmt: skip


def mixed(choices: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spread small numbers, of which there are many, over all of them."""
    for n, (who, what) in enumerate(choices, start=1):
        yield (who + 7 * n) * 2654435761 >> 9, (what + 13 * n) * 2654435761 >> 11


def walk(world: World, case: Case, choices: Sequence[tuple[int, int]]) -> list[str]:
    """Act on a case as the numbers say; return what was done.

    Two numbers in four choose among what the role may do in the state and that leads on, so that
    walks come far; the third among all it may do there; the fourth among all actions and people.
    """
    done = []
    for n, (who, what) in enumerate(mixed(choices)):
        person = PEOPLE[who % len(PEOPLE)]
        names = ACTIONS
        if n % 4:
            aside = n % 4 == 1
            people = [p for p in PEOPLE if likely(case, p[0], aside=aside)]
            person = people[who % len(people)] if people else person
            names = likely(case, person[0], aside=aside) or ACTIONS
        name = names[what % len(names)]
        before = case.version
        try:
            world.do(name, case, world.doer(*person))
        except DomainError:
            case.refresh_from_db()
            assert case.version == before, f"{name} was refused and left something"
            continue
        done.append(name)
        open_steps = Step.objects.filter(case=case, ended_at=None).values_list("stage", flat=True)
        assert list(open_steps) == ([case.state] if case.state in TABLE.stages else [])
    check(case)
    assert verify().ok
    return done


def likely(case: Case, role: str, *, aside: bool) -> tuple[str, ...]:
    """Return what a role may do in the state of a case; not ``aside``: of that, what leads on."""
    return tuple(
        a.code
        for a in TABLE.actions.values()
        if case.state in a.states
        and (aside or a.code not in ASIDE)
        and any(role in w.roles for w in a.who)
    )


def check(case: Case) -> None:
    """Make sure that everything holds that must always hold of a case."""
    events = list(CaseEvent.objects.filter(case=case).order_by("number"))
    assert [e.number for e in events] == list(range(1, case.version + 1))
    assert (events[0].before, events[-1].after) == (NEW, case.state)
    assert all(a.after == b.before for a, b in itertools.pairwise(events))
    logged = Event.objects.filter(pk__in=[e.audit for e in events])
    assert {(e.object_type, e.object_id) for e in logged} == {("cases.case", str(case.pk))}
    assert logged.count() == len(events)
    steps = list(Step.objects.filter(case=case, ended_at=None))
    assert [s.stage for s in steps] == ([case.state] if case.state in TABLE.stages else [])
    assert all(s.begun_at <= s.yellow_at <= s.due_at for s in steps)
    assert bool(case.outcome) == (case.state in TABLE.ended)
    for name in ("returns", "extensions", "failures", "reopenings"):
        counted = [e for e in events if TABLE_COUNTS.get(e.action) == name]
        assert getattr(case, name) == len(counted)
    for event in events:
        if event.action == "close":
            closed_fairly(case, events[: event.number])


TABLE_COUNTS = {a.code: a.counts for a in TABLE.actions.values()} | {"absorb": ""}


def closed_fairly(case: Case, events: Sequence[CaseEvent]) -> None:
    """Make sure that who rectified, who re-inspected and who closed are different people."""
    closing = events[-1]
    rectified = [e for e in events if e.action == "finish"]
    passed = [e for e in events if e.action == "pass"][-1]
    assert rectified[-1].number < passed.number
    assert passed.actor_id not in {e.actor_id for e in rectified}
    assert passed.organisation_id not in {e.organisation_id for e in rectified}
    assert closing.actor_id not in {passed.actor_id, *(e.actor_id for e in rectified)}
    assert closing.organisation_id not in {e.organisation_id for e in rectified}
    if case.severity == "serious":
        names = {e.actor_id for e in events[passed.number :] if e.action in ("sign", "close")}
        assert len(names) >= 2
