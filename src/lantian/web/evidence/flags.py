"""What is strange about a photograph: used before, older than its order, taken elsewhere.

Flags are data; a flag is a reason to look, and no proof. What a file claims of itself, what the
device said when it was sent and what the server saw are told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from django.db.models import Q, QuerySet
from shapely.geometry import Point, shape
from shapely.ops import nearest_points

from lantian.web.cases import around
from lantian.web.cases.models import Case, CaseEvent
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import Arrival, Claim, File, Likeness, Use
from lantian.web.evidence.queries import Piece

Code = Literal["reused", "stale", "far", "no_position"]
Source = Literal["file", "device", "server"]
_EARTH = 6_371_008.8  # mean radius [m], IUGG


@dataclass(frozen=True)
class Flag:
    """One thing that is strange about a photograph.

    Parameters
    ----------
    by
        Who says so: the ``file`` (its claim), the ``device``, or the ``server``.
    case
        Of ``reused``: where it was before; None: the reader does not see that case.
    same
        Of ``reused``: it is the same file, not one that looks the same.
    at, order
        Of ``stale``: when it was taken or received, and what it should have come after.
    metres
        Of ``far``: from the source.
    """

    code: Code
    by: Source
    case: Case | None = None
    same: bool = False
    at: datetime | None = None
    order: datetime | None = None
    metres: float | None = None

    @property
    def counted(self) -> bool:
        """Say whether it is told of before a decision."""
        return self.code in LIMITS.flags.counted


@dataclass(frozen=True)
class Known:
    """What is known of a photograph as it came with an action, and what is strange about it.

    Parameters
    ----------
    claim
        What the file says of itself.
    arrival
        What the device said, and what the server saw; None: it came before that was kept.
    """

    claim: Claim | None
    arrival: Arrival | None
    flags: tuple[Flag, ...] = field(default=())

    @property
    def flagged(self) -> bool:
        """Say whether it is among those told of before a decision."""
        return any(flag.counted for flag in self.flags)


Key = tuple[str, str, datetime]


def key_of(piece: Piece) -> Key:
    """Return what tells one piece of a case from the others."""
    return piece.digest, piece.kind, piece.at


def known(
    case: Case, pieces: Sequence[Piece], events: Iterable[CaseEvent], seen: QuerySet[Case] | None
) -> dict[Key, Known]:
    """Return what is known of each photograph of a case; five queries, and none without any.

    Parameters
    ----------
    seen
        The cases the reader sees; None: none is named.
    """
    photos = [p for p in pieces if p.is_picture and p.kind.startswith("photo")]
    if not photos:
        return {}
    files = {p.file.pk: p.file for p in photos if p.file is not None}
    claims = Claim.objects.in_bulk(list(files))
    came: dict[int, list[Arrival]] = defaultdict(list)
    for one in Arrival.objects.filter(file__in=list(files)):
        came[one.file_id].append(one)
    orders = [(e.action, e.at) for e in events if e.action in LIMITS.order.values()]
    again = _reused(case, photos, seen)
    made = {}
    for p in photos:
        if p.file is None:
            continue
        arrival = next((a for a in reversed(came[p.file.pk]) if a.at <= p.at), None)
        claim = claims.get(p.file.pk)
        flags = [
            *again.get(key_of(p), ()),
            *_stale(p, claim, came[p.file.pk], orders),
            *_away(case if p.case.pk == case.pk else p.case, claim, arrival),
        ]
        made[key_of(p)] = Known(claim, arrival, tuple(flags))
    return made


def _reused(
    case: Case, photos: Sequence[Piece], seen: QuerySet[Case] | None
) -> dict[Key, list[Flag]]:
    """Return for each photograph the first place where it, or one like it, was before."""
    mine = {p.file.pk: p.digest for p in photos if p.file is not None}
    pairs = list(
        Likeness.objects.filter(Q(first__in=list(mine)) | Q(second__in=list(mine))).values_list(
            "first", "second"
        )
    )
    others = {key for pair in pairs for key in pair}
    digests = mine | dict(
        File.objects.filter(pk__in=others - set(mine)).values_list("pk", "sha256")
    )
    like: dict[str, set[str]] = {digest: {digest} for digest in mine.values()}
    for a, b in pairs:
        for one, other in ((a, b), (b, a)):
            if one in mine:
                like[mine[one]].add(digests[other])
    wanted = set().union(*like.values())
    uses = list(Use.objects.filter(digest__in=wanted, kind__startswith="photo").order_by("at"))
    family = {case.pk, *(p.case.pk for p in photos)}
    foreign = {u.case_id for u in uses} - family
    named = seen.in_bulk(list(foreign)) if seen is not None and foreign else {}
    found: dict[Key, list[Flag]] = {}
    for p in photos:
        for use in uses:
            if use.digest not in like[p.digest] or use.at >= p.at:
                continue
            if use.case_id in family and use.kind == p.kind:
                continue  # the same thing shown once more in the same case
            where = p.case if use.case_id in family else named.get(use.case_id)
            found[key_of(p)] = [Flag("reused", "server", where, use.digest == p.digest)]
            break
    return found


def _stale(
    piece: Piece,
    claim: Claim | None,
    came: Sequence[Arrival],
    orders: Sequence[tuple[str, datetime]],
) -> list[Flag]:
    """Say whether it was taken, or first received, before what it answers."""
    answers = LIMITS.order.get(piece.kind)
    order = max((at for action, at in orders if action == answers and at <= piece.at), default=None)
    if order is None:
        return []
    slack = timedelta(minutes=LIMITS.flags.clock)
    flags = []
    if claim is not None and claim.taken_at is not None and claim.taken_at < order - slack:
        flags.append(Flag("stale", "file", at=claim.taken_at, order=order))
    first = min((a.at for a in came), default=None)
    if first is not None and first < order:
        flags.append(Flag("stale", "server", at=first, order=order))
    return flags


def _away(case: Case, claim: Claim | None, arrival: Arrival | None) -> list[Flag]:
    """Say whether it comes from elsewhere, by what the file claims and by what the device said."""
    flags = []
    outside = arrival is not None and arrival.user_id is None  # of whom nothing is asked
    told: tuple[tuple[Source, Claim | Arrival | None], ...]
    told = (("file", claim), ("device", arrival))
    for by, said in told:
        metres = distance(case, said)
        accuracy = getattr(said, "accuracy", None) or 0.0
        if metres is not None and metres - accuracy > LIMITS.flags.far:
            flags.append(Flag("far", by, metres=metres))
    if arrival is not None and arrival.lon is None and not outside:
        flags.append(Flag("no_position", "device"))
    return flags


def distance(case: Case, said: Claim | Arrival | None) -> float | None:
    """Return how far a position is from the source of a case, else from the case [m].

    To the edge of a source that has an extent; 0 within it. None: one of the two has no place.
    """
    if said is None or said.lon is None or said.lat is None:
        return None
    source = case.source
    lon, lat = said.lon, said.lat
    if source is not None and source.boundary:
        ground = shape(source.boundary)
        edge = nearest_points(ground, Point(lon, lat))[0]
        return _metres(lon, lat, edge.x, edge.y)
    if source is not None and source.lon is not None and source.lat is not None:
        return _metres(lon, lat, source.lon, source.lat)
    here = around.position(case)
    return None if here is None else _metres(lon, lat, *here)


def _metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    a, b = np.radians(lat), np.radians(other_lat)
    way = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * (
        np.sin(np.radians(other_lon - lon) / 2) ** 2
    )
    return float(2 * _EARTH * np.arcsin(np.sqrt(way)))
