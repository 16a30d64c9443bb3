"""The accounts of the simulated county: one for each role, known by the name of the post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import ROLES, Role
from lantian.web.audit.actors import system
from lantian.web.audit.chain import record
from lantian.web.core import nav
from lantian.web.core.clock import today
from lantian.web.places.models import Level, Territory

PASSWORD = "demo"  # noqa: S105 - shown on the sign-in page of the demo
# In the order of the sign-in page: name, role, town whose post it is.
_PEOPLE: Sequence[tuple[str, str, str | None]] = (
    ("调度员甲", "dispatcher", None),
    ("网格员丙-02", "grid_member", "丙镇"),
    ("丙镇环保岗", "town_officer", "丙镇"),
    ("住建局经办岗", "department_officer", None),
    ("复查员乙", "inspector", None),
    ("专家甲", "expert", None),
    ("分管副主任岗", "leader", None),
    ("纪检岗", "auditor", None),
    ("管理员甲", "administrator", None),
    ("驻厂员甲", "stationed_supervisor", "集聚区"),
    ("企业环保岗", "enterprise_officer", None),
)


@dataclass(frozen=True)
class Offer:
    """A line of the table of demo accounts: name, role, and the page it lands on."""

    name: str
    role: Role
    page: str


def create() -> None:
    """Make the accounts that are missing; safe to run again and again.

    Raises
    ------
    DomainError
        ``accounts.not_simulated``: everybody knows the password, so never beside real data;
        ``accounts.no_town``: the county's territories were not loaded.
    """
    if not settings.HOME.settings.simulated:
        raise DomainError(
            "accounts.not_simulated",
            _("Demo accounts are for simulated homes only: everybody knows their password."),
        )
    there = set(
        User.objects.filter(name__in=[p[0] for p in _PEOPLE]).values_list("name", flat=True)
    )
    missing = [p for p in _PEOPLE if p[0] not in there]
    if not missing:
        return
    towns = {t.name: t for t in Territory.objects.filter(level=Level.TOWN)}
    with transaction.atomic():
        password = make_password(PASSWORD)
        for name, role, town in missing:
            if town is not None and town not in towns:
                raise DomainError(
                    "accounts.no_town",
                    _(
                        "The territory {town} is missing. Load the county’s territories first."
                    ).format(town=town),
                )
            user = User.objects.create(name=name, password=password)
            Appointment.objects.create(
                user=user, role=role, territory=towns[town] if town else None, valid_from=since()
            )
        record(
            "accounts.demo_made", None, {"names": [p[0] for p in missing]},
            actor=system(_("system")),
        )  # fmt: skip


def since() -> date:
    """Return the day on which all began to hold their posts, before the story of the cases."""
    return date(today().year - 1, 1, 1)


def offers() -> list[Offer]:
    """Return the accounts the sign-in page lists; none outside a simulated home."""
    if not (settings.HOME.settings.simulated and settings.WEB.demo_accounts):
        return []
    known = set(
        User.objects.filter(name__in=[p[0] for p in _PEOPLE], is_active=True).values_list(
            "name", flat=True
        )
    )
    titles = _titles()
    return [
        Offer(name, ROLES[role], titles.get(ROLES[role].start, ""))
        for name, role, _town in _PEOPLE
        if name in known
    ]


def _titles() -> dict[str, str]:
    """Return what the navigation calls each page, with the place it is in."""
    found: dict[str, str] = {}
    for place in nav.places():
        if not place.children:
            found.setdefault(place.view, place.title)
        for child in place.children:
            title = _("{place}: {page}").format(place=place.title, page=child.title)
            found.setdefault(child.view, title)
    return found
