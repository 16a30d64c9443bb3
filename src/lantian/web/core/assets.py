"""Where the built front end lies: names with a hash of the content, from the build's manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static

from lantian.errors import DomainError
from lantian.i18n import gettext as _

BUILT = Path(__file__).resolve().parents[1] / "static" / "lantian"
_MANIFEST = BUILT / ".vite" / "manifest.json"


@cache
def _manifest() -> Mapping[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(_MANIFEST.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DomainError(
            "web.not_built", _("The front end is not built. Run `make frontend`.")
        ) from error
    return manifest


def asset(source: str) -> str:
    """Return the address of the built file of a source, e.g. ``src/main.ts``.

    Raises
    ------
    DomainError
        ``web.not_built``.
    """
    return static(f"lantian/{_manifest()[source]['file']}")


def stylesheets(source: str) -> list[str]:
    """Return the addresses of the style sheets a source brings along."""
    return [static(f"lantian/{name}") for name in _manifest()[source].get("css", [])]
