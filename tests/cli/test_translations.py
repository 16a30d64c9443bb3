"""The tool that keeps the Chinese catalogue in step finds what is wrong with it."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog, Message
from tools import translations


def test_compiling_twice_gives_the_same_bytes() -> None:
    catalog = translations.load()
    assert translations.as_mo(catalog) == translations.as_mo(translations.load())
    assert translations.as_po(catalog) == translations.as_po(translations.load())
    assert b"Date" not in translations.as_po(catalog).split(b"\n\n")[0]


@pytest.mark.parametrize(
    ("original", "translated", "sound"),
    [
        ("{n} files", "{n} 个文件", True),
        ("{n} files", "文件", False),
        ("{n} files", "{m} 个文件", False),
        ("{value!r} at {x:g}", "{x:g} 处为 {value!r}", True),
        (("{n} file", "{n} files"), ("{n} 个文件",), True),
        (("one file", "{n} files"), ("{n} 个文件",), True),
        (("{n} file", "{n} files"), ("文件",), False),
    ],
)
def test_placeholders_are_compared(
    original: str | tuple[str, str], translated: str | tuple[str, ...], sound: bool
) -> None:
    message = Message(original, translated)
    assert (translations._placeholders(message) is None) is sound


def test_every_kind_of_disagreement_is_told() -> None:
    source, catalog = Catalog(), Catalog()
    for text in ("new", "open", "doubtful"):
        source.add(text)
    catalog.add("gone", "走了")
    catalog.add("open", "")
    catalog.add("doubtful", "存疑", flags={"fuzzy"})
    found = "\n".join(translations._problems(catalog, source))
    for word in ("not in the catalogue", "no longer in the source", "not translated", "fuzzy"):
        assert word in found
