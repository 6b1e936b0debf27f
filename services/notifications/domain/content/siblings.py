"""Which of two events about one occurrence says less, so that nobody gets an e-mail about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.texts import NOTIFIED
from shared.contracts.catalogue import called
from shared.contracts.membership import MemberCorrected
from shared.contracts.plans import ActionRecorded, CommitmentUpdated

if TYPE_CHECKING:
    from shared.contracts.base import Event

_KINDS: Final = frozenset(called(event.type) for event in NOTIFIED)


def says_more(event: Event) -> str | None:
    """The kind of the event about the same that says more; None where this one does, or is alone.

    A signature opens commitments, a review accepts a report, an action changes a percentage and
    no status, and a merger that is undone has two sides.
    """
    follows: str | None = getattr(event, "follows", None)
    if isinstance(event, CommitmentUpdated) and event.basis == "derived":
        is_the_same = event.status == event.status_before
        follows = called(ActionRecorded.type) if is_the_same else None
    if isinstance(event, MemberCorrected) and event.fact == "merged into":
        follows = called(MemberCorrected.type)
    return follows if follows in _KINDS else None
