"""An enterprise officer finds what is the enterprise's own, and nothing of anyone else's.

Every address of the project is asked for with what names others' things; no page they may see
holds a name of others.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse

from lantian.home.layout import Home
from lantian.web.accounts.models import Appointment, User
from lantian.web.cases.models import Case
from lantian.web.core import clock
from lantian.web.documents import actions as documents
from lantian.web.documents.kinds import kind_of
from lantian.web.documents.models import Document
from lantian.web.duties.models import Organisation
from lantian.web.notifications.models import Notice
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source
from lantian.web.taskforces.models import TaskForce
from tests.web.cases.shown import world_of
from tests.web.cases.world import PHOTOS, World, among
from tests.web.conftest import serve
from tests.web.documents.conftest import TEXTS
from tests.web.test_access import IN_ADDRESSES, PAGES

FOREIGN = ("外秘厂", "外秘工地", "外秘案", "外秘述", "外秘处", "外秘人", "外秘报", "外秘专班")
# Addresses whose words name nothing of anybody: rules of the office, languages of a page.
OF_NOBODY = frozenset({"cases:problem"})


@dataclass(frozen=True)
class Firm:
    """The officer's client, the own order, the case of another, the words of addresses."""

    client: Client
    own: Case
    other: Case
    words: dict[str, object]


def _source(number: str, name: str, town: Territory) -> Source:
    return Source.objects.create(
        number=number, kind="construction_site", name=name, territory=town, lon=115.01, lat=37.02,
        sector="construction", made_at=clock.now(), changed_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def firm(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Firm:
    shutil.copytree(county.path, tmp_path / "home")
    serve(monkeypatch, Home.open(tmp_path / "home"))
    top = Territory.objects.create(code="999999", name="天县", level="county")
    town, elsewhere = (
        Territory.objects.create(code=f"99999910{n}", name=name, level="town", parent=top)
        for n, name in ((1, "丙镇"), (2, "丁镇"))
    )
    theirs = world_of(town, elsewhere, _source("S-000002", "外秘工地", town), clock.now())
    other, merged = (
        theirs.until(
            state, title="外秘案", description="外秘述", place="外秘处", source=theirs.source,
            lon=115.01, lat=37.02,
        )
        for state in ("rectifying", "opened")
    )  # fmt: skip
    order = documents.issue(
        kind_of("assignment_order"), other, theirs.doer("dispatcher"), TEXTS, key="x",
        url="https://example.org/", now=clock.now(),
    )  # fmt: skip
    enterprise = theirs.units["enterprise"]
    enterprise.name = "外秘厂"
    enterprise.save()
    Source.objects.filter(pk=theirs.source.pk).update(organisation=enterprise)
    stranger = User.objects.create_user("外秘人0", "x")
    post = Appointment.objects.create(
        user=stranger, role="enterprise_officer", organisation=enterprise,
        valid_from="2020-01-01",
    )  # fmt: skip
    notice = Notice.objects.order_by("pk").first()
    User.objects.exclude(pk=stranger.pk).update(
        name=Concat(Value("外秘人"), Cast(F("pk"), CharField()))
    )
    force = TaskForce.objects.create(name="外秘专班", starts="2026-01-01")
    mine = among(town, elsewhere, _source("S-000001", "北苑工地", town))
    Source.objects.filter(pk=mine.source.pk).update(organisation=mine.units["lead"])
    Organisation.objects.filter(pk=mine.units["lead"].pk).update(kind="enterprise")
    mine.now = theirs.now
    own = _until(mine, title="北苑扬尘", source=mine.source, lon=115.01, lat=37.02)
    mine.do("merge", merged, mine.doer("dispatcher"), target=own)
    client = Client()
    client.force_login(
        mine.doer("enterprise_officer", "lead").user, settings.AUTHENTICATION_BACKENDS[-1]
    )
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return Firm(client, own, other, {
        **{k: v for k, v in IN_ADDRESSES.items() if ":" not in k},
        "code": other.code, "source": "S-000002", "digest": theirs.photos[0].digest,
        "document": order.pk, "organisation": enterprise.code, "pk": stranger.pk,
        "post": post.pk, "force": force.pk, "notice": notice.pk if notice else 1,
        "kind": "rectification_reply", "action": "comment", "rule": "R-001",
    })  # fmt: skip


def _until(world: World, **others: Any) -> Case:
    world.photos = PHOTOS
    return world.until("rectifying", **others)


def body(answer: Any) -> str:
    """Return all text of an answer, that inside of a workbook too."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    return str(content.decode("utf-8", "replace"))


def told(text: str) -> list[str]:
    return [name for name in FOREIGN if name in text]


def test_every_address_with_what_is_others(firm: Firm) -> None:
    firm.client.raise_request_exception = True
    wrong = []
    for name, pattern in PAGES.items():
        words = pattern.pattern.regex.groupindex
        special = IN_ADDRESSES.get(name, {})
        given = {**firm.words, **(special if isinstance(special, dict) else {})}
        where = reverse(name, kwargs={w: given.get(w, "1") for w in words})
        if name in ("accounts:sign-out", "accounts:password"):
            continue
        for send in (firm.client.get, firm.client.post):
            with transaction.atomic():
                answer = send(where)
                text = body(answer)
                transaction.set_rollback(True)
            said = f"{answer.wsgi_request.method} {name} {where}: {answer.status_code}"
            if found := told(text):
                wrong.append(f"{said} shows {found}")
            if words and name not in OF_NOBODY and _opened(name, answer):
                wrong.append(f"{said}, but it is another’s")
    assert not wrong, "\n".join(wrong)


def _opened(name: str, answer: Any) -> bool:
    if name.startswith(("accounts:", "cases:public")):  # tokens nobody has: told to be void
        return False
    return bool(answer.status_code == 200)


QUERIES = (
    "/search?q=外秘", "/cases/ledger/?q=外秘", "/cases/ledger/?format=csv",
    "/cases/ledger/?format=xlsx", "/cases/ledger/?unit={unit}", "/cases/ledger/?source=S-000002",
    "/cases/ledger/?force={force}", "/cases/?force={force}", "/cases/?format=csv",
    "/cases/?lead={unit}", "/cases/map/?q=外秘", "/cases/statistics/?format=xlsx",
    "/cases/statistics/?lead={unit}", "/documents/?q=外秘", "/sources/?q=外秘",
    "/sources/?format=csv", "/sources/?format=xlsx", "/cases/{own}/", "/cases/{own}/file/",
    "/cases/mine/", "/enterprise/", "/notifications/", "/me/",
)  # fmt: skip


def test_no_list_file_or_search_tells_of_others(firm: Firm) -> None:
    wrong, seen = [], 0
    for query in QUERIES:
        where = query.format(
            unit=firm.words["organisation"], force=firm.words["force"], own=firm.own.code
        )
        answer = firm.client.get(where)
        if answer.status_code == 200:
            seen += 1
        if found := told(body(answer)):
            wrong.append(f"{where}: {found}")
    assert not wrong, "\n".join(wrong)
    assert seen > len(QUERIES) / 2


def test_the_own_page_says_what_to_do(firm: Firm, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20):
        page = body(firm.client.get("/enterprise/"))
    for part in (
        "北苑扬尘", "北苑工地", f"/cases/{firm.own.code}/do/finish/",
        f"/cases/{firm.own.code}/do/ask_extension/", "1 open order",
    ):  # fmt: skip
        assert part in page, part
    assert firm.other.code not in page
    assert firm.client.get("/")["Location"] == "/enterprise/"
    assert Document.objects.count() == 1
    assert "No document was issued yet." in page
