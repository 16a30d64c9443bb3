"""What the log says of task forces."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "taskforces.made": N_("Set up a task force"),
        "taskforces.changed": N_("Changed a task force"),
        "taskforces.ended": N_("Ended a task force"),
        "taskforces.member_put": N_("Put somebody into a task force"),
        "taskforces.member_removed": N_("Took somebody out of a task force"),
    }
)
