"""Every page in a real browser: it fits, is legible, asks nobody else, shuts nobody out.

Which pages there are is read from the table of who may open what, so that a new page is visited.
"""

from __future__ import annotations

import re

import pytest

from tests.conftest import REPO, need
from tests.web.browser.conftest import DESK, STORES, Open, Served, Visit
from tests.web.browser.server import SHOWN
from tests.web.test_access import MINE, ROWS, address, opener

WIDTHS = (1440, 1024, 390)
AXE = REPO / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What stands in an address as a page of its own; the rest is named in PIECES.
WORDS = {
    "station": MINE,
    "day": "2026-11-20",
    "number": "1",
    "pk": "1",
    "post": "1",
    "rule": "R-001",
    "organisation": "O-001",
    "source": "S00001",
    "problem": "site_uncovered",
    **{f"cases:{page}": {"code": "2026-0001"} for page in ("album", "case", "case-file")},
    "cases:do": {"code": "2026-0001", "action": "comment"},
    "documents:write": {"code": "2026-0001", "kind": "assignment_order"},
}
# Forms of a case: state, action, who opens it.
FORMS = (
    ("verifying", "verify", "inspector"),
    ("verifying", "open", "dispatcher"),
    ("verifying", "decline", "dispatcher"),
    ("verifying", "merge", "dispatcher"),
    ("opened", "dispatch", "dispatcher"),
    ("rectifying", "suspend", "leader"),
    ("rectifying", "correct", "dispatcher"),
    ("rectifying", "sweep", "leader"),
    ("reinspecting", "fail", "inspector"),
    ("closing", "close", "dispatcher"),
    ("closed", "relapse", "inspector"),
    ("closed", "open", "dispatcher"),  # refused, with the reason
)
# Parts of pages, files, and pages of something the homes of these tests do not have.
PIECES = frozenset(
    {
        "accounts:me-deputy", "accounts:reset", "accounts:sign-in-code", "air:data-dust-remove",
        "air:data-upload-bad", "air:data-upload-mapping", "air:data-upload-shown",
        "air:data-counted", "air:hours-history", "air:network-map", "air:station-part",
        "air:station-series", "api:openapi", "api:root",
        "cases:evidence", "cases:fires-import", "cases:hotline-form",
        "cases:hotline-import", "cases:ledger-import", "cases:new-about", "cases:new-map",
        "cases:new-sources", "cases:public-map",
        "documents:document", "documents:document-file", "documents:office-template",
        "documents:several",
        "taskforces:change", "taskforces:one",
        "core:healthz", "core:start", "places:stations-import", "places:territories-import",
        "sources:empty-form", "sources:import", "sources:map",
    }
)  # fmt: skip
SIGNED_OUT = frozenset({"accounts:sign-in", "accounts:forgot", "accounts:redeem"})
# Pages of one thing, which an empty store does not have.
OF_SOMETHING = frozenset(
    {
        "air:data-batch", "air:data-correct", "air:data-undo", "air:hours", "air:station",
        "audit:events-one", "cases:album", "cases:case", "cases:case-file", "cases:do",
        "documents:write", "duties:organisation", "duties:rule",
        "places:stations-one", "places:territory", "sources:change", "sources:source",
    }
)  # fmt: skip
NAMES = [
    row.name for row in ROWS
    if row.method == "GET" and row.name not in PIECES and not row.name.startswith("api:")
] + ["api:docs"]  # fmt: skip
VISITS = [
    (name, store) for name in NAMES for store in STORES
    if store == "full" or name not in OF_SOMETHING
]  # fmt: skip

# Two English words in a row are a sentence; names that pages show as they are given are not.
ENGLISH = re.compile(r"\b[A-Za-z]{2,}[,;:]? [a-z]{2,}\b|^[A-Z][a-z]{3,}$")
NAMES_OF_THINGS = re.compile(
    r"the public|`[^`]*`|\S*[\w-]+[/._]\S*"
)  # commands, files, settings, addresses
GIVEN = re.compile("simulated|English|WeChat|Android|Chrome|Linux|SQLite|Excel|Python|Django")


