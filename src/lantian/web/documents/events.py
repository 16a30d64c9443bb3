"""What the log says of documents."""

from lantian.web.audit.registry import N_, declare

declare({
    "documents.issued": N_("Issued a document"),
    "documents.voided": N_("Voided a document"),
    "documents.settings_changed": N_("Changed letterhead, numbering or wording of documents"),
    "documents.template_replaced": N_("Replaced the template of a document"),
    "documents.template_restored": N_("Restored the shipped template of a document"),
})  # fmt: skip
