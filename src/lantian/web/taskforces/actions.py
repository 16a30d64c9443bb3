"""Setting up, changing and ending task forces; putting people into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access_of
from lantian.web.accounts.models import User
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.places.models import Territory
from lantian.web.taskforces.models import Member, TaskForce

MANAGE, SEE = "taskforces.manage", "taskforces.see"


@dataclass(frozen=True)
class Facts:
    """What is kept of a task force; see :class:`~lantian.web.taskforces.models.TaskForce`."""

    name: str
    starts: date
    ends: date | None = None
    purpose: str = ""
    territories: tuple[Territory, ...] = ()
    problems: tuple[str, ...] = field(default=())
    kinds: tuple[str, ...] = field(default=())


def make(by: Actor, facts: Facts) -> TaskForce:
    """Set up a task force.

    Raises
    ------
    InvalidArgumentError
        ``taskforces.no_name``, ``taskforces.bad_period``.
    DomainError
        ``taskforces.name_taken``; what the actor may not.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        force = _written(TaskForce(), facts)
        record("taskforces.made", force, {"after": about(force)}, actor=by)
    return force


def change(by: Actor, force: TaskForce, facts: Facts) -> bool:
    """Change what is kept of a task force; return whether anything did. Raises as :func:`make`."""
    permit(by, MANAGE)
    with transaction.atomic():
        before = about(force)
        after = about(_written(force, facts))
        if before == after:
            return False
        record("taskforces.changed", force, {"before": before, "after": after}, actor=by)
    return True


def end(by: Actor, force: TaskForce, last_day: date) -> None:
    """End a task force after a day.

    Raises
    ------
    InvalidArgumentError
        ``taskforces.bad_period``: the day is before its first.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        before = about(force)
        _check_period(force.starts, last_day)
        force.ends = last_day
        force.save(update_fields=["ends"])
        told = {"before": before, "after": about(force)}
        record("taskforces.ended", force, told, actor=by)


def put(
    by: Actor, force: TaskForce, user: User, task: str, *, leads: bool, today: date
) -> Member:  # fmt: skip
    """Put somebody into a task force, or change what they do in it.

    Who leads it takes the lead from who had it.

    Raises
    ------
    DomainError
        ``taskforces.cannot_see``: no post of theirs opens task forces; ``taskforces.over``.
    """
    permit(by, MANAGE)
    if force.is_over(today):
        raise DomainError("taskforces.over", _("The task force has ended."))
    if not user.is_active or SEE not in access_of(user, today):
        raise DomainError(
            "taskforces.cannot_see",
            _("{name} could not open the task force: give them a post that may, first.").format(
                name=user.name
            ),
        )
    with transaction.atomic():
        if leads:
            force.members.exclude(user=user).update(leads=False)
        member, _made = Member.objects.update_or_create(
            force=force, user=user, defaults={"task": task.strip()[:120], "leads": leads}
        )
        told = {"name": user.name, "task": member.task, "leads": leads}
        record("taskforces.member_put", force, told, actor=by)
    return member


def remove(by: Actor, member: Member) -> None:
    """Take somebody out of a task force."""
    permit(by, MANAGE)
    with transaction.atomic():
        told = {"name": member.user.name, "task": member.task, "leads": member.leads}
        force = member.force
        member.delete()
        record("taskforces.member_removed", force, told, actor=by)


def about(force: TaskForce) -> dict[str, Any]:
    """Return what the log says of a task force."""
    return {
        "name": force.name, "purpose": force.purpose,
        "territories": sorted(t.code for t in force.territories.all()),
        "problems": list(force.problems), "kinds": list(force.kinds),
        "starts": force.starts.isoformat(),
        "ends": None if force.ends is None else force.ends.isoformat(),
    }  # fmt: skip


def _written(force: TaskForce, facts: Facts) -> TaskForce:
    name = facts.name.strip()
    if not name:
        raise InvalidArgumentError("taskforces.no_name", _("Give the task force a name."))
    _check_period(facts.starts, facts.ends)
    force.name, force.purpose = name, facts.purpose.strip()
    force.problems, force.kinds = sorted(facts.problems), sorted(facts.kinds)
    force.starts, force.ends = facts.starts, facts.ends
    try:
        with transaction.atomic():
            force.save()
    except IntegrityError as error:
        raise DomainError(
            "taskforces.name_taken", _("There is a task force of this name already.")
        ) from error
    force.territories.set(facts.territories)
    return force


def _check_period(starts: date, ends: date | None) -> None:
    if ends is not None and ends < starts:
        raise InvalidArgumentError(
            "taskforces.bad_period", _("The last day lies before the first.")
        )