SPOIL = """() => {
  document.body.innerHTML = '<main>Not translated</main>';
  Object.assign(document.querySelector('main').style, {width: '2000px', fontSize: '9px'});
  document.title = '蓝天';
  document.documentElement.lang = '';
}"""


def path_of(name: str, server: Served) -> str:
    """Return the path of a page of a server."""
    return address(name, {**WORDS, "code": server.code})


def test_the_probes_find_what_is_wrong(visit: Open) -> None:
    seen = visit()
    seen.go("/system/")
    seen.page.evaluate(SPOIL)
    assert seen.probe("spills")[1:] == ["main.null"]
    assert len(seen.probe("tiny")) == 1
    assert english(seen.probe("texts")) == ["Not translated"]
    assert any("html-has-lang" in said for said in barriers(seen))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("name", "store"), VISITS, ids=[f"{n}-{s}" for n, s in VISITS])
def test_page(visit: Open, name: str, store: str, lang: str) -> None:
    role = None if name in SIGNED_OUT else opener(name)
    seen = visit(store, role, lang)
    assert seen.go(path_of(name, seen.server)) == 200
    wrong = faults(seen, store, lang)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("state", "action", "role"), FORMS, ids=[f"{s}-{a}" for s, a, _r in FORMS])
def test_form_of_a_case(visit: Open, state: str, action: str, role: str, lang: str) -> None:
    seen = visit("full", role, lang)
    code = f"2026-{SHOWN.index(state) + 1:04}"
    refused = (state, action) == ("closed", "open")
    assert seen.go(f"/cases/{code}/do/{action}/") == (403 if refused else 200)
    if refused:
        seen.said.clear()  # the browser says of every refusal that there was one
    wrong = faults(seen, "full", lang)
    assert not wrong, "\n".join(wrong)


def test_the_stage_a_case_is_at_is_in_sight_on_a_phone(visit: Open) -> None:
    seen = visit("full", "dispatcher", "en")
    seen.page.set_viewport_size({"width": 390, "height": 844})
    assert seen.go("/cases/2026-0001/") == 200
    here = seen.page.locator(".steps [aria-current=step]").bounding_box()
    assert here["x"] >= 0
    assert here["x"] + here["width"] <= 390


def faults(seen: Visit, store: str, lang: str) -> list[str]:
    """Return everything that is wrong with the page that is open."""
    wrong = [f"console {said}" for said in seen.said]
    wrong += [f"asks {url}" for url in seen.elsewhere()]
    for width in WIDTHS:
        seen.page.set_viewport_size({"width": width, "height": DESK["height"]})
        wrong += [f"{width} px: {spill}" for spill in seen.probe("spills")]
        wrong += [f"{width} px: small {text}" for text in seen.probe("tiny")]
    wrong += structure(seen, lang)
    if lang == "zh" and store == "full":
        seen.page.set_viewport_size(DESK)
        wrong += barriers(seen)
    if lang == "zh":
        wrong += [f"English: {text}" for text in english(seen.probe("texts"))]
    return wrong


def structure(seen: Visit, lang: str) -> list[str]:
    """Return what is wrong with the frame of a page."""
    said = []
    if seen.page.locator("h1").count() != 1:
        said.append(f"{seen.page.locator('h1').count()} h1")
    if not str(seen.page.evaluate("document.documentElement.lang")).startswith(lang):
        said.append("the language of the document")
    if seen.page.locator("main").count() != 1:
        said.append("no main")
    return said


def english(texts: list[str]) -> list[str]:
    """Return the texts that nobody translated."""
    plain = {text: NAMES_OF_THINGS.sub("", text) for text in texts}
    return [t[:60] for t, p in plain.items() if ENGLISH.search(p) and not GIVEN.search(p)][:6]


def barriers(seen: Visit) -> list[str]:
    """Return what axe holds for serious or critical: contrast, names, labels, roles."""
    need(AXE.is_file(), "axe-core (make frontend)")
    # Evaluated by the browser's own tool, which the page's policy does not bind.
    seen.page.evaluate(AXE.read_text("utf-8"))
    found = seen.page.evaluate("only => axe.run(document, {runOnly: only})", RULES)
    return [
        f"axe {v['id']}: {v['help']}: {[n['target'] for n in v['nodes'][:3]]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
