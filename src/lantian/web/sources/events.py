"""What the log says of sources."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "sources.added": N_("Entered a source"),
        "sources.changed": N_("Changed a source"),
        "sources.moved_on": N_("Changed the status of a source"),
        "sources.imported": N_("Imported sources"),
    }
)
