"""Fill a simulated home with years of cases, to measure its pages.

    .venv/bin/python benchmarks/cases_seed.py HOME [--cases 100000] [--open 3000] [--sources 5000]
        [--people 500] [--check 300]

HOME is a home with territories, units and matrix, as ``lantian demo`` makes it. Entered are
villages below its towns, people with posts in all roles, enterprises, sources, and cases of three
years with everything the actions would have written: events, stages with their clocks, parties,
frozen responsibility, signatures, comments, complainants, and the log with its chain. The log says
that all of it was written when the seed ran, for it never runs backward. What is frozen on old
cases is the matrix of today. Photographs are digests without files.

One transaction, the same for the same home and numbers; a home that holds the seed is left alone.
``--check`` walks through so many cases as the tests do, and along the whole chain.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from lantian.home import Home
from lantian.web.core import setup

SEED = 20261123
YEARS = 3
# Where the cases that stand still are: how many of a hundred, and of which colour they are.
STANDING = {
    "verifying": 14, "opened": 8, "dispatched": 14, "returned": 5, "rectifying": 30,
    "suspended": 5, "reinspecting": 14, "closing": 10,
}  # fmt: skip
COLOURS = {"green": 68, "yellow": 19, "red": 13}
TRIES = 6  # to move a life so that it comes to the present in the colour chosen
ASKED = 0.02  # the share of cases being rectified for which more time is asked now
CHANNELS = {
    "patrol": 46, "hotline": 18, "manual": 10, "alert": 10, "public": 7, "higher_inspection": 6,
    "satellite": 3,
}  # fmt: skip
SYSTEM = {"alert": "报警", "public": "公众举报", "satellite": "卫星火点"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=3_000)
    parser.add_argument("--sources", type=int, default=5_000)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--check", type=int, default=0)
    given = parser.parse_args()
    home = Home.open(given.home)
    if not home.settings.simulated:
        raise SystemExit("This home is not simulated: invented cases never stand beside real ones.")
    setup.prepare(home)
    import cases_county

    begun = time.monotonic()
    if cases_county.there():
        print("The home holds the seed already.")
    else:
        seed(given.cases, given.open, given.sources, given.people)
        print(f"seeded in {time.monotonic() - begun:.0f} s")
    if given.check:
        check(given.check)


def seed(cases: int, standing: int, sources: int, people: int) -> None:
    """Enter everything in one transaction."""
    import cases_county
    import cases_rows
    from django.conf import settings
    from django.db import connection, transaction

    from lantian.web.cases.rules import of_home
    from lantian.web.core.clock import now

    dice = random.Random(SEED)
    with connection.cursor() as cursor:  # a seed that fails is made again, from a home as it was
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA cache_size = -1000000")
    gc.disable()  # millions of objects that all stay: looking for those to drop takes minutes
    with transaction.atomic(), _rules_read_once():
        county = cases_county.make(dice, sources, people, now())
        makers = Makers(dice, of_home(settings.HOME), county, now())
        lives = makers.lives(cases, standing)
        print(f"{len(lives)} lives", flush=True)
        cases_rows.write(lives)
        makers.rules.seal(makers.catalogue.version)
    gc.enable()


@contextmanager
def _rules_read_once() -> Iterator[None]:
    """Let all resolve by the matrix and the territories as they are now, read a single time."""
    from lantian.web.duties import resolving

    rows = cache(lambda day, read=resolving.in_force_on: list(read(day)))
    tree = cache(resolving.Tree.load)
    with (
        patch.object(resolving, "in_force_on", rows),
        patch.object(resolving.Tree, "load", tree),
    ):
        yield


def check(cases: int) -> None:
    """Make sure that what must always hold of a case holds of these, and of the log."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.web.cases import walk

    from lantian.web.audit.verify import verify
    from lantian.web.cases.models import Case

    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    for key in random.Random(SEED).sample(keys, min(cases, len(keys))):
        walk.check(Case.objects.get(pk=key))
    print(f"{cases} cases are whole")
    print(verify())


