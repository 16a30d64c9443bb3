"""What the log says of cases."""

from lantian.web.audit.registry import N_, declare

declare(
    {
        "cases.taken_in": N_("Took in a case"),
        "cases.verified": N_("Verified a case on site"),
        "cases.opened": N_("Opened a case"),
        "cases.declined": N_("Declined a case"),
        "cases.merged": N_("Merged a case into another"),
        "cases.absorbed": N_("Took over the history of a merged case"),
        "cases.dispatched": N_("Dispatched a case"),
        "cases.dispatch_withdrawn": N_("Withdrew a dispatch"),
        "cases.accepted": N_("Accepted a case"),
        "cases.returned": N_("Returned a case"),
        "cases.dispatch_upheld": N_("Upheld a dispatch"),
        "cases.reassigned": N_("Assigned a case to another unit"),
        "cases.progress_reported": N_("Reported progress of a case"),
        "cases.rectified": N_("Reported a case rectified"),
        "cases.extension_asked": N_("Asked for more time for a case"),
        "cases.extension_granted": N_("Granted more time for a case"),
        "cases.extension_refused": N_("Refused more time for a case"),
        "cases.suspended": N_("Suspended a case"),
        "cases.resumed": N_("Resumed a case"),
        "cases.reinspection_passed": N_("Passed a re-inspection"),
        "cases.reinspection_failed": N_("Failed a re-inspection"),
        "cases.signed": N_("Signed the closing of a case"),
        "cases.closed": N_("Closed a case"),
        "cases.closing_refused": N_("Refused to close a case"),
        "cases.voided": N_("Declared a case void"),
        "cases.look_back_passed": N_("Passed a look-back"),
        "cases.relapsed": N_("Found a closed case relapsed"),
        "cases.sweep_begun": N_("Had similar sources checked"),
        "cases.corrected": N_("Corrected what was written of a case"),
        "cases.catalogue_written": N_("Wrote a version of the catalogue of problem types"),
        "cases.catalogue_dropped": N_("Took back a version of the catalogue of problem types"),
        "cases.commented": N_("Commented on a case"),
        "cases.rung_reached": N_("Put a rung of the ladder up for signature"),
        "cases.rung_issued": N_("Reminded of a case"),
        "cases.rung_signed": N_("Signed a rung of the ladder"),
        "cases.reporter_read": N_("Read who complained"),
    }
)
