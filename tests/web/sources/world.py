"""What tests of sources share: files made of rows, a few sources, the moment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter

from lantian.web.audit.actors import system
from lantian.web.duties.models import Kind, Organisation
from lantian.web.sources import actions, demo
from lantian.web.sources.models import Source
from lantian.web.sources.planning import plan
from tests.web.world import NOW

ACTOR = system("tests")
HERE = {"lon": "114.2379", "lat": "35.2390", "datum": "WGS84"}  # in 甲镇
SITE = {
    "name": "甲镇安置房工地", "attributes.area": "42000", "attributes.stage": "earthwork",
    "attributes.contractor": "第一建筑公司", **HERE,
}  # fmt: skip
PROJECT = {
    **SITE, "name": "甲镇学校项目", "status": "planned", "attributes.stage": "not_started",
    "approval_number": "规委〔2026〕3 号", "approved_on": "2026-09-01",
}  # fmt: skip
WORKS = {
    "name": "甲镇第一砖厂", "attributes.industry_code": "3031", "territory": "甲镇",
    "credit_code": "91350100M000100Y43", "stacks": "DA001/35/1.8",
    "contacts": "环保岗/安环部/0000-0000001",
}  # fmt: skip


def add(kind: str, cells: Mapping[str, str], **more: str) -> Source:
    """Enter a source."""
    return actions.add(ACTOR, kind, {**cells, **more}, now=NOW)


def demo_file(path: Path) -> Path:
    """Write the sources of the demo, and enter the units that run some of them."""
    found = demo.collection(NOW.date())
    for name in sorted({f["properties"].get("organisation") or "" for f in found["features"]}):
        if name:
            Organisation.objects.create(
                code=f"O-{Organisation.objects.count() + 1:03}", name=name, kind=Kind.ENTERPRISE,
                valid_from=date(2020, 1, 1),
            )  # fmt: skip
    path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return path


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write sheets of rows."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(line, column, value)
    book.close()
    return path


def land(path: Path, datum: str = "") -> None:
    """Enter a file as somebody who looked at it does."""
    seen = plan(path, datum, NOW.date())
    actions.enter(ACTOR, path, datum, expected=seen.fingerprint, now=NOW)