@dataclass
class Makers:
    """Makes lives of cases in a county."""

    dice: random.Random
    rules: Any
    county: Any
    now: datetime

    def __post_init__(self) -> None:
        """Find what is asked again and again."""
        self.zone: ZoneInfo = self.now.tzinfo  # type: ignore[assignment]
        self.catalogue = self.rules.in_force(self.now.date())
        fitting: dict[str, list[Any]] = defaultdict(list)
        for problem in self.catalogue.types.values():
            for kind in problem.kinds or ("",):
                fitting[kind].append(problem)
        self.fitting = fitting
        self.resolved = cache(self._resolved)

    def lives(self, cases: int, standing: int) -> list[Any]:
        """Return so many lives by the day they were taken in; so many, about, have not ended."""
        from lantian.web.cases.table import TABLE

        usual = [self._moment(YEARS * 365.0) for _case in range(cases)]
        made = [self._life(at) for at in sorted(usual)]
        still = sum(life.state not in TABLE.ended for life in made)
        # Those that stand still take the place of the oldest, so that the number stays.
        count = max(0, standing - still)
        aims = self.dice.choices(list(STANDING), list(STANDING.values()), k=count)
        for n, aim in enumerate(aims):
            made[n * (cases // max(count, 1)) // 2] = self._standing(aim)
        made.sort(key=lambda life: life.taken_in)
        self._merge_and_sweep(made)
        return made

    def _standing(self, aim: str) -> Any:  # noqa: ANN401
        """Return a life that stands in a state, on time or not as most of them do.

        The same dice are thrown again for a life taken in later or earlier, until its clock shows
        the colour chosen.
        """
        present = self.now.astimezone(UTC)
        while True:
            wanted = self.dice.choices(list(COLOURS), list(COLOURS.values()))[0]
            share = self.dice.random()
            at = present - timedelta(days=self.dice.uniform(1, 20))
            dice = self.dice.getstate()
            for _try in range(TRIES):
                self.dice.setstate(dice)
                life = self._life(at, aim)
                if life.state != aim:
                    if life.deeds[-1].after in ("void", "declined"):
                        break
                    at -= timedelta(days=3)
                elif aim == "suspended":
                    if life.now["review_on"] >= self.now.date() or wanted == "red":
                        return life
                    at += timedelta(days=20)
                elif life.colour() == wanted:
                    if aim == "rectifying" and self.dice.random() < ASKED:
                        self._ask(life)
                    return life
                else:
                    there = _reach(life.stages[-1].clock, wanted, share)
                    if not life.colour():  # none runs: decided within days
                        if present - life.at < timedelta(days=4):
                            return life
                        there = life.at + timedelta(days=3 * share)
                    at = min(present, at + (present - there))

    def _moment(self, days: float) -> datetime:
        """Return a moment of the past, more in winter and by day."""
        while True:
            at = self.now - timedelta(days=self.dice.uniform(0, days))
            if self.dice.random() < (1.0 if at.month in (10, 11, 12, 1, 2, 3) else 0.6):
                hour = min(23, max(0, round(self.dice.gauss(13, 3.5))))
                day = at.replace(hour=hour, minute=self.dice.randrange(60), second=0, microsecond=0)
                if day < self.now:
                    return day

    def _life(self, at: datetime, aim: str = "", like: Any = None) -> Any:  # noqa: ANN401
        import cases_lives

        dice, county = self.dice, self.county
        at = at.astimezone(UTC)
        source = dice.choice(county.sources) if dice.random() < 0.85 else None
        if like is not None:
            source = like.fields["source"]
        problems = self.fitting["" if source is None else source.kind] or self.fitting[""]
        problem = dice.choice(problems) if like is None else like.problem
        place = dice.choice(county.villages) if source is None else source.territory
        if like is not None:
            place = like.fields["territory"]
        channel = dice.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        severity = problem.severity if dice.random() < 0.92 else "serious"
        found = at - timedelta(minutes=dice.randrange(5, 240))
        lon, lat = county.point(place.pk, dice) if source is None else (source.lon, source.lat)
        where = place.name if source is None else source.name
        fields: dict[str, Any] = {
            "title": f"{where}{problem.zh}"[:120], "description": f"{where}：{problem.zh}。",
            "channel": channel, "territory": place, "source": source, "lon": lon, "lat": lat,
            "place": where, "found_at": found, "external_number": "", "external_due": None,
            "own_due": None,
        }  # fmt: skip
        if channel == "higher_inspection":
            due = at + timedelta(days=dice.randrange(10, 40))
            number = f"督查〔{at.year}〕{dice.randrange(1, 999)}号"
            own = due - timedelta(days=dice.randrange(1, 5))
            fields |= {"external_number": number, "external_due": due, "own_due": own}
        life = cases_lives.Life(
            self.rules, dice, self.now.astimezone(UTC), self.zone, problem, self.catalogue.version,
            severity, at, fields,
        )  # fmt: skip
        about = {"channel": channel, "problem": problem.code, "severity": severity,
                 "territory": place.code, "source": None if source is None else source.pk,
                 "sweep_of": None}  # fmt: skip
        grid = county.grid[place.pk]
        by = grid if channel in ("patrol", "manual") else dice.choice(county.dispatchers)
        if channel in SYSTEM:
            by = cases_lives.Person(SYSTEM[channel])
        life.do("take_in", by, data=about)
        if like is None:
            cases_lives.live(life, self._cast(grid), aim)
        return life

    def _cast(self, grid: Any) -> Any:  # noqa: ANN401
        import cases_lives

        county = self.county
        return cases_lives.Cast(
            grid, county.dispatchers, county.inspectors, county.leaders, self._answering,
            self._other, self._resolve,
        )  # fmt: skip

    def _ask(self, life: Any) -> None:  # noqa: ANN401
        import cases_lives

        cases_lives.ask_at_last(life, self._cast(None))

    def _resolve(self, life: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
        """Return who answers by the matrix for the town, with the grid member of the village.

        And the record of it, which is put together: to make it whole for each case takes long.
        """
        source, place = life.fields["source"], life.fields["territory"]
        sector = life.problem.sector if source is None else source.sector
        kind = "" if source is None else source.kind
        town = place if place.level == "town" else place.parent
        found, record = self.resolved(town, sector, kind, life.problem.code)
        changed: dict[str, Any] = {}
        if place is not town and found.grid is not None:
            changed["grid"] = self.county.holder(self.county.grid[place.pk])
        if source is not None and source.organisation_id is not None:
            changed["subject"] = self.county.party(source.organisation_id)
        plain = {name: asdict(value) for name, value in changed.items()}
        return replace(found, **changed), {**record, **plain}

    def _resolved(
        self,
        territory: Any,  # noqa: ANN401
        sector: str,
        kind: str,
        problem: str,
    ) -> tuple[Any, dict[str, Any]]:
        found = self.rules.resolve(
            territory=territory, sector=sector, source_kind=kind, problem_type=problem,
            source=None, on=self.now.date(),
        )  # fmt: skip
        return found, found.as_record()

    def _answering(self, found: Any) -> Any:  # noqa: ANN401
        return self.dice.choice(self.county.answering[found.lead.organisation])

    def _other(self, found: Any) -> tuple[int, str]:  # noqa: ANN401
        units = [u for u in self.county.departments if u.pk != found.lead.organisation]
        unit = self.dice.choice(units)
        return unit.pk, unit.name

    def _merge_and_sweep(self, lives: list[Any]) -> None:
        """Merge some cases into one that goes on, and begin some by a check of similar sources."""
        for n in range(40, len(lives)):
            chance = self.dice.random()
            other = lives[n - self.dice.randrange(1, 40)]
            at = lives[n].taken_in
            if chance < 0.025:
                self._merge(lives, n, other, at)
            elif chance < 0.035 and other.deeds[-1].after == "closed":
                self._sweep(lives[n], other, at)

    def _merge(self, lives: list[Any], n: int, into: Any, at: datetime) -> None:  # noqa: ANN401
        when = at + timedelta(hours=self.dice.uniform(0.2, 6))
        last = into.deeds[-1]
        if when >= self.now or (last.after in ("closed", "declined", "merged", "void")
                                and last.at <= when) or into.state == "merged":  # fmt: skip
            return
        if any(d.after in ("closed", "declined", "void") and d.at <= when for d in into.deeds):
            return
        import cases_lives

        life = self._life(at, like=into)
        life.at = when
        by = self.dice.choice(self.county.dispatchers)
        life.do("merge", by, reason="与已有问题重复", outcome="duplicate", merged_into=into,
                data=lambda: {"target": into.code, "outcome": "duplicate"})  # fmt: skip
        lives[n] = life
        into.beside(cases_lives.Deed(when, "absorb", "", "", by, "与已有问题重复",
                                     lambda: {"merged": life.code}))  # fmt: skip

    def _sweep(self, life: Any, origin: Any, at: datetime) -> None:  # noqa: ANN401
        import cases_lives

        opened = [d for d in origin.deeds if d.action == "open"]
        if not opened or opened[0].at >= at or life.fields["source"] is None:
            return
        by = self.dice.choice(self.county.inspectors)
        life.fields |= {"channel": "sweep", "sweep_of": origin, "external_number": "",
                        "external_due": None, "own_due": None}  # fmt: skip
        first = life.deeds[0]
        told = {**first.data(), "channel": "sweep"}
        first.person = by
        first.data = lambda: {**told, "sweep_of": origin.now["pk"]}
        origin.beside(cases_lives.Deed(at, "sweep", "", "", by, "",
                                       lambda: {"cases": [life.code]}))  # fmt: skip


def _reach(clock: Any, colour: str, share: float) -> datetime:  # noqa: ANN401
    """Return a moment at which a clock shows a colour; red: mostly of a few days."""
    if colour == "red":
        return clock.due + timedelta(days=0.1 + 6 * share**3)  # type: ignore[no-any-return]
    begun, end = (clock.begun, clock.yellow) if colour == "green" else (clock.yellow, clock.due)
    return begun + (end - begun) * (0.05 + 0.9 * share)  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
