"""The template environment: our gettext, links, assets, and how numbers and air are written."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined
from jinja2.bccache import Bucket

from lantian import i18n
from lantian.home.layout import DERIVED
from lantian.reports import words
from lantian.web.core import formats
from lantian.web.core.assets import asset, stylesheets

log = logging.getLogger(__name__)
_CODE = "templates"  # folder of compiled templates


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates from one start to the next, where it can write."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write one; it stays uncompiled, and is compiled at each start, where that fails."""
        try:
            super().dump_bytecode(bucket)
        except OSError as error:
            log.warning("A compiled template could not be kept: %s", error)


def environment(**options: Any) -> Environment:  # noqa: ANN401 - as Django calls it
    """Return the environment of all pages."""
    env = Environment(  # noqa: S701 - Django's backend passes autoescape=True
        **{**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True,
           "extensions": ["jinja2.ext.i18n"], "bytecode_cache": CompiledTemplates(str(_folder()))},
    )  # fmt: skip
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]  # of ext.i18n
    env.globals |= {
        "asset": asset,
        "get_messages": get_messages,
        "static": static,
        "stylesheets": stylesheets,
        "url": url,
        "words": words,
    }
    env.filters |= formats.FILTERS
    return env


def _folder() -> Path:
    folder: Path = settings.HOME.path / DERIVED / _CODE
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def url(name: str, *args: object, **parameters: object) -> str:
    """Return the address of a page; keyword arguments that are not None become its query."""
    return formats.with_query(reverse(name, args=args), parameters)
