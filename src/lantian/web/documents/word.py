"""A document as DOCX, from a template the office can edit.

A template speaks of a document in the words of :data:`NAMES`; one that speaks of anything else is
refused when it is sent in. It is run in a sandbox: what stands in it reaches nothing else.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict
from typing import Any

import jinja2
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment

from lantian.errors import InvalidArgumentError
from lantian.home.layout import Home
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.web.documents.kinds import Kind
from lantian.web.documents.office import FOLDER
from lantian.web.documents.paper import Field, Paper, Section, Table
from lantian.web.documents.setting import picture
from lantian.web.documents.shipped_template import shipped

NAMES = frozenset({
    "letterhead", "number", "title", "addressee", "opening", "fields", "sections", "table",
    "closing", "signed", "day", "boxes", "caption", "mark", "qr", "url", "kind", "language",
})  # fmt: skip
LARGEST = 2 * 1024**2  # bytes of a template
_UNPACKED = 20 * 1024**2  # bytes of all its parts
_QR = 24  # mm


def rendered(paper: Paper, template: bytes) -> bytes:
    """Return a document as DOCX.

    Raises
    ------
    InvalidArgumentError
        ``documents.bad_template``: what the template asks for is not there.
    """
    try:
        file = DocxTemplate(io.BytesIO(template))
        given: dict[str, Any] = asdict(paper)
        given["qr"] = InlineImage(file, io.BytesIO(picture(paper.url)), width=Mm(_QR))
        file.render(given, jinja_env=_environment(), autoescape=True)
        out = io.BytesIO()
        file.save(out)
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        raise _bad(str(error)) from error
    return out.getvalue()


def template_of(home: Home, kind: Kind) -> bytes:
    """Return the template of a kind: the office's own, else the one that is shipped."""
    path = home.path / FOLDER / f"{kind.code}.docx"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return shipped()


def is_own(home: Home, kind: Kind) -> bool:
    """Say whether the office has put in its own template of a kind."""
    return (home.path / FOLDER / f"{kind.code}.docx").is_file()


def replace(home: Home, kind: Kind, template: bytes) -> None:
    """Put in a template of the office's own, after a look that it can be used.

    Raises
    ------
    InvalidArgumentError
        ``documents.bad_template``, and what is wrong with it.
    """
    check(template, kind)
    path = home.path / FOLDER / f"{kind.code}.docx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, template)


def restore(home: Home, kind: Kind) -> None:
    """Go back to the shipped template of a kind."""
    (home.path / FOLDER / f"{kind.code}.docx").unlink(missing_ok=True)


def check(template: bytes, kind: Kind) -> None:
    """Object to a file that is no template, or speaks of what a document does not have.

    Raises
    ------
    InvalidArgumentError
        ``documents.bad_template``.
    """
    _sound(template)
    try:
        names = DocxTemplate(io.BytesIO(template)).get_undeclared_template_variables(_environment())
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        raise _bad(str(error)) from error
    unknown = sorted(names - NAMES)
    if unknown:
        raise _bad(
            _("{unknown} is not known; write {known}").format(
                unknown=", ".join(f"{{{{ {n} }}}}" for n in unknown), known=", ".join(sorted(NAMES))
            )
        )
    if "number" not in names:
        raise _bad(_("{{ number }} is missing: each document shows its number"))
    rendered(_sample(kind), template)


def _sound(template: bytes) -> None:
    """Object to what is no DOCX, is too large unpacked, or brings programs along."""
    if len(template) > LARGEST:
        raise _bad(_("it is larger than 2 MB"))
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as parts:
            infos = parts.infolist()
            if sum(i.file_size for i in infos) > _UNPACKED:
                raise _bad(_("unpacked it is larger than 20 MB"))
            names = {i.filename for i in infos}
    except zipfile.BadZipFile as error:
        raise _bad(_("it is no DOCX file")) from error
    if "word/document.xml" not in names:
        raise _bad(_("it is no DOCX file"))
    if any("vbaProject" in n or n.startswith("word/embeddings/") for n in names):
        raise _bad(_("it brings macros or embedded files along"))


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)


def _sample(kind: Kind) -> Paper:
    """Return a document that has something of everything, to try a template with."""
    return Paper(
        kind=kind.code, language="zh", letterhead="A", number="1", title=kind.title, addressee="A",
        opening=("A",), fields=(Field("A", "B"),), sections=(Section("A", ("B",)),),
        table=Table("A", ("A", "B"), (("1", "2"),)), closing=("A",), signed="A", day="A",
        boxes=kind.boxes, url="https://localhost/", caption="A",
    )  # fmt: skip


def _bad(reason: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "documents.bad_template",
        _("The template cannot be used: {reason}.").format(reason=reason),
    )
