"""Keep the Chinese catalogue in step with the messages of the source.

usage: translations.py update   collect messages into the .po, compile the .mo
       translations.py check    fail where the catalogue and the source disagree
"""

from __future__ import annotations

import io
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parents[1] / "src" / "lantian"
PO = SOURCE / "locale" / "zh_CN" / "LC_MESSAGES" / "lantian.po"
MO = PO.with_suffix(".mo")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "NN_": (1, 2),
}  # fmt: skip
METHODS = [("**.py", "python"), ("**/templates/**.j2", "jinja2")]
JINJA = {"**/templates/**.j2": {"trimmed": "true", "silent": "false"}}
# A header without dates and names, so that the same messages always give the same bytes.
_HEADER = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|'
    r"Report-Msgid-Bugs-To|Project-Id-Version): .*\n",
    re.MULTILINE,
)
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def extract() -> Catalog:
    """Return the messages of the source; the file of each, without line numbers."""
    found = Catalog(charset="utf-8")
    for file, _line, message, comments, context in extract_from_dir(
        SOURCE, METHODS, JINJA, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        place = (Path(file).as_posix(), 0)
        found.add(message, None, [place], auto_comments=comments, context=context)
    return found


def load() -> Catalog:
    """Return the catalogue as it is kept."""
    if not PO.exists():
        return Catalog(locale="zh_CN", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_CN", charset="utf-8")


def as_po(catalog: Catalog) -> bytes:
    """Return the text of the catalogue, sorted by file and message."""
    for message in catalog:
        message.locations = sorted({(file, 0) for file, _line in message.locations})
    buffer = io.BytesIO()
    catalog.header_comment = "# Simplified Chinese messages of Lantian."
    catalog.fuzzy = False
    ordered = _sorted(catalog)
    write_po(buffer, ordered, width=98, ignore_obsolete=True, include_lineno=False)
    return _HEADER.sub("", buffer.getvalue().decode()).encode()


def _sorted(catalog: Catalog) -> Catalog:
    ordered = Catalog(locale="zh_CN", charset="utf-8", header_comment=catalog.header_comment)
    ordered.fuzzy = False
    messages = [m for m in catalog if m.id]
    for m in sorted(messages, key=lambda m: (m.locations[:1], _text(m))):
        ordered.add(
            m.id, m.string, m.locations, m.flags, m.auto_comments, m.user_comments,
            context=m.context,
        )  # fmt: skip
    return ordered


def as_mo(catalog: Catalog) -> bytes:
    """Return the compiled catalogue: always the same bytes for the same messages."""
    compiled = Catalog(locale="zh_CN", charset="utf-8", creation_date=_NO_DATE)
    compiled.revision_date = _NO_DATE
    compiled.fuzzy = False
    for m in sorted((m for m in catalog if m.id and m.string and not m.fuzzy), key=_text):
        compiled.add(m.id, m.string, context=m.context)
    buffer = io.BytesIO()
    write_mo(buffer, compiled)
    return buffer.getvalue()


def update() -> int:
    """Take new messages in, drop unused ones, compile."""
    catalog = load()
    catalog.update(extract(), no_fuzzy_matching=True)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(as_po(catalog))
    kept = load()
    MO.write_bytes(as_mo(kept))
    open_ = [m for m in kept if m.id and not _complete(m)]
    print(f"{len(kept)} messages, {len(open_)} without a translation: {PO}")
    return 0


def check() -> int:
    """Report every disagreement; 0 when there is none."""
    catalog, source = load(), extract()
    wrong = list(_problems(catalog, source))
    if not MO.exists() or MO.read_bytes() != as_mo(catalog):
        wrong.append("lantian.mo is not what lantian.po compiles to")
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print(f"{len(wrong)} problems; run: make translations, and translate", file=sys.stderr)
    return 1 if wrong else 0


def _problems(catalog: Catalog, source: Catalog) -> Iterator[str]:
    for m in source:
        if m.id and catalog.get(m.id, m.context) is None:
            yield f"not in the catalogue ({_where(m)}): {_text(m)!r}"
    for m in catalog:
        if not m.id:
            continue
        if source.get(m.id, m.context) is None:
            yield f"no longer in the source: {_text(m)!r}"
        elif m.fuzzy:
            yield f"fuzzy ({_where(m)}): {_text(m)!r}"
        elif not _complete(m):
            yield f"not translated ({_where(m)}): {_text(m)!r}"
        elif (difference := _placeholders(m)) is not None:
            yield f"placeholders differ ({_where(m)}): {_text(m)!r}: {difference}"


def _where(message: Message) -> str:
    return ", ".join(file for file, _line in message.locations)


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if text is None:
        return []
    return [text] if isinstance(text, str) else list(text)


def _complete(message: Message) -> bool:
    return bool(message.string) and all(_strings(message.string))


def _fields(text: str) -> set[str]:
    try:
        return {name for _t, name, _spec, _c in string.Formatter().parse(text) if name is not None}
    except ValueError:  # braces that are no placeholders, as in a piece of HTML
        return set()


def _percent(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[a-z]", text))


def _placeholders(message: Message) -> str | None:
    """Return how the placeholders of message and translation differ; None if they do not.

    With plural forms the translation has one text, which may use what any of the forms uses.
    """
    ids, texts = _strings(message.id), _strings(message.string)
    for fields in (_fields, _percent):
        known = set().union(*(fields(i) for i in ids))
        needed = known if len(ids) == 1 else set.intersection(*(fields(i) for i in ids))
        for text in texts:
            used = fields(text)
            if not needed <= used <= known:
                return f"{sorted(known)} against {sorted(used)}"
    return None


if __name__ == "__main__":
    commands = {"update": update, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
