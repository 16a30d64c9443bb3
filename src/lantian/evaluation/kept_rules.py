"""What judges days besides the values: the rules by which what is kept is known to be of use."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from importlib.resources import files

from lantian.evaluation.kept_days import How
from lantian.standards import EDITIONS, limit

# The modules that make days of hours: when one of them changes, what was kept is of no use.
MAKING = (
    *(
        f"lantian.evaluation.{name}"
        for name in (
            "_checks", "_columns", "daily", "days", "dust", "exact", "hourly", "judge", "kept",
            "kept_days", "kept_files", "kept_rules", "partitions", "periods",
        )
    ),
    *(
        f"lantian.standards.{name}"
        for name in ("_data", "categories", "editions", "indices", "limits", "rounding", "settings")
    ),
    *(f"lantian.observations.{name}" for name in ("landing", "layout", "reading", "resolve")),
)  # fmt: skip


def editions_differ() -> bool:
    """Say whether editions differ in which days are valid, not only in how they judge them.

    The limit of the O3 exemption (HJ 663, 6.1.2) is what could make them.
    """
    return len({limit("o3", averaging="8h", grade=2, edition=e) for e in EDITIONS}) > 1


def rules_of(zone: str, how: How) -> str:
    """Return a digest of all that judges besides the values."""
    dust = [] if how.dust is None else how.dust.rows()
    text = repr((code(), zone, sorted(asdict(how.settings).items()), how.edition, dust))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code() -> str:
    """Return a digest of the code and the standards that make days: other code, other days."""
    digest = hashlib.sha256()
    for name in MAKING:
        package, _dot, module = name.rpartition(".")
        digest.update((files(package) / f"{module}.py").read_bytes() + b"\0")
    for entry in sorted((files("lantian.standards") / "data").iterdir(), key=lambda e: e.name):
        digest.update(entry.name.encode() + entry.read_bytes() + b"\0")
    return digest.hexdigest()
