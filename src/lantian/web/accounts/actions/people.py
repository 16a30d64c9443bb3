"""Entering, changing and deactivating people."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts import names, sessions, tokens
from lantian.web.accounts.actions.passwords import check_password_rules
from lantian.web.accounts.actions.rules import (
    is_self,
    keep_an_administrator,
    lock_administrators,
    need,
)
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ADMINISTRATOR
from lantian.web.audit.actors import Actor, system
from lantian.web.audit.chain import record
from lantian.web.core.clock import today

_LANGUAGES = ("", "zh", "en")
_ORGANISATION = 120


def create_administrator(name: str, password: str, *, must_change: bool = False) -> User:
    """Make an administrator, from the command line of the machine.

    Parameters
    ----------
    must_change
        The password is not the person’s own choice: another one is asked for at the first sign-in.

    Raises
    ------
    InvalidArgumentError
        ``accounts.weak_password``, ``accounts.name_taken``, ``accounts.bad_name``.
    """
    by = system(_("command line"))
    with transaction.atomic():
        user = make_person(by, name=name)
        check_password_rules(password, user)
        user.set_password(password)
        user.must_change_password = must_change
        user.save(update_fields=["password", "must_change_password"])
        post = Appointment.objects.create(user=user, role=ADMINISTRATOR, valid_from=today())
        record("accounts.post_given", user, {"after": facts_of_post(post)}, actor=by)
    return user


def make_person(
    by: Actor,
    *,
    name: str,
    phone: str | None = None,
    email: str = "",
    organisation: str = "",
) -> User:
    """Enter a person; they can sign in once they have set a password with a one-time code.

    Raises
    ------
    InvalidArgumentError
        ``accounts.bad_name``, ``accounts.bad_phone``, ``accounts.bad_email``,
        ``accounts.bad_organisation``, ``accounts.name_taken``, ``accounts.phone_taken``.
    """
    need(by)
    user = User()
    _fill(user, name=name, phone=phone, email=email, organisation=organisation)
    user.set_unusable_password()
    with transaction.atomic():
        _save(user)
        record("accounts.person_made", user, {"after": facts(user)}, actor=by)
    return user


def change_person(
    by: Actor, user: User, *, name: str, phone: str | None, email: str, organisation: str
) -> bool:
    """Change who a person is and return whether anything changed; errors as for making one."""
    need(by)
    return _change(by, user, name=name, phone=phone, email=email, organisation=organisation)


def change_own(by: Actor, user: User, *, phone: str | None, email: str, language: str) -> bool:
    """Change how one can be reached and spoken to, and return whether anything changed."""
    if not is_self(by, user):
        need(by)
    if language not in _LANGUAGES:
        raise InvalidArgumentError("accounts.bad_language", _("The language is zh or en."))
    with transaction.atomic():
        if user.language != language:
            user.language = language
            user.save(update_fields=["language"])
        return _change(
            by, user, name=user.name, phone=phone, email=email, organisation=user.organisation
        )


def deactivate(by: Actor, user: User) -> None:
    """Keep a person from signing in, end their sessions and tokens; what they did stays.

    Raises
    ------
    DomainError
        ``accounts.last_administrator``.
    """
    need(by)
    with transaction.atomic():
        lock_administrators()
        if not _switch(user, active=False):
            return
        keep_an_administrator()
        ended = {"sessions": sessions.end(user), "tokens": tokens.end(user)}
        record("accounts.person_deactivated", user, ended, actor=by)


def reactivate(by: Actor, user: User) -> None:
    """Let a person sign in again, with the password they had."""
    need(by)
    with transaction.atomic():
        if _switch(user, active=True):
            record("accounts.person_reactivated", user, actor=by)


def facts(user: User) -> dict[str, object]:
    """Return what the log keeps of a person: not enough to call or write to them."""
    return {
        "name": user.name,
        "phone": names.masked(user.phone),
        "email": names.masked_email(user.email),
        "organisation": user.organisation,
    }


def facts_of_post(post: Appointment) -> dict[str, object]:
    """Return what the log keeps of a post."""
    kept: dict[str, object] = {
        "role": post.role,
        "territory": None if post.territory is None else post.territory.name,
        "organisation": None if post.organisation is None else post.organisation.name,
        "sector": post.sector,
        "from": _day(post.valid_from),
        "to": _day(post.valid_to),
    }
    if post.deputy_for is not None:
        kept["deputy_for"] = post.deputy_for.user.name
    return kept


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _switch(user: User, *, active: bool) -> bool:
    """Set whether a person is active; return whether that changed anything."""
    changed = User.objects.filter(pk=user.pk).exclude(is_active=active).update(is_active=active)
    user.is_active = active
    return changed > 0


def _change(
    by: Actor, user: User, *, name: str, phone: str | None, email: str, organisation: str
) -> bool:
    old = (user.name, user.phone, user.email, user.organisation)
    before = facts(user)
    _fill(user, name=name, phone=phone, email=email, organisation=organisation)
    if (user.name, user.phone, user.email, user.organisation) == old:
        return False
    with transaction.atomic():
        _save(user)
        record("accounts.person_changed", user, {"before": before, "after": facts(user)}, actor=by)
    return True


def _fill(user: User, *, name: str, phone: str | None, email: str, organisation: str) -> None:
    given = email.strip()
    if given:
        try:
            validate_email(given)
        except ValidationError as error:
            raise InvalidArgumentError(
                "accounts.bad_email", _("“{text}” is not an e-mail address.").format(text=email)
            ) from error
    place = " ".join(organisation.split())
    if len(place) > _ORGANISATION:
        raise InvalidArgumentError(
            "accounts.bad_organisation",
            _("The organisation has more than {n} characters.").format(n=_ORGANISATION),
        )
    user.name, user.phone = names.name(name), names.phone(phone)
    user.email, user.organisation = given, place


def _save(user: User) -> None:
    others = User.objects.exclude(pk=user.pk)
    if others.filter(name=user.name).exists():
        raise _taken(user, "name")
    if user.phone is not None and others.filter(phone=user.phone).exists():
        raise _taken(user, "phone")
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # somebody else was first
        raise _taken(user, "name") from error


def _taken(user: User, what: str) -> DomainError:
    if what == "name":
        message = _(
            "There is a “{name}” already. Tell them apart by an addition, such as the town."
        ).format(name=user.name)
    else:
        message = _("Somebody else has the phone number {phone}.").format(phone=user.phone)
    return InvalidArgumentError(f"accounts.{what}_taken", message)
