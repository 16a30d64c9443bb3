"""What the log says of organisations and of the responsibility matrix."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "duties.organisation_made": N_("Entered an organisation"),
        "duties.organisation_changed": N_("Changed an organisation"),
        "duties.organisation_ended": N_("Ended an organisation"),
        "duties.organisations_imported": N_("Imported organisations"),
        "duties.rule_made": N_("Made a rule of the matrix"),
        "duties.rule_followed": N_("Put a new version of a rule in force"),
        "duties.rule_ended": N_("Ended a rule of the matrix"),
        "duties.matrix_imported": N_("Imported the matrix"),
        "duties.shift_added": N_("Entered a shift of the duty rota"),
        "duties.shift_removed": N_("Took a shift out of the duty rota"),
        "duties.rota_imported": N_("Imported the duty rota"),
        "duties.demo_made": N_("Made organisations and matrix of the demo"),
    }
)
