"""The template environment: our gettext, links, assets, and how numbers and air are written."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from lantian import i18n
from lantian.reports import words
from lantian.web.core import formats
from lantian.web.core.assets import asset, stylesheets


def environment(**options: Any) -> Environment:  # noqa: ANN401 - as Django calls it
    """Return the environment of all pages."""
    env = Environment(  # noqa: S701 - Django's backend passes autoescape=True
        **{**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True,
           "extensions": ["jinja2.ext.i18n"]},
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


def url(name: str, *args: object, **parameters: object) -> str:
    """Return the address of a page; keyword arguments that are not None become its query."""
    return formats.with_query(reverse(name, args=args), parameters)
