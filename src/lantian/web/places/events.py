"""What the log says of territories and stations."""

from lantian.web.audit.registry import N_, declare

# Written before the register is saved, which carries their number.
LANDING = {
    "stations.imported": N_("Imported stations"),
    "stations.changed": N_("Changed a station"),
    "stations.restored": N_("Restored a version of the station register"),
}

declare(
    {
        **LANDING,
        "territories.imported": N_("Imported territories"),
        "territories.changed": N_("Changed a territory"),
        "territories.deleted": N_("Deleted a territory"),
    }
)
