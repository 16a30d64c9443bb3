"""Every count of the board and the statistics is that of the list it leads to, also at the edge."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from lantian.network import Network
from lantian.web.cases.models import Case, Step
from lantian.web.core import clock
from lantian.web.places.models import Territory
from tests.web.cases.world import World

SignIn = Callable[..., Client]
STATES = (
    "verifying", "opened", "dispatched", "returned", "rectifying", "suspended", "reinspecting",
    "closing", "closed", "declined",
)  # fmt: skip
_LINK = re.compile(r'<a[^>]*href="(/cases/ledger/[^"]*)"[^>]*>([^<]*)</a>(?:</h2><b>(\d+)</b>)?')


@pytest.fixture
def noon(served: Network, world: World, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Return a minute; the pages are asked 40 s after it. Clocks end and turn about it."""
    for state in STATES:
        for _n in range(2):
            world.until(state, territory=world.town)
        world.until(state, territory=world.elsewhere, channel="hotline")
    village = Territory.objects.create(
        code="999999101201", name="东村", level="village", parent=world.town
    )
    world.until("closed", territory=village)
    world.until("rectifying", territory=village)
    world.until("opened", territory=world.county)
    noon = (world.now + timedelta(hours=1)).replace(second=0, microsecond=0).astimezone()
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(seconds=40))
    far, long_ago = noon + timedelta(days=30), noon - timedelta(days=400)
    edges = [
        (yellow, due)
        for near in (0, 20, 40, -20)
        for at in (noon + timedelta(seconds=near),)
        for yellow, due in ((long_ago, at), (at, far))
    ]
    running = Step.objects.filter(ended_at=None).order_by("pk")
    for n, step in enumerate(running):
        yellow, due = edges[n % len(edges)]
        Step.objects.filter(pk=step.pk).update(begun_at=long_ago, yellow_at=yellow, due_at=due)
    done = Case.objects.filter(state="closed").order_by("pk")
    in_time, late = done[0], done[1]
    Step.objects.filter(case=in_time).update(yellow_at=F("begun_at"), due_at=F("ended_at"))
    Step.objects.filter(case=late).update(yellow_at=F("begun_at"), due_at=far)
    late_by = F("ended_at") - timedelta(seconds=1)
    own = Step.objects.filter(case=late, stage="closing")
    own.update(yellow_at=F("begun_at"), due_at=late_by)
    return noon


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def counts(page: str) -> list[tuple[str, int]]:
    """Return address and count of every link to the ledger that stands on, or before, a number."""
    found = []
    for address, inside, after in _LINK.findall(page):
        number = re.search(r"(\d+)$", inside.strip())
        if after or number:
            found.append((html.unescape(address), int(after or number[1])))
        else:
            assert re.search(r"and \d+ more|Ledger", inside), inside
    return found


def listed(client: Client, address: str) -> int:
    said = re.search(r'<span class="meta">(\d+) cases?</span>', text_of(client.get(address)))
    assert said, address
    return int(said[1])


def follow(client: Client, path: str) -> dict[str, int]:
    """Follow every number of a page, and return what was followed."""
    found = set(counts(text_of(client.get(path))))
    shown = {address: listed(client, address) for address, _n in found}
    wrong = [(a, n, shown[a]) for a, n in sorted(found) if shown[a] != n or not n]
    assert not wrong, f"{path}: address, count of the page, of the ledger: {wrong}"
    return shown


