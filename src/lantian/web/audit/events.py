"""What the log says of itself."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "audit.verified": N_("Verified the audit log"),
        "audit.exported": N_("Exported events"),
    }
)
