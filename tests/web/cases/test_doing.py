"""Everything one does on a case, done once through its form by who may, and refused to others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from lantian.home.layout import Home
from lantian.web.accounts.models import Appointment
from lantian.web.audit.models import Event
from lantian.web.cases.actions import Complainant, Doer
from lantian.web.cases.doing.people import seers
from lantian.web.cases.models import Case, Comment
from lantian.web.cases.reach import reach_of
from lantian.web.cases.table import TABLE
from lantian.web.cases.views import acting
from lantian.web.evidence.models import File
from lantian.web.sources.models import Source
from tests.web.cases.world import World
from tests.web.conftest import serve
from tests.web.evidence.files import picture, sent
from tests.web.world import CLOCK, NOW

Signed = Callable[[Doer], Client]


@pytest.fixture
def loop(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Serve a home of which everybody is let in with a password, by the rules of the world."""
    serve(
        monkeypatch, Home.init(tmp_path / "home", name="天县", clock=CLOCK, simulated=True)
    )  # fmt: skip
    monkeypatch.setattr(acting, "rules", lambda: world.rules)
    world.now = NOW - timedelta(days=3)
    return world


@pytest.fixture
def signed(loop: World) -> Signed:
    """Return a maker of clients signed in as somebody of the world."""

    def client_of(doer: Doer, lang: str = "en") -> Client:
        client = Client()
        client.force_login(doer.user, settings.AUTHENTICATION_BACKENDS[-1])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = lang
        return client

    return client_of


def address(case: Case, action: str) -> str:
    return reverse("cases:do", args=[case.code, action])


def send(client: Client, case: Case, action: str, **data: Any) -> Any:
    """Send the form of an action as it was seen now."""
    return client.post(address(case, action), {"seen": case.version, **data})


def photos(*kinds: str, each: int = 1) -> dict[str, list[Any]]:
    """Return different pictures of each kind."""
    return {
        f"evidence_{kind}": [sent(picture(seed=10 * n + m)) for m in range(each)]
        for n, kind in enumerate(kinds, start=1)
    }


