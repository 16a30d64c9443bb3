"""Walk through the closed loop at random and make sure that it stays whole.

    .venv/bin/python benchmarks/cases_fuzz.py [walks] [seed]

Each walk takes a case in one of its stages and tries a dozen actions of people of many roles and
units on it, on a SQLite database of its own; tests/web/cases/walk.py says what must hold. Ends with
an error at the first walk that breaks something, and names its number; or at the end, if an action
never came about.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from lantian.home import Home

STEPS = 12
ENOUGH = 1000  # walks that come to every action


def main() -> None:
    walks = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    os.environ.pop("LANTIAN_DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        home = Home.init(Path(folder) / "home", name="fuzz")
        from lantian.web.core import setup

        setup.prepare(home)
        run(walks, seed)


def run(walks: int, seed: int) -> None:
    from django.db import transaction
    from tests.web.cases import walk
    from tests.web.cases import world as worlds

    from lantian.web.cases.models import Case

    world = worlds.make()
    for who in (*walk.PEOPLE, ("grid_member", "outside", 0)):
        world.doer(*who)
    starts = [world.until(state, severity=severity).pk for state, severity in walk.STARTS]
    first = world.now
    done: Counter[str] = Counter()
    begun = time.monotonic()
    for n in range(walks):
        draw = random.Random(f"{seed}-{n}")
        choices = [(draw.randrange(2**16), draw.randrange(2**16)) for _step in range(STEPS)]
        try:
            with transaction.atomic():
                world.now = first
                cases = Case.objects.select_related("source", "territory")
                case = cases.get(pk=draw.choice(starts))
                done.update(walk.walk(world, case, choices))
                transaction.set_rollback(True)
        except BaseException:
            print(f"walk {n} of seed {seed} broke something")
            raise
        if n % 1000 == 999:
            print(f"{n + 1} walks, {sum(done.values())} actions, {time.monotonic() - begun:.0f} s")
    print(", ".join(f"{name} {count}" for name, count in done.most_common()))
    never = set(walk.ACTIONS) - set(done)
    if never and walks >= ENOUGH:
        raise SystemExit(f"never done: {', '.join(sorted(never))}")


if __name__ == "__main__":
    main()
