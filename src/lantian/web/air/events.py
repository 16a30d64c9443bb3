"""What the log says of changes of measurements."""

from lantian.web.audit.registry import N_, declare

# Written before the change they speak of; the change carries their number (see ``audited``).
LANDING = {
    "data.imported": N_("Took in files"),
    "data.corrected": N_("Corrected a value"),
    "data.excluded": N_("Excluded values"),
    "data.restored": N_("Took back an exclusion"),
    "data.undone": N_("Undid a batch"),
    "dust.added": N_("Entered a sand-dust decision"),
    "dust.removed": N_("Took back a sand-dust decision"),
}
NOT_LANDED = "data.not_landed"
UNLOGGED = "data.unlogged"

declare(
    {
        **LANDING,
        NOT_LANDED: N_("Nothing changed after all"),
        UNLOGGED: N_("Found a change whose event is missing"),
        "data.mapping_kept": N_("Kept the mapping of a table"),
    }
)