def test_each_count_of_the_board_is_that_of_its_list(noon: datetime, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    for query in (
        "", "colour=red", "colour=yellow", "colour=green", "territory=999999",
        "territory=999999101", "territory=999999101201", "lead=O-001", "channel=hotline",
        "state=rectifying", "state=rectifying&state=closed", "open=0", "late=1", "late=0",
        "lead_late=1", "overdue_on=2026-11-23", "ended_since=2026-11-20", "sort=-found",
        "outcome=rectified", "year=2026&q=%E5%B7%A5%E5%9C%B0",
    ):  # fmt: skip
        follow(client, f"/cases/?{query}")


def test_the_board_leads_from_all_it_counts(noon: datetime, sign_in: SignIn) -> None:
    page = text_of(sign_in("dispatcher").get("/cases/"))
    found = dict(counts(page))
    for part in ("state=verifying", "colour=red", "colour=yellow", "colour=green", "state=closed",
                 "territory=999999101", "lead=O-001", "state=suspended"):  # fmt: skip
        assert any(part in a for a in found), part
    open_ = Case.objects.filter(ended_at=None).count()
    assert found["/cases/ledger/?open=1"] == open_
    red = Step.objects.filter(ended_at=None, due_at__lte=noon).count()
    later = Step.objects.filter(ended_at=None, due_at__lte=noon + timedelta(seconds=40)).count()
    assert found["/cases/ledger/?colour=red&open=1"] == red < later, "the edge was not tried"


def test_places_and_units_that_need_care_come_first(noon: datetime, sign_in: SignIn) -> None:
    Step.objects.filter(ended_at=None, case__territory__code="999999101").update(
        due_at=noon + timedelta(days=2), yellow_at=noon + timedelta(days=1)
    )
    Step.objects.filter(ended_at=None, case__territory__code="999999102").update(
        yellow_at=F("begun_at"), due_at=noon
    )
    page = text_of(sign_in("dispatcher").get("/cases/"))
    heads = page[page.index('id="by-place"') :].split("</thead>")[0]
    assert re.findall(r'class="num">([^<]+)</th>', heads) == ["丁镇", "丙镇", "天县", "total"]


def test_each_count_of_the_statistics_is_that_of_its_list(noon: datetime, sign_in: SignIn) -> None:
    # one clock that was red at the end of the month before, and ran out of it since
    case = Case.objects.filter(state="closed").order_by("pk").last()
    assert case is not None
    at = datetime.fromisoformat("2026-10-20T08:00:00+08:00")
    first = case.steps.order_by("pk")[0]
    Step.objects.filter(pk=first.pk).update(begun_at=at, yellow_at=at, due_at=at)
    client = sign_in("dispatcher")
    for query in (
        "span=3", "month=2026-10", "territory=999999101201", "lead=O-001", "channel=hotline",
        "medium=air", "outcome=rectified", "q=%E5%B7%A5%E5%9C%B0",
    ):  # fmt: skip
        follow(client, f"/cases/statistics/?{query}")
    found = follow(client, "/cases/statistics/")
    for part in ("late=0", "lead_late=0", "colour=red", "overdue_on=2026-10-31"):
        assert any(part in address for address in found), part


def test_the_ledger_says_what_it_is_narrowed_to_beyond_its_fields(
    noon: datetime, sign_in: SignIn
) -> None:
    query = "/cases/ledger/?state=closed&state=declined&ended_since=2026-11-01&late=0&lead_late=1"
    page = text_of(sign_in("dispatcher").get(f"{query}&overdue_on=2026-11-02&unit=O-001"))
    said = page[page.index("ledger-beyond") :].split("</p>")[0]
    texts = re.findall(r'<a class="tag accent" href="([^"]*)">([^<]*?) <span', said)
    assert [t for _a, t in texts] == [
        "丙镇人民政府 takes part", "ended from 2026-11-01 on", "no stage was late",
        "late in the unit’s own stages", "overdue at the end of 2026-11-02", "Closed, Not opened",
    ]  # fmt: skip
    without = {t: html.unescape(a) for a, t in texts}
    assert "late=0" not in without["no stage was late"].replace("lead_late", "")
    assert "ended_since=2026-11-01" in without["no stage was late"]
    assert "ledger-beyond" not in text_of(sign_in("dispatcher").get("/cases/ledger/?state=closed"))
