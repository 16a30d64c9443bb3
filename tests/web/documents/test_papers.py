"""Every kind as PDF, read as a picture, and as DOCX: long names, three pages, odd characters."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pypdfium2
import pytest
from django.conf import settings

from lantian.errors import InvalidArgumentError
from lantian.home.layout import Home
from lantian.i18n import speaking
from lantian.web.cases.models import Case
from lantian.web.core.clock import now
from lantian.web.documents import actions, content, word
from lantian.web.documents.kinds import kind_of, kinds
from lantian.web.documents.paper import Paper
from lantian.web.documents.setting import typeset
from lantian.web.documents.shipped_template import shipped
from tests.web.cases.world import World
from tests.web.documents.conftest import TEXTS, ready

MADE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LONG_NAME = "示范县城关镇第二工业集聚区蓝天新型环保建筑材料循环经济开发有限责任公司第一分公司搅拌站"
LONG_WORD = "https://example.org/" + "a1b2c3d4" * 30
DPI = 110
PAGE = "{page}/{pages}"


def drafted(world: World, kind: str, **others: object) -> content.Draft:
    case, doer = ready(world, kind, **others)
    return actions.drafted(
        kind_of(kind), case, doer, TEXTS, url=f"https://example.org/cases/{case.code}/", now=now()
    )


def paper(world: World, kind: str, **others: object) -> Paper:
    by = actions.of_home()
    draft = drafted(world, kind, **others)
    return content.paper_of(draft, by, "攻坚交办〔2026〕12号", MADE.date(), "")


def shown(pdf: bytes) -> tuple[list[str], list[tuple[float, float, float, float]]]:
    """Return the text of each page, and where on it something is drawn, as shares of the page."""
    pages = pypdfium2.PdfDocument(pdf)
    texts, inked = [], []
    for page in pages:
        texts.append(page.get_textpage().get_text_bounded())
        picture = page.render(scale=DPI / 72).to_pil().convert("L")
        left, top, right, bottom = picture.point(lambda v: 255 * (v < 200)).getbbox()
        width, height = picture.size
        inked.append((left / width, top / height, right / width, bottom / height))
    return texts, inked


def plain(texts: list[str]) -> str:
    return "".join("".join(texts).split()).replace("\u200b", "")


@pytest.mark.parametrize("kind", list(kinds()))
def test_long_names_and_three_pages_stay_on_the_paper(world: World, kind: str) -> None:
    world.source.name = LONG_NAME[:40]
    world.source.save()
    description = "\n".join(f"第{n}处：" + "现场裸露土方未覆盖，" * 24 for n in range(1, 13))
    made = paper(world, kind, source=world.source, description=f"{description}\n{LONG_WORD}")
    if kind == "rectification_reply":  # what is long there is what the unit writes
        long = replace(made.sections[0], paragraphs=tuple(description.split("\n")))
        made = replace(made, sections=(long, *made.sections[1:]))
    texts, inked = shown(typeset([made], MADE, page=PAGE))
    assert len(texts) >= 3
    for left, top, right, bottom in inked:
        assert left > 0.10, "text left of the margin"
        assert right < 0.90, "text right of the margin"
        assert top > 0.05
        assert bottom < 0.97
    said = plain(texts)
    assert LONG_NAME[:40] in said
    assert "第1处" in said
    assert "第12处" in said
    assert f"1/{len(texts)}" in texts[0]
    assert f"{len(texts)}/{len(texts)}" in texts[-1]
    for box in kind_of(kind).boxes:
        with speaking("zh"):
            assert plain([kind_of(kind).boxes[0]]) in said, box


def test_markup_is_text(world: World) -> None:
    title = '#image("/etc/passwd") <b>&amp; {{ x }} $ * _ `'
    made = paper(world, "assignment_order", title=title)
    texts, _inked = shown(typeset([made], MADE, page=PAGE))
    assert plain([title]) in plain(texts)
    text = read(word.rendered(made, shipped()))
    assert title in text


def test_several_count_their_own_pages(world: World) -> None:
    made = paper(world, "assignment_order")
    two = replace(made, number="攻坚交办〔2026〕13号")
    texts, _inked = shown(typeset([made, two], MADE, page=PAGE))
    assert len(texts) == 2
    for text, number in zip(texts, ("12号", "13号"), strict=True):
        assert "1/1" in text
        assert number in plain([text])


def test_in_english(world: World) -> None:
    by = replace(actions.of_home(), language="en")
    made = content.paper_of(drafted(world, "notice_of_talk"), by, "T-2026-1", MADE.date(), "")
    texts, _inked = shown(typeset([made], MADE, page=PAGE))
    for said in ("Notice of formal talk", "To be answered by", "2026-11-24", "Issued by"):
        assert said in " ".join(" ".join(texts).split()), said
    case = Case.objects.latest("pk")
    assert case.lead.name in " ".join(texts)


# -- DOCX


def read(data: bytes) -> str:
    file = docx.Document(io.BytesIO(data))
    cells = [c.text for t in file.tables for r in t.rows for c in r.cells]
    return "\n".join([p.text for p in file.paragraphs] + cells)


@pytest.mark.parametrize("kind", list(kinds()))
def test_docx_says_what_the_pdf_says(world: World, kind: str) -> None:
    made = paper(world, kind, source=world.source, description="东侧裸土。\n西侧裸土。")
    text = read(word.rendered(made, shipped()))
    for said in (made.number, made.title, made.letterhead, made.signed, made.day, *made.boxes,
                 *made.opening, *made.closing):  # fmt: skip
        assert said in text, said
    for field in made.fields:
        assert field.label in text
        assert field.value in text
    for section in made.sections:
        assert all(p in text for p in section.paragraphs)
    for row in made.table.rows:
        assert all(cell in text for cell in row)
    assert "{" not in text


def edited(old: str, new: str) -> bytes:
    """Return the shipped template with something else in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(shipped())) as given, zipfile.ZipFile(out, "w") as made:
        for name in given.namelist():
            data = given.read(name)
            if name == "word/document.xml":
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode())
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{ title }}", "{{ titel }}", "titel"),
        ("{{ f.value }}", "{{ f.valeu }}", "valeu"),
        ("{{ number }}", "", "number"),
        ("{{ title }}", "{{ title.__class__.__mro__ }}", "unsafe"),
        ("{{ title }}", "{% if title %}", "end"),
    ],
)
def test_a_bad_template_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidArgumentError, match=said):
        word.check(edited(old, new), kind_of("assignment_order"))


def test_files_that_are_no_template_are_refused() -> None:
    kind = kind_of("assignment_order")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("word/document.xml", b"0" * 30_000_000)
    macro = io.BytesIO(shipped())
    with zipfile.ZipFile(macro, "a") as made:
        made.writestr("word/vbaProject.bin", b"x")
    for data in (b"", b"%PDF-1.7", b"P" * 3_000_000, bomb.getvalue(), macro.getvalue()):
        with pytest.raises(InvalidArgumentError) as caught:
            word.check(data, kind)
        assert caught.value.code == "documents.bad_template"


def test_the_office_puts_in_its_own_template(world: World) -> None:
    home: Home = settings.HOME
    kind = kind_of("assignment_order")
    assert word.template_of(home, kind) == shipped()
    word.replace(home, kind, edited("{{ title }}", "特急 {{ title }}"))
    assert word.is_own(home, kind)
    made = paper(world, "assignment_order")
    assert f"特急 {made.title}" in read(word.rendered(made, word.template_of(home, kind)))
    word.restore(home, kind)
    assert word.template_of(home, kind) == shipped()
