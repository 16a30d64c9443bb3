"""The ledger: table, files and back, several at once, kept filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fastexcel
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lantian.errors import DomainError
from lantian.web.air import uploads
from lantian.web.audit.models import Event
from lantian.web.audit.verify import verify
from lantian.web.cases import actions
from lantian.web.cases.asked import Asked
from lantian.web.cases.ledger import cells, streaming
from lantian.web.cases.models import Case, CaseEvent, SavedView
from lantian.web.cases.story import notes_of
from lantian.web.cases.table import TABLE
from lantian.web.places.models import Territory
from tests.web.cases.world import World

SignIn = Callable[..., Client]
BEFORE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def ledger(served: object, world: World) -> World:
    """Return a world with twenty cases, the last two being rectified, as the day before saw it."""
    world.now = BEFORE
    for n in range(18):
        world.take_in(title=f"裸地 {n}", found_at=BEFORE)
    for _n in range(2):
        world.until("rectifying")
    return world


def sheet(content: bytes, path: Path) -> list[list[str]]:
    """Return the rows of a workbook as texts."""
    path.write_bytes(content)
    frame = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
    return [[c or "" for c in row] for row in frame.rows()]


def downloaded(client: Client, tmp_path: Path, **query: str) -> list[list[str]]:
    answer = client.get("/cases/ledger/", {"format": "xlsx", **query})
    return sheet(b"".join(answer), tmp_path / "out.xlsx")


def sent(client: Client, rows: list[list[str]], tmp_path: Path) -> str:
    """Send rows as a workbook; return the address of what it would change."""
    book = xlsxwriter.Workbook(tmp_path / "in.xlsx", {"strings_to_formulas": False})
    page = book.add_worksheet("台账")
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            page.write_string(n, m, cell)
    book.close()
    file = SimpleUploadedFile("in.xlsx", (tmp_path / "in.xlsx").read_bytes())
    answer = client.post("/cases/ledger/import/", {"files": file})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def entered(client: Client, address: str) -> int:
    """Enter what the page shows; return the status."""
    text = client.get(address).content.decode()
    print_ = text.partition('name="expected" value="')[2].partition('"')[0]
    return client.post(address, {"expected": print_, "reason": "核对台账"}).status_code


def test_the_same_file_back_changes_nothing(ledger: World, sign_in: SignIn, tmp_path: Path) -> None:
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    assert len(rows) == 21
    text = client.get(sent(client, rows, tmp_path)).content.decode()
    assert "20" in text
    assert 'name="expected"' not in text


def test_ten_changed_rows_are_ten_changes_in_the_log(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    for n, row in enumerate(rows[3:13]):
        row[at["title"]] = f"更名 {n}"
        row[at["lon"]], row[at["lat"]] = "115.5", "37.25"
    rows[3][at["found_at"]] = "2026-11-21 08:30"
    rows[4][at["severity"]] = "重大"
    rows[5][at["source"]] = "S-000001"
    events = Event.objects.count()
    address = sent(client, rows, tmp_path)
    shown = client.get(address).content.decode()
    assert Event.objects.count() == events, "the dry run wrote"
    assert shown.count("→ <b>更名") == 10
    assert entered(client, address) == 302
    logged = Event.objects.filter(action="cases.corrected")
    assert logged.count() == 10
    assert Event.objects.count() - events == 10
    assert CaseEvent.objects.filter(action="correct").count() == 10
    assert verify().ok
    year, number = rows[3][at["code"]].split("-")
    case = Case.objects.get(year=int(year), number=int(number))
    assert (case.title, case.lon, case.lat) == ("更名 0", 115.5, 37.25)
    event = CaseEvent.objects.get(case=case, action="correct")
    assert event.data["fields"]["title"][1] == "更名 0"
    assert event.data["fields"]["position"] == [None, [115.5, 37.25]]
    assert event.reason == "核对台账"


def test_a_file_in_one_language_comes_back_in_the_other(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    case = ledger.until("rectifying")  # whose type and severity are fixed by now
    rows = downloaded(sign_in("dispatcher", lang="zh"), tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    row = next(r for r in rows if r[at["code"]] == case.code)
    row[at["title"]] = "更名"
    client = sign_in("dispatcher", lang="en")
    shown = client.get(address := sent(client, rows, tmp_path)).content.decode()
    assert "→ <b>更名" in shown
    assert entered(client, address) == 302
    event = CaseEvent.objects.get(action="correct")
    assert (event.case_id, list(event.data["fields"])) == (case.pk, ["title"])


def test_five_bad_rows_are_named_and_nothing_lands(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    bad = {4: ("title", ""), 5: ("lon", "abc"), 6: ("territory", "0"), 7: ("state", "已销号"),
           8: ("found_at", "昨天")}  # fmt: skip
    for line, (column, value) in bad.items():
        rows[line - 1][at[column]] = value
    rows[9][at["title"]] = "好的一行"
    address = sent(client, rows, tmp_path)
    text = client.get(address).content.decode()
    for line, (column, value) in bad.items():
        head = (
            f'<td>in.xlsx!台账</td><td class="num">{line}</td><td>{cells.COLUMNS[column].zh}</td>'
        )
        assert head in text, (line, column)
        assert f'<td class="cut">{value or "—"}</td>' in text
    assert client.post(address, {"expected": "", "reason": "x"}).status_code == 400
    assert not CaseEvent.objects.filter(action="correct").exists()


def test_a_row_that_moved_on_is_refused_and_named(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    moved, beside = Case.objects.filter(state="verifying").order_by("pk")[:2]
    for case in (moved, beside):
        ledger.do("open", case, ledger.doer("dispatcher"))
    for row in rows[1:]:
        if row[at["code"]] == moved.code:
            row[at["title"]] = "迟到的更正"
    text = client.get(sent(client, rows, tmp_path)).content.decode()
    assert moved.code in text
    assert beside.code not in text, "a row nobody touched is refused"
    assert "立案" in text
    assert 'name="expected"' not in text


def test_a_check_is_made_by_sending_and_shown_without_writing(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    rows[1][at["title"]] = "改过的标题"
    address = sent(client, rows, tmp_path)
    with CaptureQueriesContext(connection) as asked:
        text = client.get(address).content.decode()
    assert "改过的标题" in text
    written = [q["sql"] for q in asked if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert [q for q in written if "cases_" in q] == []
    assert not any(q["sql"].startswith("SAVEPOINT") for q in asked)


def test_what_was_checked_for_one_is_not_shown_to_another(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    rows = downloaded(sign_in("dispatcher", lang="zh"), tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].zh) for name in cells.COLUMNS}
    rows[1][at["title"]] = "改过的标题"
    address = sent(sign_in("dispatcher", lang="zh"), rows, tmp_path)
    other = sign_in("dispatcher", lang="zh")
    text = other.get(address).content.decode()
    assert "改过的标题" not in text
    assert 'name="check"' in text
    assert 'name="expected"' not in text
    assert other.post(address, {"check": "1"}).status_code == 302
    assert "改过的标题" in other.get(address).content.decode()


def test_cases_that_moved_on_after_the_check_are_checked_again(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in("dispatcher", lang="en")
    rows = downloaded(client, tmp_path)
    at = {name: rows[0].index(cells.COLUMNS[name].en) for name in cells.COLUMNS}
    case = Case.objects.filter(state="verifying").order_by("pk")[0]
    for row in rows[1:]:
        if row[at["code"]] == case.code:
            row[at["title"]] = "改过的标题"
    address = sent(client, rows, tmp_path)
    assert 'name="expected"' in client.get(address).content.decode()
    ledger.do("open", case, ledger.doer("dispatcher"))
    assert entered(client, address) >= 400
    text = client.get(address).content.decode()
    assert 'name="expected"' not in text, "the check of before is still shown"
    assert "Check it again" in text
    case.refresh_from_db()
    assert case.title != "改过的标题"


def test_a_file_that_cannot_be_read_is_not_kept(ledger: World, sign_in: SignIn) -> None:
    client = sign_in("dispatcher", lang="en")
    before = len(list(uploads._root().glob("*")))
    file = SimpleUploadedFile("in.xlsx", b"no workbook")
    answer = client.post("/cases/ledger/import/", {"files": file})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert len(list(uploads._root().glob("*"))) == before


def test_what_decides_whose_it_is_stands_still_once_dispatched(ledger: World) -> None:
    case = Case.objects.filter(state="rectifying").first()
    assert case is not None
    doer = ledger.doer("dispatcher", "outside")
    changes = {
        "source": ledger.source, "territory": ledger.elsewhere, "severity": "serious",
        "problem": "site_unpaved", "own_due": BEFORE,
    }  # fmt: skip
    for field, value in changes.items():
        with pytest.raises(DomainError) as error:
            actions.correct(
                case, doer, ledger.rules, seen=case.version, now=ledger.now, reason="改",
                changes={field: value},
            )  # fmt: skip
        assert error.value.code == "cases.fixed_by_now", field
    with pytest.raises(DomainError) as error:
        actions.correct(
            case, doer, ledger.rules, seen=case.version, now=ledger.now, reason="改",
            changes={"title": case.title},
        )  # fmt: skip
    assert error.value.code == "cases.nothing_changed"


def test_formulas_are_disarmed_and_come_back_as_they_were(
    ledger: World, sign_in: SignIn, tmp_path: Path
) -> None:
    case = ledger.take_in(title="=HYPERLINK(1)", found_at=BEFORE)
    client = sign_in("dispatcher", lang="zh")
    rows = downloaded(client, tmp_path)
    assert rows[1][2] == "'=HYPERLINK(1)"
    text = client.get(sent(client, rows, tmp_path)).content.decode()
    assert case.code not in text
    csv = b"".join(client.get("/cases/ledger/?format=csv")).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in csv
    assert "版本" not in csv.splitlines()[0]


def test_rows_are_sent_while_they_are_made() -> None:
    made = 0

    def rows() -> object:
        nonlocal made
        for _n in range(5000):
            made += 1
            yield ["x"]

    parts = streaming.xlsx([cells.COLUMNS["title"]], rows(), "x")  # type: ignore[arg-type]
    next(parts)
    assert made < 1000


def test_each_case_is_done_by_itself(ledger: World, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    one, two = Case.objects.filter(state="verifying")[:2]
    other = Case.objects.filter(state="rectifying").first()
    assert other is not None
    codes = [one.code, two.code, other.code]
    shown = client.get("/cases/ledger/several/", {"do": "open", "case": codes}).content.decode()
    assert "Possible for 2 of 3" in shown
    ledger.do("comment", one, ledger.doer("dispatcher"))
    seen = [f"{c.code}:{c.version}" for c in (one, two, other)]
    missing = client.post("/cases/ledger/several/", {"do": "open", "case": seen})
    assert missing.status_code == 400
    told = client.post(
        "/cases/ledger/several/", {"do": "open", "case": seen, "condition": "1"}
    ).content.decode()  # fmt: skip
    assert "Done for 2, refused for 1" in told
    assert Case.objects.filter(state="opened").count() == 2
    again = client.post(
        "/cases/ledger/several/", {"do": "open", "case": seen, "condition": "1"}
    ).content.decode()  # fmt: skip
    assert "Done for 0, refused for 3" in again
    assert client.get("/cases/ledger/several/", {"do": "close", "case": codes}).status_code == 400


def test_nothing_is_done_in_bulk_that_needs_evidence_or_judgement() -> None:
    several = {a.code for a in TABLE.actions.values() if a.bulk}
    assert several == {"open", "decline", "merge", "dispatch", "withdraw", "comment"}


def test_filters_are_kept_shared_and_deleted(ledger: World, sign_in: SignIn) -> None:
    client, other = sign_in("dispatcher"), sign_in("dispatcher")
    kept = {"name": "逾期", "query": "colour=red&col=state"}
    answer = client.post("/cases/ledger/filters/", kept)
    assert answer["Location"].endswith("?colour=red&col=state")
    view = SavedView.objects.get()
    assert "逾期" in client.get("/cases/ledger/").content.decode()
    assert "逾期" not in other.get("/cases/ledger/").content.decode()
    taken = other.post("/cases/ledger/filters/", {"do": "delete", "view": view.pk})
    assert taken.status_code == 404
    unit = ledger.units["outside"].pk
    refused = client.post(
        "/cases/ledger/filters/", {"do": "change", "view": view.pk, "name": "a", "unit": unit}
    )  # fmt: skip
    assert refused.status_code == 400
    view.owner.appointments.update(organisation=ledger.units["outside"])
    shared = {"do": "change", "view": view.pk, "name": "红", "unit": unit}
    client.post("/cases/ledger/filters/", shared)
    view.refresh_from_db()
    assert (view.name, view.organisation_id) == ("红", unit)
    client.post("/cases/ledger/filters/", {"do": "delete", "view": view.pk})
    assert not SavedView.objects.exists()


def test_the_page_sorts_filters_and_keeps_its_budget(
    ledger: World, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = sign_in("dispatcher")
    client.get("/cases/ledger/")
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        text = client.get("/cases/ledger/", {"q": "裸地", "sort": "due"}).content.decode()
    assert text.count("data-opens-case") == 18
    assert 'aria-sort="ascending"' in text
    few = client.get("/cases/ledger/", {"state": "rectifying", "col": ["place"]}).content.decode()
    assert few.count("data-opens-case") == 2
    assert 'data-label="Clock"' not in few


def test_grid_members_see_theirs_and_do_nothing_in_bulk(ledger: World, sign_in: SignIn) -> None:
    client = sign_in("grid_member", ledger.elsewhere)
    text = client.get("/cases/ledger/").content.decode()
    assert "data-opens-case" not in text
    assert client.get("/cases/ledger/several/?do=open&case=2026-0001").status_code == 403


def test_an_empty_ledger_says_what_to_do(empty: object, db: None, sign_in: SignIn) -> None:
    text = sign_in("grid_member").get("/cases/ledger/").content.decode()
    assert "/cases/new/" in text


def test_a_correction_keeps_what_stood_there(ledger: World) -> None:
    case = ledger.take_in(title="甲", found_at=BEFORE)
    later = ledger.now + timedelta(minutes=1)
    actions.correct(
        case, ledger.doer("dispatcher"), ledger.rules, seen=case.version, now=later, reason="错字",
        changes={"title": " 乙 ", "place": ""},
    )  # fmt: skip
    event = CaseEvent.objects.get(case=case, action="correct")
    assert event.data == {"fields": {"title": ["甲", "乙"]}}
    assert (event.before, event.after) == ("verifying", "verifying")


def test_a_search_finds_words_sources_and_numbers(ledger: World) -> None:
    case = ledger.take_in(title="Coal Yard 煤堆", place="东门", found_at=BEFORE)

    def found(text: str) -> list[str]:
        keys = Asked(q=text, sort="code").keys(Case.objects.all(), BEFORE)
        return [c.code for c in Case.objects.filter(pk__in=keys)]

    assert found("coal YARD") == found("煤堆") == found("东门") == found(case.code) == [case.code]
    assert found("100%") == found("煤_") == []  # signs of the pattern mean themselves
    later = ledger.now + timedelta(minutes=1)
    actions.correct(
        case, ledger.doer("dispatcher"), ledger.rules, seen=case.version, now=later, reason="错字",
        changes={"title": "灰堆"},
    )  # fmt: skip
    assert found("煤堆") == []
    assert found("灰堆") == [case.code]


@pytest.mark.parametrize("sort", ["territory", "-lead", "state", "due", ""])
def test_keys_are_in_the_order_of_the_whole_list(ledger: World, sort: str) -> None:
    asked = Asked(sort=sort)
    whole = [c.pk for c in asked.apply(Case.objects.all(), BEFORE)]
    assert list(asked.keys(Case.objects.all(), BEFORE)) == whole


def test_what_a_correction_changes_is_told_in_words(ledger: World) -> None:
    case = ledger.take_in(title="甲", found_at=BEFORE)
    to = "serious" if case.severity == "general" else "general"
    other = next(t for t in Territory.objects.all() if t != case.territory)
    later = ledger.now + timedelta(minutes=1)
    actions.correct(
        case, ledger.doer("dispatcher"), ledger.rules, seen=case.version, now=later, reason="错",
        changes={"severity": to, "territory": other, "place": "东" * 90},
    )  # fmt: skip
    told = "\n".join(notes_of(CaseEvent.objects.get(case=case, action="correct")))
    assert f"→ {cells.severity_title(to)}" in told
    assert f"→ {other.name} ({other.code})" in told
    assert f"— → {'东' * 60}…" in told


def test_the_search_of_the_house_finds_what_the_ledger_finds(
    ledger: World, sign_in: SignIn
) -> None:
    case = ledger.take_in(title="渣土车遗撒", place="滨河路 18 号", description="夜间无人保洁")
    client = sign_in("dispatcher")
    for text in ("遗撒", "滨河路 18", "无人保洁", case.code):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("core:search"), {"q": text}).content.decode()
        assert f"/cases/{case.code}/" in page, text
        assert not any('"cases_case"."title" LIKE' in q["sql"] for q in asked), text
    other = sign_in("town_officer", ledger.elsewhere)
    assert (
        f"/cases/{case.code}/"
        not in other.get(reverse("core:search"), {"q": "遗撒"}).content.decode()
    )
