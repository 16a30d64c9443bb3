"""Which batches an undo takes back, and when it may not."""

from __future__ import annotations

from lantian.errors import DomainError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations.batches import Ledger


def to_undo(ledger: Ledger, batch: int, *, cascade: bool) -> list[int]:
    """Return the batches that go together with ``batch``; see `Store.undo`.

    Raises
    ------
    UnknownNameError
        ``store.unknown_batch``.
    DomainError
        ``store.already_undone``, or ``store.batch_in_use`` when a decision about its values is in
        force and ``cascade`` is not set.
    """
    known = ledger.batches.get(batch)
    if known is None:
        raise UnknownNameError(
            "store.unknown_batch",
            _("There is no batch {batch}. The import history lists them.").format(batch=batch),
            {"batch": batch},
        )
    if known.undone_at is not None:
        raise DomainError(
            "store.already_undone",
            _("Batch {batch} was already undone by {actor} on {time}: {reason}").format(
                batch=batch,
                actor=known.undone_by,
                time=f"{known.undone_at:%Y-%m-%d %H:%M} UTC",
                reason=known.undo_reason,
            ),
            {"batch": batch},
        )
    standing = ledger.dependents(batch)
    if standing and not cascade:
        raise DomainError(
            "store.batch_in_use",
            _(
                "Batch {batch} cannot be undone alone: the corrections or exclusions {others} "
                "are about its values. Undo them first, or together with it (--cascade)."
            ).format(batch=batch, others=", ".join(map(str, standing))),
            {"batch": batch, "dependents": standing},
        )
    return [batch, *standing]
