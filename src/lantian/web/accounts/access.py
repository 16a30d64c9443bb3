"""Who may see what: views declare what they need, and a person's posts say what they may."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.http import HttpRequest

from lantian.web.accounts.models import Appointment, User
from lantian.web.accounts.roles import CAPABILITIES, ROLES, Role
from lantian.web.places.queries import stations_within

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
SIGNED_IN = "signed_in"


def needs(capability: str) -> Callable[[View], View]:
    """Declare that a view is for people whose role has ``capability``."""
    if capability not in CAPABILITIES:
        raise ImproperlyConfigured(f"No role has the capability {capability!r}.")
    return _declare(capability)


def signed_in(view: View) -> View:
    """Declare that a view is for everybody who is signed in."""
    return _declare(SIGNED_IN)(view)


def public(view: View) -> View:
    """Declare that a view is for everybody, without sign-in."""
    return _declare(PUBLIC)(view)


def declared(view: Callable[..., Any]) -> str | None:
    """Return what a view declares; None: nothing, so nobody may see it."""
    return getattr(view, "lantian_access", None)


def _declare(what: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.lantian_access = what  # type: ignore[attr-defined]
        return view

    return mark


@dataclass(frozen=True)
class Access:
    """What one person may do today.

    Parameters
    ----------
    roles
        Of the posts in force, in the order of ``roles.toml``.
    may
        Their capabilities together.
    stations
        Ids of the stations the person sees; None: all.
    territories
        Names of the territories of the posts, for the page to say whose stations these are.
    """

    roles: tuple[Role, ...] = ()
    may: frozenset[str] = frozenset()
    stations: frozenset[str] | None = frozenset()
    territories: tuple[str, ...] = field(default=())

    def __contains__(self, capability: str) -> bool:
        return capability in self.may

    def sees(self, station: str) -> bool:
        """Say whether a station is among those the person sees."""
        return self.stations is None or station in self.stations

    def only(self, stations: Collection[str]) -> list[str]:
        """Return those of ``stations`` the person sees, in their order."""
        return [s for s in stations if self.sees(s)]

    @property
    def start(self) -> str:
        """Return the name of the page the person's day starts on."""
        return self.roles[0].start if self.roles else "accounts:me"

    @property
    def second_factor(self) -> bool:
        """Say whether one of the roles requires a one-time password."""
        return any(role.second_factor for role in self.roles)


def access_of(user: User, today: date) -> Access:
    """Return what ``user`` may do on ``today``, from the posts in force (deputies' too)."""
    posts = list(in_force(Appointment.objects.filter(user=user), today).select_related("territory"))
    held = {p.role for p in posts}
    roles = tuple(role for name, role in ROLES.items() if name in held)
    if any(_whole(p) for p in posts):
        stations = None
    else:
        local = [p.territory for p in posts if ROLES[p.role].reach == "territory" and p.territory]
        stations = stations_within(local) if local else frozenset()
    return Access(
        roles=roles,
        may=frozenset().union(*(r.may for r in roles)),
        stations=stations,
        territories=tuple(dict.fromkeys(p.territory.name for p in posts if p.territory)),
    )


def demanded(access: Access) -> bool:
    """Say whether somebody must give a second factor: not in a demo, whose passwords all know.

    A home is made as a demo and stays one; a simulated station in the register of a real one
    must not open it.
    """
    return access.second_factor and not settings.HOME.settings.simulated


def in_force(posts: Any, today: date) -> Any:  # noqa: ANN401 - a query set
    """Return those of ``posts`` that are in force on ``today``."""
    return posts.filter(lasts(today), stands(today), valid_from__lte=today)


def lasts(day: date, prefix: str = "") -> Q:
    """Return the condition that a post has not ended before ``day``."""
    return Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})


def stands(day: date) -> Q:
    """Return the condition that a post is nobody's deputy, or of a post in force."""
    own = Q(deputy_for__isnull=True)
    return own | (Q(deputy_for__valid_from__lte=day) & lasts(day, "deputy_for__"))


def _whole(post: Appointment) -> bool:
    """Say whether a post sees the whole network."""
    reach = ROLES[post.role].reach
    return reach == "network" or (reach == "territory" and post.territory is None)


def access(request: HttpRequest) -> Access:
    """Return what the person who sends ``request`` may do."""
    found: Access = request.access  # type: ignore[attr-defined]
    return found
