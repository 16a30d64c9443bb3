"""Cases that are there to be looked at: in a county with towns, their evidence kept in its home."""

from __future__ import annotations

from datetime import datetime, timedelta

from lantian.web.cases.actions import Complainant, Evidence
from lantian.web.cases.models import Case
from lantian.web.evidence import actions as evidence
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source
from tests.web.cases.world import World, among
from tests.web.evidence.files import picture, sent

# Units of the cases: numbers and names that no other unit of the county has.
_FIRST, _MARK = 901, "（案件）"
_SO_LONG = timedelta(days=3)


def world_of(town: Territory, elsewhere: Territory, source: Source, now: datetime) -> World:
    """Return the world of cases of a county that is there; it begins three days ago."""
    world = among(town, elsewhere, source, first=_FIRST, mark=_MARK)
    world.now = now - _SO_LONG
    kinds = ("photo_before", "photo_after", "photo_check")
    kept = [evidence.store(sent(picture(seed=n)), None, world.now) for n in range(9)]
    world.photos = [Evidence(kinds[n // 3], file.sha256) for n, file in enumerate(kept)]
    return world


def case_at(world: World, state: str) -> Case:
    """Return a case that somebody complained of, in a state, with something said about it."""
    case = world.until(
        state, source=world.source, complainant=Complainant(name="张三", phone="1", address="")
    )
    return world.do("comment", case, world.doer("expert"))