WHY = {"reason": "有原因"}
LATER = (NOW + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
OFFICE = ("dispatcher", "outside")
LEADER = ("leader", "outside")
TOWN = ("town_officer", "lead")
EYES = ("inspector", "outside")
# action: (state before, who, what is filled in, state after, somebody who may not)
DONE: dict[str, tuple[str, tuple[str, str], dict[str, Any], str, tuple[str, str]]] = {
    "verify": ("verifying", EYES, {**WHY, "confirmed": "yes"}, "verifying", OFFICE),
    "open": ("verifying", OFFICE, {"condition": "on", "problem": "site_uncovered",
             "severity": "general"}, "opened", LEADER),
    "decline": ("verifying", OFFICE, {**WHY, "outcome": "unfounded", "sure": "on"}, "declined",
                EYES),
    "merge": ("opened", OFFICE, {**WHY, "sure": "on"}, "merged", LEADER),
    "dispatch": ("opened", OFFICE, {}, "dispatched", LEADER),
    "withdraw": ("dispatched", LEADER, WHY, "opened", OFFICE),
    "accept": ("dispatched", TOWN, {}, "rectifying", ("town_officer", "other")),
    "return": ("dispatched", TOWN, WHY, "returned", ("department_officer", "supporting")),
    "uphold": ("returned", OFFICE, WHY, "dispatched", ("dispatcher", "lead")),
    "reassign": ("returned", LEADER, WHY, "dispatched", ("leader", "lead")),
    "report": ("rectifying", ("department_officer", "supporting"), WHY, "rectifying", OFFICE),
    "finish": ("rectifying", TOWN, {}, "reinspecting", ("town_officer", "other")),
    "ask_extension": ("rectifying", TOWN, {**WHY, "until": LATER}, "rectifying", OFFICE),
    "grant_extension": ("rectifying", OFFICE, {}, "rectifying", TOWN),
    "refuse_extension": ("rectifying", OFFICE, WHY, "rectifying", TOWN),
    "suspend": ("rectifying", LEADER, {**WHY, "review_on": LATER[:10]}, "suspended", OFFICE),
    "resume": ("suspended", OFFICE, WHY, "rectifying", TOWN),
    "pass": ("reinspecting", EYES, {}, "closing", ("inspector", "lead")),
    "fail": ("reinspecting", EYES, WHY, "rectifying", ("inspector", "lead")),
    "sign": ("closing", LEADER, {"condition": "on"}, "closing", EYES),
    "close": ("closing", OFFICE, {"condition": "on", "outcome": "rectified", "sure": "on"},
              "closed", ("dispatcher", "lead")),
    "refuse_close": ("closing", OFFICE, WHY, "reinspecting", EYES),
    "void": ("opened", LEADER, {**WHY, "outcome": "entered_in_error", "sure": "on"}, "void",
             OFFICE),
    "look_back": ("closed", EYES, {}, "closed", OFFICE),
    "relapse": ("closed", EYES, WHY, "rectifying", TOWN),
    "sweep": ("opened", EYES, {}, "opened", TOWN),
    "correct": ("opened", OFFICE, {**WHY, "place": "东门"}, "opened", EYES),
    "comment": ("opened", EYES, WHY, "opened", ("auditor", "outside")),
}  # fmt: skip


def test_every_action_has_its_form() -> None:
    assert set(DONE) == set(TABLE.actions) - {"take_in"}


def filled(world: World, case: Case, action: str, page: str) -> dict[str, Any]:
    """Return what is filled in, files and units of this world included."""
    data = dict(DONE[action][2])
    if action in ("return", "reassign"):
        data["owner"] = world.units["other"].pk
    if action == "merge":
        data["target_code"] = world.take_in(title="并入此案").code
    if action == "sweep":
        data["sources"] = Source.objects.exclude(pk=case.source_id).get().number
    if action == "correct":  # what else the form holds comes back as it stands there
        said = dict(re.findall(r'name="(title|found_at|lon|lat)"[^>]*? value="([^"]*)"', page))
        data = {"territory": case.territory.code, "problem": case.problem,
                "severity": case.severity, "source": case.source.number,
                **said, **data}  # fmt: skip
    if action in ("verify", "finish", "pass", "fail", "look_back", "relapse"):
        kinds = {"verify": ("photo_before",), "finish": ("photo_before", "photo_after")}
        data |= photos(*kinds.get(action, ("photo_check",)), each=3)
    return data


@pytest.mark.parametrize("action", sorted(DONE))
def test_it_is_done_by_who_may_and_refused_to_others(
    loop: World, signed: Signed, action: str
) -> None:
    state, who, _data, after, wrong = DONE[action]
    serious = {"severity": "serious"} if action == "sign" else {}
    case = loop.until(state, source=loop.source, **serious)
    if action == "sweep":
        Source.objects.create(
            number="S-000002", kind="construction_site", name="南苑工地", territory=loop.elsewhere,
            sector="construction", made_at=NOW, changed_at=NOW,
        )  # fmt: skip
    if action in ("grant_extension", "refuse_extension"):
        loop.do("ask_extension", case, loop.doer(*TOWN, n=9), until=NOW + timedelta(days=20))
    other = signed(loop.doer(*wrong, n=1))
    refused = [other.get(address(case, action)), send(other, case, action, **WHY)]
    assert {r.status_code for r in refused} <= {403, 404}, action
    case.refresh_from_db()
    assert case.state == state

    client = signed(loop.doer(*who))
    shown = client.get(address(case, action))
    assert shown.status_code == 200, shown.content.decode()
    data = filled(loop, case, action, shown.content.decode())
    answer = send(client, case, action, **data)
    assert answer.status_code == 302, re.findall(
        r'(?s)class="(?:wrong|banner error)"[^>]*>(.{0,300})', answer.content.decode()
    )
    assert answer["Location"] == reverse("cases:case", args=[case.code])
    case.refresh_from_db()
    assert case.state == after
    if action == "comment":
        assert Comment.objects.get().text == "有原因"
    else:
        event = case.events.get(number=case.version)
        assert (event.action, event.actor) == (action, loop.doer(*who).user)
        assert event.data.get("evidence", []) == [] or File.objects.filter(
            sha256__in=[e["digest"] for e in event.data["evidence"]]
        ).count() == len(event.data["evidence"])
        assert Event.objects.get(pk=event.audit).address == "127.0.0.1"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_files_stay_when_the_form_comes_back(loop: World, signed: Signed, lang: str) -> None:
    case = loop.until("rectifying")
    client = signed(loop.doer(*TOWN), lang)
    page = send(client, case, "finish", reason="已覆盖", note_photo_after="东侧",
                **photos("photo_after"))  # fmt: skip
    text = page.content.decode()
    assert page.status_code == 400
    assert "已覆盖" in text
    assert 'value="东侧"' in text
    (token,) = re.findall(r'name="kept" value="([^"]+)"', text)
    (thumb,) = re.findall(r'<img src="([^"]+)"', text)
    assert client.get(thumb.replace("&amp;", "&"))["Content-Type"] == "image/jpeg"
    other = signed(loop.doer("town_officer", "lead", n=5))
    assert other.get(thumb.replace("&amp;", "&")).status_code == 404
    stolen = send(other, case, "finish", kept=token, **photos("photo_before"))
    assert stolen.status_code == 400  # what somebody else sent does not count
    more = send(client, case, "finish", kept=token, more="1", **photos("photo_before"))
    tokens = re.findall(r'name="kept" value="([^"]+)"', more.content.decode())
    assert more.status_code == 200
    assert len(tokens) == 2
    dropped = send(client, case, "finish", kept=tokens, drop=tokens[1])
    assert len(re.findall(r'name="kept"', dropped.content.decode())) == 1
    case.refresh_from_db()
    assert case.state == "rectifying"
    need = dict(loop.rules.problem(case.problem, case.catalogue).evidence["finish"])
    extra = photos("photo_after", "photo_before", each=max(need.values()) + 1)
    answer = send(client, case, "finish", kept=tokens, note_photo_after="东侧", **extra)
    assert answer.status_code == 302
    given = case.events.get(action="finish").data["evidence"]
    assert "东侧" in {e["note"] for e in given if e["kind"] == "photo_after"}


def test_an_attack_lands_nothing_and_is_named(loop: World, signed: Signed) -> None:
    case = loop.until("verifying")
    client = signed(loop.doer(*EYES))
    svg = sent(b"<svg><script>alert(1)</script></svg>", "<b>x</b>.jpg")
    page = send(client, case, "verify", confirmed="yes", **WHY, evidence_photo_before=svg)
    text = page.content.decode()
    assert page.status_code == 400
    assert "no JPEG, PNG or WebP picture" in text
    assert "<b>x</b>" not in text
    assert not File.objects.exists()
    assert Case.objects.get(pk=case.pk).version == case.version


def test_two_people_at_once_are_told_and_may_look_again(loop: World, signed: Signed) -> None:
    case = loop.until("dispatched")
    first, second = (signed(loop.doer("town_officer", "lead", n=n)) for n in (1, 2))
    assert send(first, case, "accept").status_code == 302
    late = send(second, case, "return", reason="不归我们管", owner=loop.units["other"].pk)
    text = late.content.decode()
    assert late.status_code == 403
    assert loop.doer("town_officer", "lead", n=1).user.name in text
    assert "不归我们管" in text
    seen = case.version
    case.refresh_from_db()
    assert case.state == "rectifying"
    # where it is still possible the form comes back with the newest version
    page = first.post(address(case, "report"), {"seen": seen, "reason": "进展一"})
    text = page.content.decode()
    assert page.status_code == 400
    assert "进展一" in text
    assert f'name="seen" value="{case.version}"' in text
    assert send(first, case, "report", reason="进展一").status_code == 302


def test_a_dispatch_says_to_whom_and_why_before(
    loop: World, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = loop.until("opened")
    client = signed(loop.doer(*OFFICE))
    text = client.get(address(case, "dispatch")).content.decode()
    assert "丙镇人民政府" in text
    assert "by territory" in text
    monkeypatch.undo()
    serve(monkeypatch, settings.HOME)


def test_a_gap_of_the_matrix_is_shown_with_the_way_there(
    loop: World, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lantian.web.cases.standing_rules import rules  # noqa: PLC0415 - that of the home

    monkeypatch.setattr(acting, "rules", rules)
    case = loop.until("opened")
    text = signed(loop.doer(*OFFICE)).get(address(case, "dispatch")).content.decode()
    assert "No rule of the responsibility matrix holds" in text
    assert reverse("duties:gaps") in text
    assert re.search(r'name="do"[^>]* disabled', text)


def test_what_ends_a_case_is_confirmed(loop: World, signed: Signed) -> None:
    case = loop.until("closing")
    client = signed(loop.doer(*OFFICE))
    page = client.get(address(case, "close")).content.decode()
    assert loop.rules.problem(case.problem, case.catalogue).closing_en in page
    for given in ({"condition": "on"}, {"sure": "on"}, {}):
        assert send(client, case, "close", outcome="rectified", **given).status_code == 400
    case.refresh_from_db()
    assert case.state == "closing"


def test_one_chooses_the_post_when_several_fit(loop: World, signed: Signed) -> None:
    doer = loop.doer("grid_member")
    Appointment.objects.create(user=doer.user, role="inspector",
                               organisation=loop.units["outside"],
                               valid_from=NOW.date())  # fmt: skip
    case = loop.until("verifying")
    client = signed(doer)
    text = client.get(address(case, "verify")).content.decode()
    posts = re.findall(r'name="post" value="(\d+)"', text)
    assert len(posts) == 2
    data = {**WHY, "confirmed": "no", **photos("photo_before", each=3)}
    assert send(client, case, "verify", **data).status_code == 400
    data = {**WHY, "confirmed": "no", **photos("photo_before", each=3)}
    assert send(client, case, "verify", post=posts[1], **data).status_code == 302
    event = case.events.get(action="verify")
    assert (event.post, event.role) == (int(posts[1]), "inspector")


def test_only_those_who_see_the_case_are_mentioned(loop: World, signed: Signed) -> None:
    case = loop.until("opened")
    outside, firm = loop.doer("leader", "outside", 3), loop.doer("enterprise_officer", "enterprise")
    page = signed(loop.doer(*OFFICE)).get(address(case, "comment")).content.decode()
    offered = {int(n) for n in re.findall(r'name="mentions" value="(\d+)"', page)}
    assert outside.user.pk in offered
    assert firm.user.pk not in offered
    client = signed(loop.doer(*OFFICE))
    wrong = send(client, case, "comment", reason="看", mentions=[firm.user.pk])
    assert wrong.status_code == 400
    assert send(client, case, "comment", reason="看", mentions=[outside.user.pk]).status_code == 302
    assert [u.pk for u in Comment.objects.get().mentions.all()] == [outside.user.pk]


def test_who_sees_a_case_is_judged_alike_from_both_sides(loop: World) -> None:
    people = [
        loop.doer(role, unit) for role in ("dispatcher", "town_officer", "department_officer",
                                           "enterprise_officer", "auditor", "grid_member")
        for unit in ("lead", "supporting", "outside", "other")
    ]  # fmt: skip
    Appointment.objects.filter(role="town_officer", organisation=loop.units["other"]).update(
        territory=loop.elsewhere
    )
    Appointment.objects.filter(role="grid_member").update(territory=loop.town)
    Appointment.objects.filter(
        role="department_officer", organisation=loop.units["other"]
    ).update(sector="construction")  # fmt: skip
    for state in ("verifying", "opened", "rectifying", "closed"):
        case = loop.until(state)
        told = {u.pk for u, _role in seers(case, NOW.date())}
        for doer in people:
            post = list(Appointment.objects.filter(user=doer.user))
            assert (doer.user.pk in told) == reach_of(post).cases().filter(pk=case.pk).exists()


def test_who_complained_is_told_to_few_and_logged(loop: World, signed: Signed) -> None:
    case = loop.take_in(complainant=Complainant(name="王某", phone="13900000000"))
    address_ = reverse("cases:reporter", args=[case.code])
    assert signed(loop.doer(*EYES)).post(address_).status_code == 404
    client = signed(loop.doer(*OFFICE))
    assert client.get(address_).status_code == 405
    assert "王某" in client.post(address_).content.decode()
    logged = Event.objects.get(action="cases.reporter_read")
    assert logged.actor_id == loop.doer(*OFFICE).user.pk


def test_evidence_is_served_to_who_sees_the_case_and_harmless(loop: World, signed: Signed) -> None:
    case = loop.until("verifying")
    eyes = signed(loop.doer(*EYES))
    data = {**WHY, "confirmed": "yes", **photos("photo_before", each=3)}
    assert send(eyes, case, "verify", **data).status_code == 302
    digest = case.events.get(action="verify").data["evidence"][0]["digest"]
    url = reverse("cases:evidence", args=[case.code, digest])
    answer = eyes.get(url)
    assert answer.content == picture(seed=10)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert "no-cache" in answer["Cache-Control"]
    assert eyes.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert eyes.get(f"{url}?size=thumb")["Content-Type"] == "image/jpeg"
    firm = signed(loop.doer("enterprise_officer", "enterprise"))
    assert firm.get(url).status_code == 404
    other = loop.take_in()
    assert eyes.get(reverse("cases:evidence", args=[other.code, digest])).status_code == 404
    page = eyes.get(reverse("cases:album", args=[case.code])).content.decode()
    assert digest in page
    assert "640 × 480" in page
    assert (
        "No action has brought evidence"
        in eyes.get(reverse("cases:album", args=[other.code])).content.decode()
    )


@pytest.mark.parametrize("action", ["finish", "dispatch", "comment", "close"])
def test_a_form_stays_within_its_queries(
    loop: World, signed: Signed, action: str, django_assert_max_num_queries: Any
) -> None:
    state, who, *_rest = DONE[action]
    case = loop.until(state)
    client = signed(loop.doer(*who))
    client.get(address(case, action))
    with django_assert_max_num_queries(25):
        assert client.get(address(case, action)).status_code == 200


def test_no_way_back_or_out_is_the_usual_course() -> None:
    main = {a.code for a in TABLE.actions.values() if a.main}
    assert main >= {"open", "dispatch", "accept", "finish", "pass", "close"}
    assert main.isdisjoint({
        "sweep", "relapse", "void", "correct", "return", "suspend", "decline", "merge", "withdraw",
        "fail", "refuse_close", "uphold", "reassign",
    })  # fmt: skip


def test_the_blue_button_takes_a_case_on(loop: World, signed: Signed) -> None:
    for state, title in (("closing", "Close"), ("reinspecting", None), ("closed", None)):
        page = signed(loop.doer(*OFFICE)).get(f"/cases/{loop.until(state).code}/").content.decode()
        card = page[page.index('id="do"') :]
        blue = re.findall(r'class="btn primary[^"]*"[^>]*>([^<]+)<', card)
        assert blue == ([title] if title else []), state
