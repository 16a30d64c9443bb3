"""What the log says of evidence."""

from lantian.web.audit.registry import N_, declare

declare({"evidence.stored": N_("Stored a piece of evidence")})
