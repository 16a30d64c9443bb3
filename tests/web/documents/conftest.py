"""A county whose cases have come to where documents go out."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from lantian.home.layout import Home
from lantian.network import Network
from lantian.web.cases.actions import Doer
from lantian.web.cases.models import Case, Climb
from lantian.web.core.clock import now
from tests.web.cases import world as worlds
from tests.web.cases.world import World
from tests.web.conftest import serve


@pytest.fixture
def world(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> World:
    """Return the world of the cases in a home of its own, a week before it is served at."""
    shutil.copytree(county.path, tmp_path / "home")
    served: Network = serve(monkeypatch, Home.open(tmp_path / "home"))
    assert served
    made = worlds.make()
    made.now = now() - timedelta(days=7)
    return made


def climbed(world: World, case: Case, rung: str) -> Climb:
    """Return a rung that a case has reached and somebody has signed."""
    return Climb.objects.create(
        case=case, step=case.steps.get(ended_at=None), rung=rung, key=rung, reached_at=world.now,
        taken_at=world.now, signed_by=world.doer("leader").user, post=world.doer("leader").post.pk,
        answer_by=world.now + timedelta(days=1),
    )  # fmt: skip


def ready(world: World, kind: str, **others: object) -> tuple[Case, Doer]:
    """Return a case about which a document of a kind may be issued, and who issues it."""
    if kind == "reinspection_record":
        return world.until("closing", **others), world.doer("inspector", n=9)
    if kind == "close_out_form":
        return world.until("closed", **others), world.doer("dispatcher")
    case = world.until("rectifying", **others)
    if kind == "supervision_order":
        climbed(world, case, "supervise")
    if kind == "notice_of_talk":
        climbed(world, case, "talk")
    if kind == "rectification_reply":
        return case, world.doer("town_officer", "lead")
    return case, world.doer("dispatcher")


TEXTS = {
    "measures": "立即覆盖裸土。\n三日内安装喷淋。", "contact": "张三 0000-000000",
    "cause": "管理不到位。", "done": "已全部覆盖。", "next": "每日巡查。",
    "present": "李四", "opinion": "同意。",
    "when": "2026-11-30T09:00", "where": "三楼会议室", "who": "主要负责人", "about": "整改不力。",
}  # fmt: skip
