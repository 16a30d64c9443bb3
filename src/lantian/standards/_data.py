"""Read the data files of the standards, once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the parsed file ``data/<name>.toml``."""
    text = files("lantian.standards").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
