"""Entering, changing and ending organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import lasts
from lantian.web.accounts.models import Appointment
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.duties.models import Kind, Organisation, Rule
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory
from lantian.web.sources.credit_code import credit_code

MANAGE = "duties.manage"
_NAME = 120
_SHOWN = 5  # rules or posts that a refusal names


@dataclass(frozen=True)
class Facts:
    """What is kept of an organisation; ``kind`` and ``sector`` are codes."""

    name: str
    kind: str
    territory: Territory | None = None
    sector: str = ""
    parent: Organisation | None = None
    credit_code: str = ""


def make_organisation(by: Actor, facts: Facts, *, valid_from: date) -> Organisation:
    """Enter an organisation that is there from a day on.

    Raises
    ------
    InvalidArgumentError
        ``duties.no_name``, ``duties.unknown_kind``, ``duties.unknown_sector``,
        ``duties.name_taken``, ``duties.credit_code_taken``, ``sources.bad_credit_code``.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        made = Organisation(code=_next_code(), valid_from=valid_from)
        _fill(made, facts)
        made.save()
        record("duties.organisation_made", made, {"after": told(made)}, actor=by)
    return made


def change_organisation(by: Actor, organisation: Organisation, facts: Facts) -> bool:
    """Change what is kept of an organisation, and return whether anything changed.

    Raises
    ------
    InvalidArgumentError
        As for making one, and ``duties.own_parent``.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.pk)
        before = told(row)
        _fill(row, facts)
        after = told(row)
        if before == after:
            return False
        row.save()
        record(
            "duties.organisation_changed", row, {"before": before, "after": after}, actor=by
        )  # fmt: skip
    return True


def end_organisation(by: Actor, organisation: Organisation, last_day: date) -> None:
    """End an organisation after a day; what it did stays.

    Raises
    ------
    InvalidArgumentError
        ``duties.reversed_days``, ``duties.ended_already``.
    DomainError
        ``duties.organisation_in_use``: rules name it, or posts belong to it, after that day.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        row = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if last_day < row.valid_from:
            raise InvalidArgumentError(
                "duties.reversed_days",
                _("{name} begins on {day}; it cannot end before.").format(
                    name=row.name, day=row.valid_from.isoformat()
                ),
            )
        if row.valid_to is not None:
            raise InvalidArgumentError(
                "duties.ended_already",
                _("{name} ends on {day} already.").format(
                    name=row.name, day=row.valid_to.isoformat()
                ),
            )
        _not_used(row, last_day)
        row.valid_to = last_day
        row.save(update_fields=["valid_to"])
        record("duties.organisation_ended", row, {"last_day": last_day.isoformat()}, actor=by)


def told(row: Organisation) -> dict[str, object]:
    """Return what the log keeps of an organisation."""
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "territory": None if row.territory is None else row.territory.name,
        "sector": row.sector,
        "parent": None if row.parent is None else row.parent.code,
        "credit_code": row.credit_code,
    }


def _fill(row: Organisation, facts: Facts) -> None:
    name = " ".join(facts.name.split())
    if not name or len(name) > _NAME:
        raise InvalidArgumentError(
            "duties.no_name",
            _("An organisation needs a name of at most {n} characters.").format(n=_NAME),
        )
    if facts.kind not in Kind.values:
        raise InvalidArgumentError(
            "duties.unknown_kind", _("There is no kind “{kind}”.").format(kind=facts.kind)
        )
    if facts.sector and facts.sector not in SECTORS:
        raise InvalidArgumentError(
            "duties.unknown_sector", _("There is no sector “{sector}”.").format(sector=facts.sector)
        )
    code = credit_code(facts.credit_code) if facts.credit_code.strip() else ""
    others = Organisation.objects.filter(valid_to=None).exclude(pk=row.pk)
    if others.filter(name=name).exists():
        raise InvalidArgumentError(
            "duties.name_taken", _("There is an organisation “{name}” already.").format(name=name)
        )
    if code and (same := others.filter(credit_code=code).first()) is not None:
        raise InvalidArgumentError(
            "duties.credit_code_taken",
            _("{name} has the credit code {code} already.").format(name=same.name, code=code),
        )
    _not_above_itself(row, facts.parent)
    row.name, row.kind, row.territory, row.sector = name, facts.kind, facts.territory, facts.sector
    row.parent, row.credit_code = facts.parent, code


def _not_above_itself(row: Organisation, parent: Organisation | None) -> None:
    above = parent
    while above is not None:
        if row.pk is not None and above.pk == row.pk:
            raise InvalidArgumentError(
                "duties.own_parent",
                _("{name} cannot belong to itself, nor to what belongs to it.").format(
                    name=row.name
                ),
            )
        above = above.parent


def _not_used(row: Organisation, last_day: date) -> None:
    """Refuse to end what rules or posts still count on."""
    after = last_day + timedelta(days=1)
    naming = Q(lead=row) | Q(industry=row) | Q(leader_of=row) | Q(helpers__organisation=row)
    open_ = Q(ended_on__isnull=True) | Q(ended_on__gt=after)
    rules = Rule.objects.filter(naming, open_).distinct()
    numbers = list(rules.values_list("number", flat=True)[: _SHOWN + 1])
    if numbers:
        raise DomainError(
            "duties.organisation_in_use",
            _(
                "Rules name {name} after {day}: {rules}. Let them end by then, or follow them by "
                "versions that name somebody else."
            ).format(name=row.name, day=last_day.isoformat(), rules=_some(numbers)),
            {"rules": numbers},
        )
    posts = Appointment.objects.filter(lasts(after), organisation=row).select_related("user")
    holders = [p.user.name for p in posts[: _SHOWN + 1]]
    if holders:
        raise DomainError(
            "duties.organisation_in_use",
            _(
                "People hold posts of {name} after {day}: {people}. End these posts by then, or "
                "hand them over."
            ).format(name=row.name, day=last_day.isoformat(), people=_some(holders)),
            {"people": holders},
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _next_code() -> str:
    """Return a code that was never given; who makes two at once is told by the database."""
    codes = Organisation.objects.select_for_update().values_list("code", flat=True)
    return f"O-{max((int(c.removeprefix('O-')) for c in codes), default=0) + 1:03d}"
