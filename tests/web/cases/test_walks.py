"""Whatever people try, in whatever order, the loop stays whole."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.web.cases.models import Case
from tests.web.cases import walk
from tests.web.cases.world import World

WALKS = 300
CHOICES = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=3, max_size=6)


def test_random_walks_keep_the_loop_whole(world: World) -> None:
    for who in walk.PEOPLE:
        world.doer(*who)
    cases = [world.until(state, severity=severity).pk for state, severity in walk.STARTS]
    begun, seen = world.now, Counter[str]()

    @settings(
        max_examples=WALKS, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(start=st.sampled_from(cases), choices=CHOICES)
    def wander(start: int, choices: list[tuple[int, int]]) -> None:
        with transaction.atomic():
            world.now = begun
            case = Case.objects.select_related("source", "territory").get(pk=start)
            seen.update(walk.walk(world, case, choices))
            transaction.set_rollback(True)

    wander()
    assert {"return", "fail", "refuse_close", "sign", "close", "relapse"} <= set(seen), seen
