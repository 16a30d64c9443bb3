"""Files that came with a form: stored at once, and kept with it until the action is done.

A form that comes back with an error names what was stored by a signed word, so that nobody needs to
send a photograph twice, and nobody can attach, or look at, what they did not send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.http import HttpRequest

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.audit.actors import of_request
from lantian.web.cases.actions import Evidence
from lantian.web.cases.catalogue import ProblemType, by_version
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import Action
from lantian.web.evidence import actions
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import File
from lantian.web.evidence.said import said_in

_SALT = "lantian.cases.evidence"
_PATIENCE = 86_400  # s for which a form with files may lie open
_NOTE = 200  # signs
# Where the catalogue asks for nothing, what one brings is what it asks of the action most like it.
_LIKE = {"look_back": "pass", "relapse": "fail", "report": "finish"}


@dataclass(frozen=True)
class Wanted:
    """A kind of evidence a form takes.

    Parameters
    ----------
    needed
        How many different ones must come; 0: as one likes.
    usual
        It stands open in the form.
    """

    code: str
    title: str
    needed: int
    usual: bool

    @property
    def photo(self) -> bool:
        """Say whether a camera makes it: the codes of the catalogue begin so."""
        return self.code.startswith("photo")


@dataclass(frozen=True)
class Kept:
    """A file that was stored for a form."""

    kind: str
    digest: str
    name: str
    picture: bool
    token: str


def wanted(case: Case, action: Action, problem: ProblemType, rules: Rules) -> list[Wanted]:
    """Return the kinds of evidence the form of an action takes, those asked for first."""
    if "evidence" not in action.needs and action.code not in _LIKE:
        return []
    asked = problem.evidence.get(action.code, {})
    usual = asked or problem.evidence.get(_LIKE.get(action.code, ""), {})
    kinds = by_version(rules.catalogues, case.catalogue).evidence_kinds.values()
    made = [Wanted(k.code, k.title, asked.get(k.code, 0), k.code in usual) for k in kinds]
    return sorted(made, key=lambda w: (not w.usual, w.needed == 0))


def receive(
    request: HttpRequest, case: Case, kinds: Sequence[Wanted], now: datetime
) -> tuple[list[Kept], list[str]]:
    """Store what a form brings, and return it with what came before, and what was refused."""
    kept = _before(request, case, {w.code for w in kinds})
    wrong: list[str] = []
    user, said = request.user, said_in(request.POST)
    for want in kinds:
        for upload in request.FILES.getlist(f"evidence_{want.code}"):
            if len(kept) >= LIMITS.pieces:
                wrong.append(_("An action takes {n} files at most.").format(n=LIMITS.pieces))
                return kept, wrong
            try:
                by = user if isinstance(user, User) else None
                file = actions.store(upload, by, now, via=of_request(request), said=said)
            except InvalidArgumentError as error:
                wrong.append(error.message)
                continue
            one = _kept(request, case, want.code, file, actions.name_of(upload))
            if (one.kind, one.digest) not in {(k.kind, k.digest) for k in kept}:
                kept.append(one)
    return kept, wrong


def pieces(request: HttpRequest, kept: Sequence[Kept]) -> tuple[Evidence, ...]:
    """Return the evidence of an action, with what the person wrote about each kind."""
    return tuple(
        Evidence(k.kind, k.digest, request.POST.get(f"note_{k.kind}", "").strip()[:_NOTE])
        for k in kept
    )


def missing(kinds: Sequence[Wanted], kept: Sequence[Kept], action: Action) -> list[str]:
    """Return what is still to be brought, a sentence for each kind."""
    told = []
    for want in kinds:
        there = sum(k.kind == want.code for k in kept)
        if there < want.needed:
            told.append(
                _("{kind}: {needed} different ones are needed, {there} are there.").format(
                    kind=want.title, needed=want.needed, there=there
                )
            )
    if not told and "evidence" in action.needs and not kept:
        told.append(_("Add at least one photograph or document."))
    return told


def own_file(request: HttpRequest, case: Case, digest: str) -> File | None:
    """Return a file the person has just sent for a case, by the signed word in the address."""
    found = _read(request, case, request.GET.get("kept", ""))
    if found is None or found[1] != digest:
        return None
    return File.objects.filter(sha256=digest).first()


def _kept(request: HttpRequest, case: Case, kind: str, file: File, name: str) -> Kept:
    said = [case.code, request.user.pk, kind, file.sha256, name, file.is_picture]
    token = signing.dumps(said, salt=_SALT, compress=True)
    return Kept(kind, file.sha256, name, file.is_picture, token)


def _before(request: HttpRequest, case: Case, kinds: set[str]) -> list[Kept]:
    dropped = set(request.POST.getlist("drop"))
    kept: list[Kept] = []
    for token in request.POST.getlist("kept")[: LIMITS.pieces]:
        found = _read(request, case, token)
        if found is not None and found[0] in kinds and token not in dropped:
            kept.append(Kept(*found, token))
    return kept


def _read(request: HttpRequest, case: Case, token: str) -> tuple[str, str, str, bool] | None:
    try:
        code, user, kind, digest, name, picture = signing.loads(
            token, salt=_SALT, max_age=_PATIENCE
        )
    except signing.BadSignature:
        return None  # too old, or somebody else's words: as if it had not been sent
    if code != case.code or user != request.user.pk:
        return None
    return kind, digest, name, picture
