"""What the pages of people show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force, lasts
from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.names import as_phone
from lantian.web.accounts.roles import ADMINISTRATOR, ROLES, Role
from lantian.web.duties.sectors import SECTORS

PAGE = 50
STATES = ("active", "inactive", "all")


@dataclass(frozen=True)
class Filter:
    """Which people a list shows; the defaults show all who are active."""

    text: str = ""
    role: str = ""
    territory: int | None = None
    state: str = "active"


@dataclass(frozen=True)
class Post:
    """A post in words.

    Parameters
    ----------
    state
        ``now``, ``later`` or ``past``.
    stands_in_for
        Whose deputy; empty: it is the person's own.
    deputies
        Posts of those who stand in for it, now or later.
    unit, sector
        Names of the organisation and the sector it is for; empty: not said.
    """

    id: int
    holder: str
    holder_id: int
    role: Role
    place: str
    first: date
    last: date | None
    state: str
    stands_in_for: str
    deputies: tuple[Post, ...] = ()
    unit: str = ""
    sector: str = ""

    @property
    def title(self) -> str:
        """Return role, place, unit and sector, as one says them."""
        said = (self.role.title, self.place, self.unit, self.sector)
        return " · ".join(part for part in said if part)


def people(chosen: Filter, today: date) -> QuerySet[User]:
    """Return the people of a filter by name, each with its posts in force as ``posts_now``."""
    found = User.objects.all()
    if chosen.state != "all":
        found = found.filter(is_active=chosen.state == "active")
    if chosen.text:
        text = Q(name__icontains=chosen.text) | Q(organisation__icontains=chosen.text)
        number = as_phone(chosen.text).lstrip("+")
        if number.isdigit():
            text |= Q(phone__contains=number)
        found = found.filter(text | Q(email__icontains=chosen.text))
    if chosen.role or chosen.territory is not None:
        posts = in_force(Appointment.objects.filter(user=OuterRef("pk")), today)
        if chosen.role == "none":
            found = found.filter(~Exists(posts))
        else:
            if chosen.role:
                posts = posts.filter(role=chosen.role)
            if chosen.territory is not None:
                posts = posts.filter(territory_id=chosen.territory)
            found = found.filter(Exists(posts))
    held = in_force(Appointment.objects.all(), today)
    held = held.select_related("user", "territory", "organisation", "deputy_for__user").order_by(
        "role", "pk"
    )
    factor = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return found.annotate(factor=Exists(factor)).prefetch_related(
        Prefetch("appointments", queryset=held, to_attr="posts_now")
    )


def counts(today: date) -> dict[str, int]:
    """Return how many people are active, deactivated, and active without any post."""
    held = in_force(Appointment.objects.filter(user=OuterRef("pk")), today)
    found: dict[str, int] = User.objects.aggregate(
        active=Count("pk", filter=Q(is_active=True)),
        inactive=Count("pk", filter=Q(is_active=False)),
        idle=Count("pk", filter=Q(~Exists(held), is_active=True)),
    )
    return found


def administrators(today: date) -> QuerySet[User]:
    """Return the active people who may administer today, by name."""
    posts = in_force(Appointment.objects.filter(user=OuterRef("pk"), role=ADMINISTRATOR), today)
    return User.objects.filter(Exists(posts), is_active=True)


def posts_of(user: User, today: date) -> list[Post]:
    """Return all posts of a person: those in force first, then later ones, then past ones."""
    rows = (
        Appointment.objects.filter(user=user)
        .select_related("user", "territory", "organisation", "deputy_for__user")
        .prefetch_related(
            Prefetch(
                "deputies",
                queryset=Appointment.objects.filter(lasts(today))
                .select_related("user", "territory", "organisation", "deputy_for__user")
                .order_by("valid_from"),
            )
        )
    )
    found = [as_post(row, today, row.deputies.all()) for row in rows]
    order = {"now": 0, "later": 1, "past": 2}
    return sorted(found, key=lambda p: (order[p.state], p.stands_in_for != "", p.first))


def as_post(row: Appointment, today: date, deputies: Iterable[Appointment] = ()) -> Post:
    """Return a row as a page shows it."""
    role = ROLES[row.role]
    past = row.valid_to is not None and row.valid_to < today
    state = "past" if past else "later" if row.valid_from > today else "now"
    if row.territory is not None:
        place = row.territory.name
    else:
        place = _("whole network") if role.reach == "territory" else ""
    return Post(
        id=row.pk,
        holder=row.user.name,
        holder_id=row.user_id,
        role=role,
        place=place,
        first=row.valid_from,
        last=row.valid_to,
        state=state,
        stands_in_for="" if row.deputy_for is None else row.deputy_for.user.name,
        deputies=tuple(as_post(d, today) for d in deputies),
        unit="" if row.organisation is None else row.organisation.name,
        sector=SECTORS[row.sector].title if row.sector else "",
    )


def candidates(post: Appointment) -> list[tuple[int, str]]:
    """Return id and name of everybody who could stand in for a post; for administrators."""
    rows = User.objects.filter(is_active=True).exclude(pk=post.user_id)
    return list(rows.values_list("pk", "name"))


def colleagues(post: Appointment, today: date) -> QuerySet[User]:
    """Return who the holder of a post may name as the deputy, and so whose names are shown there.

    Those of the same organisation or unit; for a post in a territory those who hold a post in it
    too; for one that sees the whole network those of the same role. An enterprise's officer thus
    learns of nobody outside the enterprise.
    """
    near = Q(organisation=post.user.organisation) if post.user.organisation else Q(pk__in=())
    posts = in_force(Appointment.objects.filter(user=OuterRef("pk")), today)
    if post.organisation_id is not None:
        near |= Q(Exists(posts.filter(organisation=post.organisation_id)))
    reach = ROLES[post.role].reach
    if reach != "none":
        if reach == "network" or post.territory_id is None:
            near |= Q(Exists(posts.filter(role=post.role)))
        else:
            near |= Q(Exists(posts.filter(territory=post.territory_id)))
    return User.objects.filter(near, is_active=True).exclude(pk=post.user_id)


def table(rows: Sequence[Any]) -> pl.DataFrame:
    """Return people as a table, a row for each own post; what the import reads again.

    Parameters
    ----------
    rows
        Of :func:`people`.
    """
    made = [
        {
            "name": user.name, "phone": user.phone, "email": user.email or None,
            "organisation": user.organisation or None,
            "role": None if post is None else post.role,
            "territory": None if post is None or post.territory is None else post.territory.name,
            "unit": None if post is None or post.organisation is None else post.organisation.name,
            "sector": None if post is None else post.sector or None,
            "from": None if post is None else post.valid_from,
            "to": None if post is None else post.valid_to,
            "deputy_for": _holder(post),
            "active": user.is_active,
        }
        for user in rows
        for post in (user.posts_now or [None])
    ]  # fmt: skip
    schema = {
        "name": pl.String(), "phone": pl.String(), "email": pl.String(),
        "organisation": pl.String(), "role": pl.String(), "territory": pl.String(),
        "unit": pl.String(), "sector": pl.String(),
        "from": pl.Date(), "to": pl.Date(), "deputy_for": pl.String(), "active": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame(made, schema=schema, orient="row")


def _holder(post: Appointment | None) -> str | None:
    """Return for whom a deputy’s post is; None: it is none."""
    return None if post is None or post.deputy_for is None else post.deputy_for.user.name


def locked_until(username: str, address: str) -> datetime | None:
    """Return until when an account is locked for an address; None: it is not locked.

    Parameters
    ----------
    username
        As :func:`lantian.web.accounts.backend.throttled_name` gives it.
    """
    window = timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(
        username=username, ip_address=address, attempt_time__gte=timezone.now() - window
    ).values_list("failures_since_start", "attempt_time")
    found = list(rows)
    if sum(n for n, _at in found) < settings.AXES_FAILURE_LIMIT:
        return None
    return max(at for _n, at in found) + window
