"""Taking in people from a table, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from lantian.errors import DomainError, InvalidArgumentError, Problem
from lantian.i18n import gettext as _
from lantian.web.accounts import roster
from lantian.web.accounts.access import lasts
from lantian.web.accounts.actions.passwords import issue_code
from lantian.web.accounts.actions.people import change_person, make_person
from lantian.web.accounts.actions.posts import give_post
from lantian.web.accounts.actions.rules import need
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roster import Line
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.core.clock import today
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory


@dataclass
class Imported:
    """What an import did, or would do.

    Parameters
    ----------
    new, changed
        Names.
    same
        How many people were as the file says.
    posts
        How many posts were given.
    codes
        Name and one-time code of each new person, where asked for; to be shown once.
    """

    new: list[str]
    changed: list[str]
    same: int
    posts: int
    codes: list[tuple[str, str]]


def import_people(
    by: Actor, lines: Sequence[Line], file: str, *, dry_run: bool, issue_codes: bool = False
) -> Imported:
    """Enter the people of a file, change those known by their name, and give the posts.

    Empty cells leave what is known of a person; nobody is deactivated and no post ended.

    Parameters
    ----------
    dry_run
        Do everything and take it back: what it returns, or raises, is what would happen.

    Raises
    ------
    BadInputError
        ``accounts.bad_rows``, with everything that is wrong with every row.
    """
    need(by)
    problems: list[Problem] = []
    people: dict[str, User] = {}
    done = Imported([], [], 0, 0, [])
    with transaction.atomic():
        for line in lines:
            try:
                with transaction.atomic():
                    _take(by, line, people, done)
            except DomainError as error:
                problems.append(
                    Problem(file, error.message, error.code, line.line, None, line.name)
                )
        if problems:
            raise roster.bad_rows(file, problems)
        touched = {*done.new, *done.changed}
        done.same = len(people) - len(touched)
        if dry_run:
            transaction.set_rollback(True)
            return done
        if issue_codes:
            done.codes = [(name, issue_code(by, people[name])) for name in done.new]
        kept = {"file": file, "new": done.new, "changed": done.changed, "posts": done.posts}
        record("accounts.people_imported", None, kept, actor=by)
    return done


def _take(by: Actor, line: Line, people: dict[str, User], done: Imported) -> None:
    user = people.get(line.name) or User.objects.filter(name=" ".join(line.name.split())).first()
    if user is None:
        user = make_person(
            by, name=line.name, phone=line.phone, email=line.email, organisation=line.organisation
        )
        done.new.append(user.name)
    else:
        changed = change_person(
            by, user, name=user.name, phone=line.phone or user.phone,
            email=line.email or user.email, organisation=line.organisation or user.organisation,
        )  # fmt: skip
        if changed and user.name not in (*done.changed, *done.new):
            done.changed.append(user.name)
    people[line.name] = user
    if line.role and _lacks(user, line):
        first, last = line.days
        give_post(
            by, user, line.role, _territory(line), valid_from=first or today(), valid_to=last,
            organisation=_unit(line), sector=line.sector,
        )  # fmt: skip
        done.posts += 1


def _territory(line: Line) -> Territory | None:
    """Return the territory of a line; it may have been deleted since the file was looked at."""
    if line.territory is None:
        return None
    found = Territory.objects.filter(pk=line.territory).first()
    if found is None:
        raise InvalidArgumentError(
            "accounts.territory_gone",
            _("The territory of this row was deleted meanwhile. Look at the file again."),
        )
    return found


def _unit(line: Line) -> Organisation | None:
    """Return the organisation of a line; it may have been ended since the file was looked at."""
    if line.unit is None:
        return None
    found = Organisation.objects.filter(pk=line.unit, valid_to=None).first()
    if found is None:
        raise InvalidArgumentError(
            "accounts.unit_gone",
            _("The organisation of this row was ended meanwhile. Look at the file again."),
        )
    return found


def _lacks(user: User, line: Line) -> bool:
    """Say whether a person does not hold the post of a line on its days yet."""
    first, last = line.days
    held = Appointment.objects.filter(
        lasts(last or first or today()), user=user, role=line.role, deputy_for=None
    )
    same = held.filter(territory=line.territory or None)
    if line.unit is not None:  # an empty cell leaves what is known
        same = same.filter(organisation=line.unit)
    if line.sector:
        same = same.filter(sector=line.sector)
    return not same.filter(valid_from__lte=first or today()).exists()
