"""The stages of a case as a line of steps: when each was reached, and whether in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.cases.models import Case, Step
from lantian.web.cases.story import Story
from lantian.web.cases.table import TABLE

# The way of a case that meets nothing; where it left it is said after the last stage it reached.
WAY = ("verifying", "opened", "dispatched", "rectifying", "reinspecting", "closing", "closed")
_ASIDE = frozenset({"returned", "suspended"})  # beside the way: the case comes back
_OFF = frozenset({"declined", "merged", "void"})  # states in which the way ends early

Standing = Literal["done", "now", "todo"]


@dataclass(frozen=True)
class Stage:
    """One step of the line.

    Parameters
    ----------
    at
        When it was last reached; None: not yet.
    note
        What is to be said of it: how many times, late, due.
    """

    title: str
    standing: Standing
    at: datetime | None
    note: str
    late: bool = False


def line(story: Story, now: datetime, today: date) -> list[Stage]:
    """Return the steps of a case, in the language in force."""
    case = story.case
    reached = _reached(story)
    found = [_stage(code, story, reached, now) for code in WAY]
    if case.state in _OFF:
        kept = [s for s in found if s.at is not None]
        return [*kept, Stage(TABLE.states[case.state].title, "now", case.ended_at, "")]
    if case.state in _ASIDE:
        place = WAY.index("dispatched" if case.state == "returned" else "rectifying") + 1
        found.insert(place, Stage(
            TABLE.states[case.state].title, "now", reached.get(case.state), _aside(case)
        ))  # fmt: skip
    look = _look_back(story, today)
    return found if look is None else [*found, look]


def on_time(steps: Sequence[Step]) -> bool:
    """Say whether no stage ended after its deadline; granted time moves it."""
    return all(s.ended_at is None or s.ended_at <= s.due_at for s in steps)


def _reached(story: Story) -> dict[str, datetime]:
    """Return when the case last came into each state."""
    return {e.after: e.at for e in story.own if e.before != e.after}


def _stage(code: str, story: Story, reached: dict[str, datetime], now: datetime) -> Stage:
    case, title = story.case, TABLE.states[code].title
    here = [s for s in story.steps if s.stage == code]
    late = any((s.ended_at or now) > s.due_at for s in here)
    # where a case went back, what comes after is still to be done again
    beyond = case.state in WAY and WAY.index(code) > WAY.index(case.state)
    if beyond or code not in reached:
        times = len(here)
        again = ngettext("{n} time so far", "{n} times so far", times).format(n=times)
        return Stage(title, "todo", None, again if times else "", late)
    notes = []
    if len(here) > 1:
        notes.append(_("time no. {n}").format(n=len(here)))
    if code == "closed":
        late = not on_time(story.steps)
        notes.append(_("not on time") if late else _("on time"))
    elif late:
        notes.append(_("overdue"))
    standing: Standing = "now" if code == case.state and code != "closed" else "done"
    return Stage(title, standing, reached[code], _(", ").join(notes), late)


def _aside(case: Case) -> str:
    if case.state == "returned" and case.proposed_owner is not None:
        return _("proposed: {name}").format(name=case.proposed_owner.name)
    if case.review_on is not None:
        return _("review on {day}").format(day=f"{case.review_on:%Y-%m-%d}")
    return ""


def _look_back(story: Story, today: date) -> Stage | None:
    case, title = story.case, _("Look back")
    if case.state != "closed":
        return Stage(title, "todo", None, "")
    if case.look_back_on is None:
        at = story.last("look_back")
        return None if at is None else Stage(title, "done", at, _("stayed so"))
    over = today > case.look_back_on
    note = _("by {day}").format(day=f"{case.look_back_on:%Y-%m-%d}")
    return Stage(title, "now", None, _("overdue") + _(", ") + note if over else note, over)
