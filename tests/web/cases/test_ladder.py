"""The ladder of escalation: when each rung is reached, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lantian.errors import DomainError, UnknownNameError
from lantian.i18n import activate
from lantian.web.cases import clocks, ladder
from lantian.web.cases.catalogue import Limit
from lantian.web.cases.clocks import Clock
from lantian.web.duties.responsibility import Holder, Party, Responsibility
from lantian.workdays import load

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = load(None, ZONE.key)
BEGUN = datetime(2026, 11, 23, 8, tzinfo=ZONE)
CLOCK = clocks.start(CALENDAR, BEGUN, Limit(10, "hours"))
LADDER = ladder.load()
SHIPPED = Path(ladder.__file__).with_name("ladder.toml").read_text("utf-8")


def reached(
    hours: float, *, clock: Clock | None = CLOCK, stage: str = "rectifying", serious: bool = False,
    taken: tuple[str, ...] = (), **counts: int,
) -> list[str]:  # fmt: skip
    found = LADDER.reached(
        CALENDAR, BEGUN + timedelta(hours=hours), stage=stage, step=7, clock=clock,
        serious=serious, counts=counts, taken=taken,
    )  # fmt: skip
    return [r.key for r in found]


def test_the_rungs_are_those_of_the_field_in_their_order() -> None:
    assert [r.zh for r in LADDER.rungs] == ["催办", "督办", "提级督办", "约谈"]
    activate("en")
    assert LADDER.rung("escalate").title == "Escalated supervision"
    with pytest.raises(UnknownNameError):
        LADDER.rung("whisper")


@pytest.mark.parametrize(
    ("hours", "serious", "codes"),
    [
        (0, False, []),
        (7.99, False, []),
        (8, False, ["urge"]),
        (9.99, False, ["urge"]),
        (10, False, ["urge", "supervise"]),
        (14.99, False, ["urge", "supervise"]),
        (15, False, ["urge", "supervise", "escalate"]),
        (29.99, False, ["urge", "supervise", "escalate"]),
        (30, False, ["urge", "supervise", "escalate", "talk"]),
        (4.99, True, []),
        (5, True, ["urge"]),
        (10, True, ["urge", "supervise"]),
        (12.5, True, ["urge", "supervise", "escalate"]),
        (20, True, ["urge", "supervise", "escalate", "talk"]),
    ],
)
def test_the_clock_of_a_stage_climbs(hours: float, serious: bool, codes: list[str]) -> None:
    assert reached(hours, serious=serious) == [f"{code}/rectifying/7" for code in codes]


@pytest.mark.parametrize(
    ("counts", "keys"),
    [
        ({"failures": 0, "returns": 1, "extensions": 9}, []),
        ({"failures": 1}, ["supervise/failures/1"]),
        ({"failures": 2}, ["supervise/failures/1", "escalate/failures/2"]),
        ({"failures": 3}, ["supervise/failures/1", "escalate/failures/2", "talk/failures/3"]),
        ({"returns": 2}, ["escalate/returns/2"]),
        ({"reopenings": 1}, ["escalate/reopenings/1"]),
        ({"reopenings": 2}, ["escalate/reopenings/1", "talk/reopenings/2"]),
    ],
)
def test_what_comes_back_climbs_too(counts: dict[str, int], keys: list[str]) -> None:
    assert reached(0, **counts) == keys
    assert reached(999, clock=None, **counts) == keys, "a clock that stands still reaches nothing"


def test_a_rung_is_taken_once_in_a_stage() -> None:
    assert reached(12, taken=("urge/rectifying/7", "supervise/rectifying/7")) == []
    assert reached(12, taken=("urge/rectifying/6",)) == [
        "urge/rectifying/7",
        "supervise/rectifying/7",
    ]


def test_before_dispatch_there_is_nobody_to_supervise() -> None:
    assert reached(99, stage="verifying") == ["urge/verifying/7"]


def test_lateness_in_working_time_does_not_grow_at_night() -> None:
    monday = datetime(2026, 11, 23, 8, 30, tzinfo=ZONE)
    clock = clocks.start(CALENDAR, monday, Limit(7, "working_hours"))
    due = LADDER.rung("escalate").falls_due(CALENDAR, clock, serious=False)
    assert due == datetime(2026, 11, 24, 12, tzinfo=ZONE)


def test_supervision_waits_for_a_deadline_outside_working_time() -> None:
    sunday = datetime(2026, 11, 29, 12, tzinfo=ZONE)
    clock = clocks.until(CALENDAR, BEGUN, sunday, "working_days")
    assert LADDER.rung("supervise").falls_due(CALENDAR, clock, serious=False) == sunday


# -- who is told


def holder(user: int, role: str) -> Holder:
    return Holder(post=user + 100, user=user, name=f"P{user}", role=role)


ANSWERS = Responsibility(
    rule="R-001-v1",
    lead=Party(1, "Housing", (holder(1, "department_officer"), holder(2, "department_officer"))),
    industry=Party(2, "Industry", (holder(3, "department_officer"), holder(2, "town_officer"))),
    supporting=(Party(3, "Town", (holder(4, "town_officer"),)),),
    leader=holder(5, "leader"),
    grid=holder(6, "grid_member"),
    because=("x",),
)


@pytest.mark.parametrize(
    ("rung", "stage", "users", "roles"),
    [
        ("urge", "rectifying", [1, 2, 6], ()),
        ("urge", "opened", [], ("dispatcher",)),
        ("supervise", "dispatched", [1, 2, 3, 6], ("dispatcher",)),
        ("supervise", "closing", [], ("dispatcher", "leader")),
        ("escalate", "rectifying", [1, 2, 3, 5], ("inspector",)),
        ("talk", "rectifying", [1, 2, 3, 5], ("leader", "inspector", "auditor")),
    ],
)
def test_who_is_told(rung: str, stage: str, users: list[int], roles: tuple[str, ...]) -> None:
    found = ladder.told(LADDER.rung(rung), stage, ANSWERS)
    assert [h.user for h in found.holders] == users
    assert found.roles == roles


def test_where_nobody_answers_the_dispatcher_is_told() -> None:
    assert ladder.told(LADDER.rung("urge"), "rectifying", None) == ladder.Told((), ("dispatcher",))


# -- data


def own(tmp_path: Path, text: str) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / ladder.FILE).write_text(text, encoding="utf-8")
    return tmp_path


def test_an_office_has_its_own_ladder(tmp_path: Path) -> None:
    assert ladder.load(tmp_path) is LADDER
    found = ladder.load(own(tmp_path, SHIPPED.replace('zh = "督办"', 'zh = "挂牌督办"')))
    assert found.rung("supervise").zh == "挂牌督办"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("schema = 1", "schema = 2", "schema = 1"),
        ('code = "supervise"', 'code = "urge"', "stands twice"),
        ('code = "supervise"', "code = 1", "[[rungs]] 2: code must be a text"),
        ("share = 1.5", "share = 0.7", "“escalate” is reached before"),
        ("share = 3.0", 'share = "3"', "[[rungs]] 4: share must be more than 0"),
        ("counts = { failures = 1 }", "counts = { failures = 0 }", "[[rungs]] 2: counts"),
        ("counts = { failures = 1 }", "counts = { fails = 1 }", "“fails”; known are returns"),
        ('["dispatched", "rectifying"]', '["working"]', "“working”; known are verifying"),
        ('stages = ["dispatched", "rectifying"]\n', "", "[[rungs]] 4 must have"),
        ('signed_by = "dispatcher"', 'signed_by = "boss"', "“boss”; known are system"),
        ('["lead", "grid"]', '["led"]', "tell.default has “led”"),
        ('["lead", "grid"]', '"lead"', "tell.default must be a list"),
        ("default = [", "usual = [", "tell must have a default"),
        ('unit = "working_days" }', 'unit = "weeks" }', "[[rungs]] 2: answer"),
        ("[[rungs]]", "[[rung]]", "tables [[rungs]]"),
        ("[[rungs]]", "[[rungs", "Expected"),
    ],
)
def test_a_wrong_ladder_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    activate("en")
    assert old in SHIPPED
    with pytest.raises(DomainError) as caught:
        ladder.load(own(tmp_path, SHIPPED.replace(old, new)))
    assert caught.value.code == "cases.bad_ladder"
    assert says in caught.value.message
