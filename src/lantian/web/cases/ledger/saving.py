"""Keeping filters of the ledger: the only code that writes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.cases.models import SavedView

MOST = 50  # views one person keeps
_NAME, _QUERY = 40, 1000


def seen_by(user: User, units: Collection[int]) -> list[SavedView]:
    """Return the views of a person, and those shared with the units of their posts."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(organisation__in=units))
    return list(rows.select_related("owner", "organisation"))


def keep(
    user: User, units: Collection[int], *, name: str, query: str, unit: int | None, now: datetime
) -> SavedView:
    """Keep a filter under a name; one of the same name of theirs is replaced.

    Parameters
    ----------
    units
        Of the person's posts.
    unit
        Whose people see it too; None: nobody else.

    Raises
    ------
    InvalidArgumentError
        ``ledger.no_name``, ``ledger.too_long``, ``ledger.not_your_unit``.
    DomainError
        ``ledger.too_many_views``.
    """
    kept = _name(name)
    _own_unit(unit, units)
    if len(query) > _QUERY:
        raise InvalidArgumentError(
            "ledger.too_long", _("This filter is too long to be kept; choose fewer values.")
        )
    mine = SavedView.objects.filter(owner=user)
    if not mine.filter(name=kept).exists() and mine.count() >= MOST:
        raise DomainError(
            "ledger.too_many_views",
            _("You keep {n} filters already; delete one that you do not need.").format(n=MOST),
        )
    view, _made = SavedView.objects.update_or_create(
        owner=user, name=kept, defaults={"query": query, "organisation_id": unit, "made_at": now}
    )
    return view


def change(
    user: User, units: Collection[int], key: int, *, name: str, unit: int | None
) -> SavedView:
    """Rename a view of one's own, and say who sees it.

    Raises
    ------
    UnknownNameError
        ``ledger.unknown_view``: it is not there, or somebody else’s.
    InvalidArgumentError
        ``ledger.no_name``, ``ledger.name_taken``, ``ledger.not_your_unit``.
    """
    view = _own(user, key)
    view.name = _name(name)
    if unit != view.organisation_id:
        _own_unit(unit, units)
        view.organisation_id = unit
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "organisation"])
    except IntegrityError as error:
        raise InvalidArgumentError(
            "ledger.name_taken",
            _("You keep another filter called “{name}”.").format(name=view.name),
        ) from error
    return view


def delete(user: User, key: int) -> None:
    """Delete a view of one's own.

    Raises
    ------
    UnknownNameError
        ``ledger.unknown_view``.
    """
    _own(user, key).delete()


def _own(user: User, key: int) -> SavedView:
    found = SavedView.objects.filter(owner=user, pk=key).first()
    if found is None:
        raise UnknownNameError(
            "ledger.unknown_view", _("There is no such filter, or it is not yours.")
        )
    return found


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _NAME:
        raise InvalidArgumentError(
            "ledger.no_name", _("Give a name of up to {n} characters.").format(n=_NAME)
        )
    return name


def _own_unit(unit: int | None, units: Collection[int]) -> None:
    if unit is not None and unit not in units:
        raise InvalidArgumentError(
            "ledger.not_your_unit", _("A filter is shared with a unit of one of your posts.")
        )
