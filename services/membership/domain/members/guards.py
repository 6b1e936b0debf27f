"""What is refused of a member whatever the event, and what membership adds to each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from services.membership.domain.guards import Bound, Bounds, existing_coalition, refuse_growth
from services.membership.domain.members.evolve import of_coalition
from services.membership.domain.members.facts import FACTS, with_all_names
from services.membership.domain.members.moving import rules_through
from services.membership.domain.members.state import Member, stream
from shared.contracts.base import earliest, latest
from shared.contracts.membership import MemberEvent, bounds
from shared.domain.corrections.facts import find_corrected
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event, MemberRef, Model
    from shared.contracts.membership import MemberFact
    from shared.domain.decider import Context

E = TypeVar("E", bound=MemberEvent)

_BOUNDS: Final[Bounds] = {
    "steps": Bound(bounds.MAX_STEPS, "steps", "correct one that never happened"),
    "corrections": Bound(bounds.MAX_CORRECTIONS, "corrections", "take one back"),
    "called": Bound(bounds.MAX_NAMES, "names one after another", "leave out the least of them"),
    "names": Bound(bounds.MAX_TRANSLATIONS, "names in other languages", "leave some out"),
    "partners": Bound(bounds.MAX_PARTNERS, "times of partners", "leave out the oldest"),
    "also_claimed": Bound(bounds.MAX_CLAIMED, "rival claims", "leave out the least of them"),
    "moves": Bound(bounds.MAX_MOVES, "moves", "correct one that never happened"),
    "populations": Bound(bounds.MAX_POPULATIONS, "counts of its people", "leave out the oldest"),
    "absorbed": Bound(bounds.MAX_DUPLICATES, "duplicates", "merge the rest into another"),
}


def existing(member: Member | None, event: MemberEvent) -> Member:
    """The member as it is recorded.

    Raises:
        Refused: nothing is recorded of it.
    """
    if member is None:
        raise Refused(f"the member {event.subject!r} is not known")
    return member


def refuse_other_than(member: Member, ref: MemberRef) -> None:
    """Refuse a reference that means another than the member of its id.

    Raises:
        Refused: it has a name of its own, which is only transliterated as this member's is.
    """
    former = [name for one in member.called for name in (one.name, one.local_name)]
    former += [c.recorded for c in member.corrections if c.fact in {"name", "local name"}]
    refuse_another(ref, member.ref, former)


def refuse_elsewhere(member: Member, coalition: str) -> None:
    """Refuse what is sent for another coalition than the one that the member is in.

    Raises:
        Refused: it is in another.
    """
    if member.coalition == coalition:
        return
    raise Refused(
        f"{member.name} belongs to the coalition {member.coalition!r}: MemberMoved says since when"
        " it belongs to another one, MemberCorrected that it is recorded in the wrong one"
    )


def refuse_merged(member: Member) -> None:
    """Refuse what is sent for a duplicate, or under an id that only leads to a member.

    Raises:
        Refused: it is one with another.
    """
    if member.merged_into:
        raise Refused(f"{member.name} is one with {member.merged_into!r}: send it for that member")


def refuse_corrected(
    member: Member, fact: MemberFact, value: str | None, item: Model | None = None
) -> None:
    """Refuse what was corrected: a source that still has the mistake does not bring it back.

    Raises:
        Refused: it was corrected.
    """
    if not member.corrections:
        return
    if found := find_corrected(with_all_names(member), FACTS, fact, value, item):
        raise Refused(f"{fact} {value} was corrected: {found.reason}")


def refuse_circle(member: Member, whole: str | None, context: Context) -> None:
    """Refuse that a member is a part of itself, of a part of it, or of a duplicate.

    Raises:
        Refused: it would be.
    """
    found = context.find(stream(whole), Member) if whole else None
    if whole == member.id or (found and found.part_of == member.id):
        raise Refused(f"{member.name} is not a part of what is itself, or a part of it")
    if found and found.merged_into:
        raise Refused(f"{found.name} is one with {found.merged_into!r}: give that")


def refuse_left_before_joined(member: Member) -> None:
    """Refuse a partner that left before it joined.

    Raises:
        Refused: one did.
    """
    for time in member.partners:
        if time.left and latest(time.left) < earliest(time.joined):
            raise Refused(f"{time.left} lies before {time.organisation} joined in {time.joined}")


def completed(member: Member | None, event: E, context: Context) -> E:
    """The event with what only the coalition can tell.

    The statutes' rules travel where the member does not have them yet.

    Raises:
        Refused: the coalition is not known or another's, another member is meant, this one is a
            duplicate, or the date lies in the future.
    """
    coalition = existing_coalition(event.coalition, context)
    if member:
        refuse_other_than(member, event.member)
    if member:
        refuse_merged(member)
        refuse_elsewhere(member, event.coalition)
    refuse_future(event.date, context.now)
    rules = coalition.joining_rules
    if member and member.moves:
        rules = rules_through(member.moves, rules)
    is_new = rules != (member.joining_rules if member else ())
    return event.model_copy(
        update={"coalition_name": coalition.name, "joining_rules": rules if is_new else None}
    )


def published(before: Member | None, event: MemberEvent, after: Member) -> Sequence[Event]:
    """The event with what the member is by it; nothing where it is no news of the member.

    Raises:
        Refused: the member would be larger than it may be.
    """
    if before and after == of_coalition(before, event):
        return []
    refuse_growth(after.name, before, after, _BOUNDS)
    return [named_in_full(event, after)]


def named_in_full(event: E, after: Member) -> E:
    """The event with the member's full reference, and what it is by the event."""
    now = {"member": after.ref, "state": after.state, "last_population": after.population}
    return event.model_copy(update=now)
