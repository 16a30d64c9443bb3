"""A county for many cases: villages, people with posts, enterprises and sources."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import shapely
from cases_lives import Person
from shapely.geometry import shape

from lantian.web.accounts.models import Appointment, User
from lantian.web.duties.models import Kind, Organisation, Rule
from lantian.web.duties.responsibility import Holder, Party
from lantian.web.places.models import Level, Territory
from lantian.web.sources.credit_code import check_character
from lantian.web.sources.kinds import KINDS
from lantian.web.sources.models import Change, Source
from lantian.web.sources.planning import number_text

SINCE = date(2020, 1, 1)
FIRST_SOURCE = 10_001  # number of the first; where it is there, the seed is
VILLAGES = 20  # of each town
_ANSWERING = ("town_officer", "department_officer")
# Of 500 people; each at least one.
SHARES = {
    "grid_member": 240, "stationed_supervisor": 40, "town_officer": 36, "department_officer": 50,
    "enterprise_officer": 90, "dispatcher": 12, "inspector": 20, "leader": 8, "expert": 3,
    "auditor": 1,
}  # fmt: skip
WEIGHTS = {
    "enterprise": 30, "construction_site": 12, "road": 10, "bare_ground": 10, "material_yard": 8,
    "coal_seller": 2, "coal_washing": 1, "frp_workshop": 9, "burning_field": 6,
    "restaurant_cluster": 8, "vehicle_fleet": 3, "other": 1,
}  # fmt: skip


@dataclass
class County:
    """Who and what there is, as lives of cases need it.

    Parameters
    ----------
    grid
        The grid member of each village, by its key.
    answering
        Officers by the key of their unit.
    """

    villages: list[Territory]
    sources: list[Source]
    departments: list[Organisation]
    dispatchers: list[Person]
    inspectors: list[Person]
    leaders: list[Person]
    grid: Mapping[int, Person]
    answering: Mapping[int, list[Person]]
    areas: Mapping[int, Any]
    units: Mapping[int, Party] = field(default_factory=dict)

    def party(self, unit: int) -> Party:
        """Return an enterprise with who holds its posts."""
        return self.units[unit]

    def holder(self, person: Person) -> Holder:
        """Return a person as who holds a post."""
        assert person.key is not None
        assert person.post is not None
        return Holder(person.post, person.key, person.name, person.role)

    def point(self, territory: int, dice: random.Random) -> tuple[float, float]:
        """Return a place in a territory [° WGS84]."""
        return _point(self.areas[territory], dice)


def there() -> bool:
    """Say whether a home holds the seed."""
    return Source.objects.filter(number=number_text(FIRST_SOURCE)).exists()


def make(dice: random.Random, sources: int, people: int, now: datetime) -> County:
    """Enter everything; return it.

    Raises
    ------
    SystemExit
        The home has no towns, no units or no sources to go by.
    """
    towns = list(Territory.objects.filter(level=Level.TOWN))
    if not towns or not Organisation.objects.exists() or not Source.objects.exists():
        raise SystemExit("The home has no towns, units and sources: make it with “lantian demo”.")
    villages = [
        Territory(code=f"{t.code}{n:03}", name=f"{t.name}第{n}村", level=Level.VILLAGE, parent=t)
        for t in towns
        for n in range(1, VILLAGES + 1)
    ]
    Territory.objects.bulk_create(villages)
    areas = {t.pk: shape(t.boundary) for t in towns}
    areas |= {v.pk: areas[v.parent_id] for v in villages}
    counts = {role: max(1, round(people * n / 500)) for role, n in SHARES.items()}
    enterprises = _enterprises(dice, towns, counts["enterprise_officer"])
    made = _people(dice, counts, towns, villages, enterprises)
    by_role: dict[str, list[Person]] = defaultdict(list)
    answering: dict[int, list[Person]] = defaultdict(list)
    for person, _post in made:
        by_role[person.role].append(person)
    posts = Appointment.objects.filter(role__in=_ANSWERING, organisation__isnull=False)
    for post in posts.select_related("user"):
        answering[post.organisation_id].append(_person(post))
    grid = {p.territory_id: person for person, p in made if person.role == "grid_member"}
    some = list(grid.values())
    return County(
        villages, _sources(
            dice, sources, (towns, villages), areas, enterprises=enterprises, now=now
        ),
        list(Organisation.objects.filter(kind=Kind.DEPARTMENT)), by_role["dispatcher"],
        by_role["inspector"], by_role["leader"],
        {t.pk: grid.get(t.pk) or dice.choice(some) for t in (*towns, *villages)},
        answering, areas, _parties(made),
    )  # fmt: skip


def _enterprises(dice: random.Random, towns: Sequence[Territory], n: int) -> list[Organisation]:
    rows = [
        Organisation(
            code=f"O-{1000 + i}", name=f"示例企业{i + 1:03}", kind=Kind.ENTERPRISE,
            territory=dice.choice(towns), sector="industry", valid_from=SINCE,
        )
        for i in range(n)
    ]  # fmt: skip
    return list(Organisation.objects.bulk_create(rows))


def _people(
    dice: random.Random, counts: Mapping[str, int], towns: Sequence[Territory],
    villages: Sequence[Territory], enterprises: Sequence[Organisation],
) -> list[tuple[Person, Appointment]]:  # fmt: skip
    units = {u.territory_id: u for u in Organisation.objects.filter(kind=Kind.TOWN)}
    departments = list(Organisation.objects.filter(kind=Kind.DEPARTMENT))
    # The matrix may let an office answer, whose own people then do not judge: these are of another.
    leads = set(Rule.objects.values_list("lead", flat=True))
    offices = list(Organisation.objects.filter(kind=Kind.OFFICE).order_by("pk"))
    departments += [o for o in offices if o.pk in leads]
    office = next(o for o in offices if o.pk not in leads)
    inspection = Organisation.objects.filter(kind=Kind.SUPERVISION).order_by("pk")[0]
    users, posts = [], []
    for role, n in counts.items():
        for i in range(n):
            town = towns[i % len(towns)]
            village = villages[i % len(villages)]
            where: tuple[Territory | None, Organisation | None] = {
                "grid_member": (village, units.get(village.parent_id)),
                "stationed_supervisor": (town, departments[0]),
                "town_officer": (town, units.get(town.pk)),
                "department_officer": (None, departments[i % len(departments)]),
                "enterprise_officer": (None, enterprises[i % len(enterprises)]),
                "inspector": (None, inspection),
            }.get(role, (None, office))
            user = User(name=f"bench-{role}-{i + 1:03}", password="!")
            users.append(user)
            posts.append((user, role, *where))
    User.objects.bulk_create(users)
    rows = Appointment.objects.bulk_create(
        Appointment(user=user, role=role, territory=at, organisation=unit, valid_from=SINCE)
        for user, role, at, unit in posts
    )
    return [(_person(p), p) for p in rows]


def _person(post: Appointment) -> Person:
    return Person(post.user.name, post.user_id, post.pk, post.role, post.organisation_id)


def _parties(made: Sequence[tuple[Person, Appointment]]) -> dict[int, Party]:
    found = {}
    for person, post in made:
        if person.role == "enterprise_officer" and post.organisation is not None:
            holder = Holder(post.pk, post.user_id, person.name, person.role)
            found[post.organisation.pk] = Party(
                post.organisation.pk, post.organisation.name, (holder,)
            )
    return found


def _sources(
    dice: random.Random, count: int, places: tuple[Sequence[Territory], Sequence[Territory]],
    areas: Mapping[int, Any], *, enterprises: Sequence[Organisation], now: datetime,
) -> list[Source]:  # fmt: skip
    """Enter sources like those of the same kind that are there, elsewhere."""
    towns, villages = places
    models: dict[str, list[Source]] = defaultdict(list)
    for source in Source.objects.all():
        models[source.kind].append(source)
    kinds = [k for k in WEIGHTS if models[k]]
    picked = dice.choices(kinds, [WEIGHTS[k] for k in kinds], k=count)
    rows = []
    for n, kind in enumerate(picked):
        like = dice.choice(models[kind])
        place = dice.choice(villages if dice.random() < 0.7 else towns)
        lon, lat = _point(areas[place.pk], dice)
        code = f"91999900MATW{FIRST_SOURCE + n:05}"
        status = dice.choices(("operating", "stopped", "closed", "planned"), (90, 5, 4, 1))[0]
        rows.append(
            Source(
                number=number_text(FIRST_SOURCE + n), kind=kind,
                name=f"{place.name}{KINDS[kind].zh}{n + 1}", territory=place,
                organisation=enterprises[n % len(enterprises)] if kind == "enterprise" else None,
                sector=like.sector, status=status, lon=lon, lat=lat,
                credit_code=code + check_character(code) if KINDS[kind].permits else "",
                grade=like.grade, working_hours=like.working_hours, attributes=like.attributes,
                stacks=like.stacks, contacts=like.contacts, made_at=now, changed_at=now,
            )
        )  # fmt: skip
    made = list(Source.objects.bulk_create(rows))
    Change.objects.bulk_create(
        Change(source=s, kind="added", at=now, actor="benchmark", fields={}) for s in made
    )
    return made


def _point(area: Any, dice: random.Random) -> tuple[float, float]:  # noqa: ANN401
    west, south, east, north = area.bounds
    while True:
        lon, lat = dice.uniform(west, east), dice.uniform(south, north)
        if shapely.contains_xy(area, lon, lat):
            return round(lon, 5), round(lat, 5)
