"""Whether a page is in one language: no English word on a Chinese page, no Chinese on an English.

What pages show of the people's own (names of stations, towns, people, files) is in the language it
was given in; what is no language (units, formulas, addresses, identifiers) is allowed by name here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import polars as pl
import pytest
from django.test import Client

from lantian import i18n
from lantian.errors import DomainError
from lantian.network import Network
from lantian.standards import CHOICES, Settings
from lantian.web.accounts.actions.passwords import check_password_rules
from lantian.web.accounts.models import User
from lantian.web.accounts.roles import ROLES
from lantian.web.audit import chain
from lantian.web.audit.models import Event
from lantian.web.audit.views import _choices
from lantian.web.places.models import Territory
from tests.web.test_access import ROWS, address, opener, own, things  # noqa: F401 - fixtures

SIGNED_OUT = frozenset({"accounts:sign-in", "accounts:forgot", "accounts:redeem"})
# A page for programmers, whose words are those of the protocol.
FOR_PROGRAMS = frozenset({"api:docs"})
APART = frozenset({"script", "style", "noscript", "code", "pre", "svg:metadata"})
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source",
                  "wbr"})  # fmt: skip
WORDS = ("aria-label", "title", "placeholder", "alt", "data-title")

WORD = re.compile(r"[A-Za-z]{2,}")
CHINESE = re.compile(r"[\u3400-\u9fff]+")


class Visible(HTMLParser):
    """Collects the words a person reads or hears, but for code and what says its own language."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.apart: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        apart = tag in APART or ("lang" in given and tag != "html")
        if not (apart or any(self.apart)):
            self.texts += [given[name] or "" for name in WORDS if given.get(name)]
        if tag not in VOID:
            self.apart.append(apart)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.apart.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.apart.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self.apart):
            self.texts.append(" ".join(data.split()))


def visible(html: str) -> list[str]:
    """Return the texts of a page."""
    reader = Visible()
    reader.feed(html)
    return reader.texts


# No language: formulas, units, marks of standards, formats of files, names of programs.
ALLOWED = frozenset(
    """
    PM NO SO CO NOx TSP VOCs AQI IAQI GB HJ mg km MB KB PDF DOCX CSV TXT JSON SVG Excel XLSX
    GeoJSON Parquet OpenAQ gz zip WGS GCJ BD CGCS SHA PID TOTP RFC Apache Python SQLite PostgreSQL
    Django Asia Shanghai UTC GBK UTF English NASA FIRMS MODIS VIIRS
    """.split()  # noqa: SIM905 - easier to read and to add to
)
# What this test enters: people, and whose name stands behind what was stored.
OURS = re.compile(rf"\b({'|'.join(ROLES)})-\d+|\btests\b|\bthe public\b|\w+·\w+·\d\b")
# Columns of a file people make, the example of an identifier, codes made of digests.
IDENTIFIERS = re.compile(
    r"name、level、parent、code|accounts\.user:5|~[0-9a-f]{12}|\[evaluation\]|\S*/\S*|\S+\.otf"
    r"|\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b"
)
# Names of the county and of the other language, and what the heads of a file may be.
NAMES = re.compile(
    "示范县|（模拟）|模拟监测网|模拟|集聚区|城关镇|[甲乙丙丁戊己庚辛壬癸][镇乡]|县城[东西]站|中文"
    "|名称|级别|上级|代码|站点编码"
    # units of cases, and what people write about them
    "|人民政府|住房和城乡建设局|攻坚办|建材厂|工地扬尘|现场所见|有原因|说明|张三|（案件）"
)


def english(text: str) -> list[str]:
    """Return the English words of a text that should have none."""
    plain = IDENTIFIERS.sub("", OURS.sub("", text))
    return [w for w in WORD.findall(plain) if w not in ALLOWED]


def chinese(text: str) -> list[str]:
    """Return the Chinese words of a text that should have none."""
    return CHINESE.findall(NAMES.sub("", text))


def test_words_are_found() -> None:
    page = '<p title="Zwei">PM2.5 和 good <code>pm25</code> <a lang="en">English</a><br>列</p>'
    assert visible(page) == ["Zwei", "PM2.5 和 good", "列"]
    assert [w for t in visible(page) for w in english(t)] == ["Zwei", "good"]
    assert [w for t in visible(page) for w in chinese(t)] == ["和", "列"]
    assert chinese("甲镇 · PM2.5") == english("administrator-2 · PM2.5 mg/m³") == []


FOREIGN = {"zh": english, "en": chinese}


@pytest.mark.parametrize("lang", FOREIGN)
def test_every_page_is_in_one_language(
    lang: str, own: Network, towns: dict[str, Territory], things: dict[str, object],  # noqa: F811
    sign_in: Callable[..., Client],
) -> None:  # fmt: skip
    del own, towns
    wrong = []
    clients = {role: sign_in(role, lang=lang) for role in {opener(row.name) for row in ROWS}}
    for name, html in pages(clients, things, lang):
        told = {text: FOREIGN[lang](text) for text in visible(html)}
        wrong += [f"{name}: {words} in {text[:80]}" for text, words in told.items() if words]
    assert not wrong, "\n".join(wrong)


def pages(
    clients: dict[str, Client],
    things: dict[str, object],  # noqa: F811
    lang: str,
) -> Iterator[tuple[str, str]]:
    """Yield name and text of every page, as somebody who may open it sees it."""
    nobody = Client()
    nobody.cookies["lantian_language"] = lang
    for row in ROWS:
        if row.method != "GET" or row.name in FOR_PROGRAMS:
            continue
        client = nobody if row.name in SIGNED_OUT else clients[opener(row.name)]
        answer = client.get(address(row.name, things))
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            yield row.name, answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["abc", "123456789012", "password1234", "zhangsan-12345"])
def test_why_a_password_is_weak_is_said_in_chinese(password: str) -> None:
    i18n.activate("zh")
    with pytest.raises(DomainError) as caught:
        check_password_rules(password, User(name="zhangsan-12345"))
    assert WORD.findall(caught.value.message) == []


def test_the_spreadsheet_of_the_ranking_is_in_chinese(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    del served
    answer = sign_in("expert", lang="zh").get("/air/ranking/?period=2026-10&format=xlsx")
    book = pl.read_excel(io.BytesIO(answer.content))
    heads = book.drop("站点编号")
    assert set(book["类型"]) <= {"国控站点", "乡镇站"}
    texts = [*heads.columns, *(t for c in heads.select(pl.col(pl.String)) for t in c.drop_nulls())]
    assert [t for t in texts if english(re.sub(r"P\d\d|PM2\.5", "", t))] == []


@pytest.mark.django_db
def test_what_an_event_says_is_named(sign_in: Callable[..., Client], served: Network) -> None:
    del served
    verified = {"events": 7, "anchors": 1, "fault": None}
    chain.record("audit.verified", data=verified, actor="simulation")
    page = sign_in("auditor", lang="zh").get(f"/audit/{Event.objects.latest('id').pk}/")
    texts = " ".join(visible(page.content.decode()))
    for word in ("比对的锚点", "事件", "记录的问题", "模拟程序"):
        assert word in texts
    assert "<code>anchors</code>" not in page.content.decode()


def test_every_kind_of_event_has_a_group_with_a_name() -> None:
    assert [title for _value, title in _choices() if title.endswith("*")] == []


def test_where_rules_in_doubt_come_from_is_said_in_chinese() -> None:
    i18n.activate("zh")
    named = [c for c in CHOICES.values() if english(c.basis)]
    assert named == []
    assert all(CHINESE.search(c.basis) for c in Settings.default().in_doubt())
