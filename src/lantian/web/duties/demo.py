"""Organisations, posts and matrix of the simulated county. Data: ``demo.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.demo import PASSWORD, since
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor, system
from lantian.web.audit.chain import record
from lantian.web.core.clock import today
from lantian.web.duties.actions import Draft, Facts, make_organisation, make_rule
from lantian.web.duties.actions.rota import add_shift
from lantian.web.duties.models import GridRole, Organisation, Shift
from lantian.web.places.models import Level, Territory

_FILE = Path(__file__).with_name("demo.toml")
_TOWN = "{town}"
_ROTA_DAYS = 21  # the last week, this one and the next


def create() -> None:
    """Make organisations, posts and a matrix without gaps, once.

    Raises
    ------
    DomainError
        ``accounts.not_simulated``: never beside real data; ``accounts.no_town``: the territories of
        the county were not loaded.
    """
    _simulated()
    if Organisation.objects.exists():
        return
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    places = {t.name: t for t in Territory.objects.all()}
    towns = [t.name for t in Territory.objects.filter(level=Level.TOWN).order_by("pk")]
    if data["park"] not in towns:
        raise DomainError(
            "accounts.no_town",
            _("The territory {town} is missing. Load the county’s territories first.").format(
                town=data["park"]
            ),
        )
    towns.remove(data["park"])
    by, day = system(_("system")), since()
    password = make_password(PASSWORD)  # costly, and the same for all
    with transaction.atomic():
        units = _organisations(by, data["organisation"], places, towns, day)
        for row in _each(data["post"], towns):
            _post(row, units, places, day, password)
        for row in _each(data["rule"], towns):
            _rule(by, {"reason": data["reason"], **row}, units, places, day)
        record("duties.demo_made", None, {"organisations": len(units)}, actor=by)


def fill_rota() -> None:
    """Put people on duty from last Monday week to next Sunday week, where nobody is entered yet.

    Raises
    ------
    DomainError
        ``accounts.not_simulated``: never beside real data.
    """
    _simulated()
    turns = tomllib.loads(_FILE.read_text(encoding="utf-8"))["rota"]
    monday = today() - timedelta(days=today().weekday() + 7)
    days = [monday + timedelta(days=n) for n in range(_ROTA_DAYS)]
    there = set(Shift.objects.filter(day__in=days).values_list("day", flat=True))
    people = {u.name: u for u in User.objects.filter(is_active=True)}
    by = system(_("system"))
    with transaction.atomic():
        for day in days:
            if day in there:
                continue
            for kind, turn in turns.items():
                names = turn["names"]
                user = people.get(names[(day.toordinal() - 1 + turn["first"]) % len(names)])
                if user is not None:  # an earlier version of the demo has other people
                    add_shift(by, user, kind, day)


def _simulated() -> None:
    if not settings.HOME.settings.simulated:
        raise DomainError(
            "accounts.not_simulated", _("Fictional duties are for simulated homes only.")
        )


def _each(rows: list[dict[str, Any]], towns: list[str]) -> Iterator[dict[str, Any]]:
    """Yield rows, those of every town once for each."""
    for row in rows:
        if not any(isinstance(v, str) and _TOWN in v for v in row.values()):
            yield row
            continue
        for town in towns:
            yield {
                k: v.replace(_TOWN, town) if isinstance(v, str) else v for k, v in row.items()
            }  # fmt: skip


def _organisations(
    by: Actor,
    rows: list[dict[str, Any]],
    places: Mapping[str, Territory],
    towns: list[str],
    day: date,
) -> dict[str, Organisation]:
    units: dict[str, Organisation] = {}
    for row in _each(rows, towns):
        facts = Facts(
            name=row["name"], kind=row["kind"], territory=places.get(row.get("territory", "")),
            sector=row.get("sector", ""), parent=units.get(row.get("parent", "")),
        )  # fmt: skip
        key = row["key"] if row["key"] != "town" else row["territory"]
        units[key] = make_organisation(by, facts, valid_from=day)
    return units


def _post(
    row: dict[str, Any],
    units: Mapping[str, Organisation],
    places: Mapping[str, Territory],
    day: date,
    password: str,
) -> None:
    unit = units[row["unit"]]
    if "role" not in row:  # an account of the sign-in page, which has its post
        posts = Appointment.objects.filter(user__name=row["name"], organisation=None)
        posts.update(organisation=unit)
        return
    user = User.objects.filter(name=row["name"]).first()
    if user is None:
        user = User.objects.create(name=row["name"], password=password)
    for sector in row.get("sectors", [""]):
        Appointment.objects.get_or_create(
            user=user, role=row["role"], territory=places.get(row.get("territory", "")),
            sector=sector, defaults={"organisation": unit, "valid_from": day},
        )  # fmt: skip


def _rule(
    by: Actor,
    row: dict[str, Any],
    units: Mapping[str, Organisation],
    places: Mapping[str, Territory],
    day: date,
) -> None:
    industry = row.get("industry")
    draft = Draft(
        lead=units[row["lead"]],
        reason=row["reason"],
        territory=places.get(row.get("territory", "")),
        sector=row["sector"],
        problem_type=row.get("problem_type", ""),
        industry=None if industry is None else units[industry],
        supporting=tuple(units[key] for key in row.get("supporting", [])),
        leader_of=units["government"],
        grid=row.get("grid", GridRole.GRID_MEMBER),
    )
    make_rule(by, draft, valid_from=day, today=day)
