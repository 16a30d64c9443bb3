"""Who may open what: every cell of docs/reference/access.md, asked of the running pages.

The table is written by hand and read by nothing but this file: it says what is meant, the code
does what it does, and a cell or a page on which they differ fails here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from lantian.home.layout import Home
from lantian.network import Network
from lantian.web.accounts.access import PUBLIC, SIGNED_IN, declared
from lantian.web.accounts.models import User
from lantian.web.accounts.roles import CAPABILITIES, ROLES
from lantian.web.audit import chain
from lantian.web.duties.models import Organisation, Rule
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source
from lantian.web.taskforces.models import TaskForce
from tests.web.cases.shown import case_at, world_of
from tests.web.conftest import serve
from tests.web.sources.world import SITE, add
from tests.web.world import NOW

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
NOBODY = "nobody"
TOWN, ELSEWHERE, MINE, FOREIGN = "甲镇", "乙镇", "9905S", "9901S"
CELLS = {"yes", "own", "no"}
# What stands in an address, by name of the page where the same word means several things.
IN_ADDRESSES: dict[str, object] = {
    "station": MINE,
    "day": "2026-11-20",
    "number": 1,  # of the first change of the store, and of the first event
    "token": "none",
    "who": "none",
    "problem": "site_uncovered",
    "what": "end-sessions",
    "notice": 1,
    "climb": 1,
    "document": 1,
    "shift": 1,
    "air:station-part": {"name": "quality"},
    "accounts:revoke-token": {"token": 1},
    "accounts:person-revoke-token": {"token": 1},
}
# What a page must be told besides.
QUERIES = {
    "air:hours-history": "?parameter=pm25&at=2026-11-20T08:00",
    "air:data-correct": f"?station={MINE}&parameter=pm25&at=2026-11-20T08:00",
    "cases:ledger-several": "?do=comment&case=2026-0001",
}
# Pages that lead to the sign-in page those they let in.
LEADS_THERE = frozenset({"accounts:sign-in-code", "accounts:sign-out"})
# Pages of things that are not there in this test: let in means that they are looked for.
OF_NOTHING = frozenset(
    {
        "accounts:me-deputy",  # the post of somebody else
        "accounts:reset",
        "air:data-dust-remove",
        "air:data-upload-bad",
        "api:case",
        "cases:album",  # an enterprise sees the cases of its own, and has none here
        "cases:case",
        "cases:case-file",
        "cases:do",
        "cases:evidence",
        "cases:reporter",  # told to those who may
        "cases:fires-import",
        "cases:hotline-import",
        "cases:ledger-import",
        "cases:public-state",
        "cases:rung-sign",
        "documents:document",
        "documents:document-file",
        "documents:several",
        "documents:write",
        "duties:rota-remove",
        "notifications:open",
        "air:data-upload-mapping",
        "air:data-upload-shown",
        "places:stations-import",
        "sources:import",
        "sources:source",  # an enterprise sees its own, and has none here
        "places:territories-import",
    }
)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    method: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def rows() -> list[Row]:
    """Return the lines of all tables."""
    found: list[Row] = []
    head: list[str] = []
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if cells[0] == "Page or action":
            head = cells[3:]
        elif line.startswith("| ") and head:
            named = re.fullmatch(r"`([a-z:-]+)`", cells[1])
            assert named, line
            found.append(Row(named[1], cells[2], dict(zip(head, cells[3:], strict=True))))
        else:
            head = head if line.startswith("|") else []
    return found


ROWS = rows()


def pages(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield name and pattern of every address of the project."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from pages(pattern, inner)
        else:
            yield f"{space}{pattern.name}", pattern


PAGES = dict(pages())


def address(name: str, known: dict[str, object]) -> str:
    """Return an address of a page, with what ``known`` gives for the words in it."""
    words = PAGES[name].pattern.regex.groupindex
    special = known.get(name, {})
    assert isinstance(special, dict)
    given = {**known, **special}
    missing = [w for w in words if w not in given]
    assert not missing, f"{name}: the test does not know what to write for {missing}"
    return reverse(name, kwargs={w: given[w] for w in words}) + QUERIES.get(name, "")


def opener(name: str) -> str:
    """Return a role that opens a page: the administrator where they may, else the first named."""
    cells = [row.cells for row in ROWS if row.name == name]
    may = [role for role in ("administrator", *ROLES) if any(c[role] == "yes" for c in cells)]
    return may[0] if may else "administrator"


def test_the_table_is_whole() -> None:
    for row in ROWS:
        assert set(row.cells) == {*ROLES, NOBODY}, row
        assert set(row.cells.values()) <= CELLS, row
        assert row.method in ("GET", "POST"), row
    keys = [str(r) for r in ROWS]
    assert len(keys) == len(set(keys))


def test_every_page_is_in_the_table_and_no_other() -> None:
    assert {r.name for r in ROWS} == set(PAGES)


def test_every_view_declares_its_access() -> None:
    known = {PUBLIC, SIGNED_IN, *CAPABILITIES}
    undeclared = [n for n, pattern in PAGES.items() if declared(pattern.callback) not in known]
    assert undeclared == []


@pytest.fixture
def things(towns: dict[str, Territory], person: Callable[..., User]) -> dict[str, object]:
    """Return what stands in addresses, the rows they name being there."""
    somebody = person("grid_member", towns[TOWN])
    post = somebody.appointments.get()
    chain.record("audit.verified", actor="tests")
    unit = Organisation.objects.create(
        code="O-001", name="A", kind="town", valid_from=post.valid_from
    )
    Rule.objects.create(
        number="R-001", version=1, lead=unit, reason="A", valid_from=post.valid_from
    )
    source = add("construction_site", {**SITE, "name": TOWN, "attributes.contractor": "A"})
    return {
        **IN_ADDRESSES, "pk": somebody.pk, "post": post.pk, "code": towns[TOWN].code,
        "organisation": "O-001", "rule": "R-001", "source": source.number,
        "force": TaskForce.objects.create(name=TOWN, starts=post.valid_from).pk,
        **of_a_case(towns, source),
    }  # fmt: skip


def of_a_case(towns: dict[str, Territory], source: Source) -> dict[str, object]:
    """Return what stands in the addresses of a case, the case being there with its evidence."""
    world = world_of(towns[TOWN], towns[ELSEWHERE], source, NOW)
    case = {"code": case_at(world, "reinspecting").code}
    return {
        **{f"cases:{page}": case for page in ("album", "case", "case-file", "reporter")},
        # what every role may that may do anything
        "cases:do": {**case, "action": "comment"},
        "cases:evidence": {**case, "digest": world.photos[0].digest},
        "documents:write": {**case, "kind": "reinspection_record"},
        "documents:office-template": {"kind": "assignment_order"},
    }


def entered(role: str, towns: dict[str, Territory], sign_in: Callable[..., Client]) -> Client:
    """Return a client signed in as somebody of ``role``, with its town where it has one."""
    if role == NOBODY:
        return Client()
    local = ROLES[role].reach == "territory"
    return sign_in(role, towns[TOWN] if local else None)


def outcome(answer: Any) -> str:
    """Return what became of a request: ``let in``, ``refused``, ``sign in`` or ``not there``."""
    if answer.status_code == 403:
        return "refused"
    to_sign_in = reverse("accounts:sign-in")
    if answer.status_code == 401 or answer.headers.get("Location", "").startswith(to_sign_in):
        return "sign in"
    if answer.status_code in (404, 410):
        return "not there"
    return "let in" if answer.status_code < 400 else f"status {answer.status_code}"


@pytest.fixture
def own(served: Network, county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a copy of the county: what is sent here may change it."""
    shutil.copytree(county.path, tmp_path / "home")
    return serve(monkeypatch, Home.open(tmp_path / "home"))


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
def test_every_cell_of(
    role: str, own: Network, towns: dict[str, Territory], things: dict[str, object],
    sign_in: Callable[..., Client],
) -> None:  # fmt: skip
    client = entered(role, towns, sign_in)
    others = [s for s in own.stations()["station"] if s != MINE]
    wrong: list[str] = []
    for row in ROWS:
        meant = row.cells[role]
        if row.method == "POST":
            found = posted(entered(role, towns, sign_in), address(row.name, things))
        else:
            answer = client.get(address(row.name, things))
            found = outcome(answer)
            if found == "not there" and row.name in OF_NOTHING:
                found = "let in"
        if found == "sign in" and row.name in LEADS_THERE and meant == "yes":
            found = "let in"
            if meant == "own" and found == "let in":
                text = b"".join(answer) if answer.streaming else answer.content
                seen = [s for s in others if s.encode() in text]
                found = f"shows {', '.join(seen)}" if seen else "let in"
        expected = {"yes": "let in", "own": "let in", "no": "refused"}[meant]
        if role == NOBODY and meant == "no":
            expected = "sign in"
        if found != expected:
            wrong.append(f"{row}: {meant} in the table, but {found}")
        if meant == "own" and "station" in PAGES[row.name].pattern.regex.groupindex:
            elsewhere = outcome(client.get(address(row.name, {**things, "station": FOREIGN})))
            if elsewhere != "not there":
                wrong.append(f"{row} of a station outside the territory: {elsewhere}")
    assert not wrong, "\n".join(wrong)


def posted(client: Client, where: str) -> str:
    """Send an empty form and undo what it did; what is said of the form does not matter here."""
    with transaction.atomic():
        found = outcome(client.post(where))
        transaction.set_rollback(True)
    return "let in" if found in ("not there", "status 400") else found


def test_pages_that_only_show_take_no_forms(
    own: Network, towns: dict[str, Territory], things: dict[str, object],
    sign_in: Callable[..., Client],
) -> None:  # fmt: skip
    takes = {r.name for r in ROWS if r.method == "POST"}
    shown = sorted(set(PAGES) - takes)
    clients = {role: sign_in(role) for role in {opener(name) for name in shown}}
    taken = [
        name for name in shown
        if clients[opener(name)].post(address(name, things)).status_code != 405
    ]  # fmt: skip
    assert taken == []
