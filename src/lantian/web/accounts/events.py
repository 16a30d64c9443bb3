"""What happens to people and their posts, as the log calls it."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "accounts.signed_in": N_("Signed in"),
        "accounts.sign_in_failed": N_("Failed to sign in"),
        "accounts.strangers_failed": N_("Failed to sign in under names nobody has"),
        "accounts.locked_out": N_("Was locked out after too many failures"),
        "accounts.code_failed": N_("Gave a wrong one-time password"),
        "accounts.signed_out": N_("Signed out"),
        "accounts.sessions_ended": N_("Ended sessions"),
        "accounts.password_changed": N_("Changed the own password"),
        "accounts.password_set": N_("Set a new password with a one-time code"),
        "accounts.password_reset": N_("Set a new password through an e-mail"),
        "accounts.reset_mailed": N_("Asked for an e-mail to set a new password"),
        "accounts.code_issued": N_("Issued a one-time code"),
        "accounts.factor_on": N_("Turned the second factor on"),
        "accounts.factor_off": N_("Turned the second factor off"),
        "accounts.factor_reset": N_("Reset the second factor of a person"),
        "accounts.recovery_made": N_("Made new recovery codes"),
        "accounts.person_made": N_("Entered a person"),
        "accounts.person_changed": N_("Changed a person"),
        "accounts.person_deactivated": N_("Deactivated a person"),
        "accounts.person_reactivated": N_("Reactivated a person"),
        "accounts.administrator_reset": N_("Reset the sign-in of an administrator"),
        "accounts.post_given": N_("Gave a post"),
        "accounts.post_ended": N_("Ended a post"),
        "accounts.posts_handed_over": N_("Handed all posts over to somebody else"),
        "accounts.deputy_named": N_("Named a deputy"),
        "accounts.deputy_ended": N_("Ended a deputy’s days"),
        "accounts.people_imported": N_("Imported people"),
        "accounts.people_exported": N_("Exported people"),
        "accounts.token_made": N_("Made a token for the API"),
        "accounts.token_revoked": N_("Revoked a token for the API"),
        "accounts.demo_made": N_("Made the accounts of the demo"),
    }
)
