"""The story of the simulated county: it is played whole, through the loop, and only once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lantian.network import Network
from lantian.web.accounts import demo as accounts
from lantian.web.audit.verify import verify
from lantian.web.cases import demo
from lantian.web.cases.catalogue_reading import shipped
from lantian.web.cases.demo import story
from lantian.web.cases.demo.pictures import picture
from lantian.web.cases.demo.reading import Course, courses, problems, words
from lantian.web.cases.models import Case, CaseEvent, Reporter, Step
from lantian.web.cases.table import TABLE
from lantian.web.duties import demo as duties
from lantian.web.places.models import Territory
from lantian.web.sources import demo as sources
from lantian.web.sources.models import Source
from tests.web.world import NOW


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play one case of each course whose way, or whose end, is its own."""
    whole = {kind: courses(kind) for kind in ("course", "alert")}

    def fewer(kind: str = "course") -> tuple[Course, ...]:
        own: dict[object, Course] = {}
        for course in whole[kind]:
            way = tuple((v.state, v.deeds, v.leave, v.outcome) for v in course.way)
            own.setdefault((way, course.order, course.sweep), course)
        return tuple(replace(c, count=1, duplicate=min(1, c.duplicate)) for c in own.values())

    monkeypatch.setattr(story, "courses", fewer)


@pytest.fixture
def county(towns: dict[str, Territory], served: Network, short: None) -> None:
    accounts.create()
    duties.create()
    sources.load(NOW)


def test_every_state_and_branch_is_played_once_and_the_log_holds(county: None) -> None:
    made = demo.load(NOW)
    assert demo.load(NOW) == made
    assert set(Case.objects.values_list("state", flat=True)) == set(TABLE.states)
    done = set(CaseEvent.objects.values_list("action", flat=True))
    assert done - {"absorb"} == set(TABLE.actions) - {"comment", "correct"}
    assert CaseEvent.objects.filter(at__gt=NOW).count() == 0
    assert Reporter.objects.exists()
    assert Case.objects.filter(channel="alert").exists()
    assert Case.objects.filter(severity="serious", state="closed").exists()
    assert Case.objects.filter(returns=2).exists()
    numbers = list(Case.objects.order_by("taken_in_at").values_list("number", flat=True))
    assert numbers == sorted(numbers)
    colours = {s.clock().colour(NOW) for s in Step.objects.filter(ended_at=None)}
    assert colours == {"green", "yellow", "red"}
    assert verify().ok


def test_a_story_that_breaks_off_leaves_nothing(
    county: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def cut_off(*_given: object) -> None:
        seen.append(Case.objects.count())
        if len(seen) == 5:
            raise KeyboardInterrupt

    played = demo.Player.play

    def play(self: object, *given: object) -> None:
        played(self, *given)  # type: ignore[arg-type]
        cut_off()

    monkeypatch.setattr(demo.Player, "play", play)
    with pytest.raises(KeyboardInterrupt):
        demo.load(NOW)
    assert max(seen) > 0
    assert not Case.objects.exists()


def test_what_is_seen_fits_its_source(county: None) -> None:
    kinds = dict(Source.objects.values_list("name", "kind"))
    catalogue = shipped()
    for problem in problems().values():
        for source, _seen in problem.seen:
            assert catalogue.type(problem.type).fits(kinds[source]), (problem.type, source)
    assert set(words()["decline"]) == set(TABLE.actions["decline"].outcomes)


def test_pictures_are_the_same_for_the_same_and_differ_for_others() -> None:
    drawn = [
        picture(p.scene, kind, n)
        for p in problems().values()
        for kind in ("photo_before", "photo_after", "photo_check", "record")
        for n in (1, 2)
    ]
    assert len(set(drawn)) >= len(drawn) / 3
    assert picture("road", "photo_after", 7) == picture("road", "photo_after", 7)
    assert picture("road", "photo_after", 7) != picture("road", "photo_after", 8)
