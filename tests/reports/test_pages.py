"""The HTML page and the PDF."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pypdfium2
import pytest

import lantian.evaluation as ev
from lantian import i18n, reports
from lantian.errors import DomainError
from tests.reports.world import GENERATED, hours, register

_VOID = {"meta", "link", "br", "hr", "img", "input"}


class Balance(HTMLParser):
    """Collects elements, attributes and anything that does not close where it should."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.attributes: set[str] = set()
        self.seen: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _value in attrs}
        self.ids += [v or "" for n, v in attrs if n == "id"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _value in attrs}

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="session")
def page(month: reports.ReportData) -> str:
    return reports.html(month)


def test_page_is_well_formed(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    assert parser.wrong == []
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))


def test_page_needs_nothing_and_runs_nothing(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    assert "style" not in parser.attributes
    assert not {"script", "link", "img", "iframe"} & parser.seen
    assert not {a for a in parser.attributes if a.startswith("on")}
    addresses = set(re.findall(r"https?://[^\"' )]+", page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "url(" not in page


def test_content_policy_allows_the_very_style_sheet(page: str) -> None:
    import base64  # noqa: PLC0415
    import hashlib  # noqa: PLC0415

    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert css is not None
    digest = base64.b64encode(hashlib.sha256(css.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


def test_every_chapter_is_there(page: str) -> None:
    for name in ("figures", "calendar", "ranking", "series", "wind", "diurnal", "editions",
                 "completeness", "method"):  # fmt: skip
        assert f'<section id="{name}"' in page
        assert f'href="#{name}"' in page


def test_insufficient_statistics_are_not_figures(page: str) -> None:
    assert "Not ranked: PM2.5" not in page  # set with a subscript
    assert re.search(r"Not ranked: PM<sub>2\.5</sub>.*CO: 20 valid days, 27 needed", page)
    assert 'class="unranked"' in page


def test_tables_name_their_rows_and_themselves(page: str) -> None:
    assert '<th scope="row" class="key ">Alpha</th>' in page
    ids = set(re.findall(r' id="([^"]+)"', page))
    named = re.findall(r'<div class="scroll" tabindex="0" role="region" aria-labelledby="([^"]+)">',
                       page)  # fmt: skip
    assert len(named) == page.count("<table") > 0
    assert set(named) <= ids
    assert not re.search(r'<th scope="col"[^>]*></th>', page)


def test_colours_come_with_words(page: str) -> None:
    for word in ("Excellent", "Good", "Light pollution", "Severe pollution", "no valid AQI"):
        assert word in page


def test_numbers_are_rounded_half_to_even() -> None:
    levels = {"pm25": 30.5, "pm10": 61.5, "so2": 10.0, "no2": 20.0, "co": 1.25, "o3": 100.0}
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31), levels=levels)
    data = reports.collect(frame, register({"a": "A"}), span=ev.span("2016-03"), network="N",
                           generated=GENERATED, edition="2012")  # fmt: skip
    text = reports.html(data)
    stats = re.findall(r"<dd><b>([^<]+)</b>", text)
    assert stats[3:7] == ["30", "62", "10", "20"]
    assert stats[7] == "1.2"


def test_names_cannot_inject_markup() -> None:
    evil = '<img src=x onerror=1>&"'
    frame = hours(["a", "b"], date(2016, 3, 1), date(2016, 3, 31))
    names = {"a": evil, "b": "#eval(1) $x$ \\ {{ 7*7 }}"}
    data = reports.collect(frame, register(names), span=ev.span("2016-03"), network=evil,
                           generated=GENERATED, edition="2012")  # fmt: skip
    text = reports.html(data)
    assert "<img" not in text
    assert "&lt;img src=x" in text
    assert "{{ 7*7 }}" in text
    parser = Balance()
    parser.feed(text)
    assert parser.wrong == []
    assert "#eval(1) $x$ \\" in _pdf_text(reports.pdf(data))[0] + "".join(
        _pdf_text(reports.pdf(data))
    )


def test_same_input_same_bytes(month: reports.ReportData, page: str) -> None:
    assert reports.html(month) == page
    assert reports.pdf(month) == reports.pdf(month)


def test_row_order_changes_nothing() -> None:
    frame = hours(["a", "b"], date(2016, 3, 1), date(2016, 3, 31), wind=True)

    def make(table: pl.DataFrame) -> str:
        return reports.html(
            reports.collect(table, register({"a": "A", "b": "B"}), span=ev.span("2016-03"),
                            network="N", generated=GENERATED, edition="2012")
        )  # fmt: skip

    assert make(frame) == make(frame.sample(fraction=1.0, shuffle=True, seed=7))


def _pdf_text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [p.get_textpage().get_text_bounded() for p in document]


def test_pdf_has_the_figures_and_the_warning_on_every_page(month: reports.ReportData) -> None:
    pages = _pdf_text(reports.pdf(month))
    assert len(pages) >= 3
    assert all("Simulated data" in p and "模拟数据" in p for p in pages)
    whole = "\n".join(pages)
    for word in ("Ranking", "Alpha", "Completeness", "How it was computed", "GB/T 8170"):
        assert word in whole
    assert f"Page 1 of {len(pages)}" in pages[0]


def test_pdf_embeds_its_font_only(month: reports.ReportData) -> None:
    content = reports.pdf(month)
    fonts = set(re.findall(rb"/FontName\s*/([A-Za-z0-9+-]+)", content))
    assert fonts
    assert all(b"NotoSansSC" in name for name in fonts)


def test_simulated_is_said_on_the_page(month: reports.ReportData, page: str) -> None:
    assert page.count("Simulated data 模拟数据") >= 4  # title, top, end, every printed page
    frame = hours(["a"], date(2016, 3, 1), date(2016, 3, 31))
    real = reports.collect(frame, register({"a": "A"}), span=ev.span("2016-03"), network="N",
                           generated=GENERATED, edition="2012")  # fmt: skip
    assert "imulated" not in reports.html(real)


def test_chinese(month: reports.ReportData) -> None:
    i18n.activate("zh")
    text = reports.html(month)
    assert '<html lang="zh-CN">' in text
    assert "轻度污染" in text
    assert "Light pollution" not in text


def test_almost_nothing_still_makes_a_report() -> None:
    frame = hours(["a", "b"], date(2016, 3, 2), date(2016, 3, 2)).filter(
        pl.col("time").dt.hour() < 3
    )
    data = reports.collect(frame, register({"a": "A", "b": "B", "q": "Quiet"}),
                           span=ev.span("2016-03-01..2016-03-07"), network="N",
                           generated=GENERATED, edition="2012")  # fmt: skip
    text = reports.html(data)
    assert "insufficient data" in text or "no valid value" in text
    assert data.completeness.silent == ("q",)
    assert "without a single value: Quiet" in text
    assert reports.pdf(data).startswith(b"%PDF")


def test_write_by_suffix(month: reports.ReportData, tmp_path: Path, page: str) -> None:
    assert reports.write(month, tmp_path / "r.html").read_text("utf-8") == page
    assert reports.write(month, tmp_path / "r.PDF").read_bytes().startswith(b"%PDF")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.PDF", "r.html"]


def test_write_refuses_what_it_cannot(month: reports.ReportData, tmp_path: Path) -> None:
    with pytest.raises(DomainError, match=r"\.html or \.pdf") as caught:
        reports.write(month, tmp_path / "r.docx")
    assert caught.value.code == "report.unknown_format"
    with pytest.raises(DomainError) as caught:
        reports.write(month, tmp_path / "absent" / "r.html")
    assert caught.value.code == "report.cannot_write"
    assert list(tmp_path.iterdir()) == []


def test_more_stations_than_are_drawn() -> None:
    names = {f"s{k:02d}": f"Station {k}" for k in range(20)}
    frame = hours(list(names), date(2016, 3, 1), date(2016, 3, 31))
    data = reports.collect(frame, register(names), span=ev.span("2016-03"), network="N",
                           generated=GENERATED, edition="2012")  # fmt: skip
    text = reports.html(data)
    assert "20 stations are too many to draw one by one" in text
    assert text.count(">tied ") == 20
