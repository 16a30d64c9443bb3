"""What the pages of cases cost a room of people: a load test from another process.

    python benchmarks/cases_pages.py HOME [--think 1] [--requests 2000] [--no-cold]

HOME is a home that :mod:`cases_seed` has filled. Twenty of its people in seven roles are signed in
and look at pages of cases, each at what they see: cases, villages and words of their own, chosen
anew for every page. The clock of the home runs, so what is kept for a minute is made anew every
minute. Printed, in milliseconds: the first request of each page after a start of the server; then,
once each role has seen each page, p50, p95 and the longest of each page, with the load of the
machine before and after. A page that a role may not see is left out for it, and named.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import room

# How many of each role look at pages.
PEOPLE = {
    "grid_member": 5, "dispatcher": 4, "inspector": 3, "town_officer": 3, "department_officer": 2,
    "enterprise_officer": 2, "leader": 1,
}  # fmt: skip
SEED = 20261123
SAMPLE = 200  # cases that a person looks at
FAR = 50  # page of the ledger
_SEEN = ("year", "number", "title", "territory__code", "territory__name", "source__name")
FILTERS = (
    {"state": "rectifying"}, {"state": "closed", "open": "0"}, {"colour": "red"},
    {"channel": "hotline"}, {"severity": "serious", "late": "1"}, {"medium": "air", "year": "2025"},
)  # fmt: skip

_OF_PROGRAMS = {
    "api, cases": "/api/v1/cases", "api, cases of a state": "/api/v1/cases?state=rectifying",
}  # fmt: skip


@dataclass(frozen=True)
class Sight:
    """What somebody has to look at."""

    name: str
    role: str
    codes: tuple[str, ...]
    territories: tuple[str, ...]
    words: tuple[str, ...]
    programs: bool

    def pages(self, dice: random.Random) -> dict[str, str]:
        """Return addresses by the name of their page, with things chosen anew."""
        place = {"territory": dice.choice(self.territories)}
        return {
            "board": "/cases/",
            "ledger": "/cases/ledger/",
            "ledger, filtered": _to("/cases/ledger/", {**dice.choice(FILTERS), **place}),
            "ledger, words": _to("/cases/ledger/", {"q": dice.choice(self.words)}),
            "ledger, by unit": _to("/cases/ledger/", {"sort": "lead"}),
            f"ledger, page {FAR}": _to("/cases/ledger/", {"page": str(FAR)}),
            "map": "/cases/map/",
            "map, filtered": _to("/cases/map/", place),
            "case": f"/cases/{dice.choice(self.codes)}/",
            "my work": "/cases/mine/",
            "statistics": "/cases/statistics/",
            "sources": "/sources/",
            "sources, filtered": _to("/sources/", place),
            **(_OF_PROGRAMS if self.programs else {}),
        }


def _to(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}"


def sights(dice: random.Random) -> list[Sight]:
    """Return people of the seed with what they see, and a new password.

    Raises
    ------
    SystemExit
        The home holds no seed, or somebody sees no cases.
    """
    from lantian.web.accounts.models import User
    from lantian.web.accounts.roles import ROLES
    from lantian.web.cases.models import Case
    from lantian.web.cases.reach import reach_of

    found = []
    for role, count in PEOPLE.items():
        people = list(User.objects.filter(name__startswith=f"bench-{role}-").order_by("name"))
        some = 0
        for user in dice.sample(people, len(people)):
            cases = reach_of(list(user.appointments.all())).cases().order_by()
            keys = list(cases.values_list("pk", flat=True))
            if not keys:
                continue
            some_keys = dice.sample(keys, min(SAMPLE, len(keys)))
            rows = list(Case.objects.filter(pk__in=some_keys).values_list(*_SEEN, named=True))
            user.set_password(room.PASSWORD)
            user.save()
            names = {r.source__name or r.territory__name for r in rows}
            found.append(
                Sight(
                    user.name, role, tuple(f"{r.year}-{r.number:04}" for r in rows),
                    tuple(sorted({r.territory__code for r in rows})),
                    tuple(sorted({*names, *(r.title[-4:] for r in rows)})),
                    "api" in ROLES[role].may,
                )
            )  # fmt: skip
            some += 1
            if some == count:
                break
        if some < count:
            raise SystemExit(f"{some} of {count} people of role {role}: fill with cases_seed.py.")
    return found


def tried(port: int, people: list[Sight]) -> dict[str, set[str]]:
    """See every page once in every role; return the pages each may see."""
    open_to: dict[str, set[str]] = {}
    for sight in {s.role: s for s in people}.values():
        browser = room.Browser(port)
        browser.sign_in(sight.name)
        answers = {
            page: browser.ask(path)[0] for page, path in sight.pages(random.Random(SEED)).items()
        }
        open_to[sight.role] = {page for page, status in answers.items() if status == 200}
        closed = [f"{page} {status}" for page, status in answers.items() if status != 200]
        if closed:
            print(f"not for {sight.role}: {', '.join(closed)}", flush=True)
    return open_to


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--think", type=float, nargs="+", default=[1.0], help="seconds")
    parser.add_argument("--requests", type=int, default=2000, help="pages of each run")
    parser.add_argument("--no-cold", action="store_true", help="leave the starts out")
    given = parser.parse_args()
    from lantian.home import Home
    from lantian.web.core.setup import prepare

    prepare(Home.open(given.home))
    people = sights(random.Random(SEED))
    sees_all = next(s for s in people if s.role == "dispatcher")
    if not given.no_cold:
        print("cold, the first request after a start [ms]")
        pages = sees_all.pages(random.Random(SEED))
        for page, took in room.cold(given.home, sees_all.name, pages).items():
            print(f"{page:22s} {1e3 * took:6.0f}", flush=True)
    with room.server(given.home) as port:
        open_to = tried(port, people)

        def choose(n: int, dice: random.Random) -> tuple[str, str]:
            pages = people[n].pages(dice)
            return dice.choice([p for p in pages.items() if p[0] in open_to[people[n].role]])

        names = [s.name for s in people]
        for think in given.think:
            before, at = os.getloadavg(), time.strftime("%H:%M")
            room.report(*room.warm(port, names, choose, think, given.requests), think)
            after = os.getloadavg()
            print(f"load of the machine (1 min) {before[0]:.1f} at {at}, {after[0]:.1f} after it")


if __name__ == "__main__":
    main()
