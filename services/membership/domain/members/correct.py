"""What may be corrected of a member besides its steps, and how it comes into another coalition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions.state import Coalition
from services.membership.domain.coalitions.state import stream as coalition_stream
from services.membership.domain.guards import existing_coalition
from services.membership.domain.members import evolve
from services.membership.domain.members.guards import (
    existing,
    published,
    refuse_circle,
    refuse_corrected,
    refuse_elsewhere,
    refuse_left_before_joined,
    refuse_merged,
    refuse_other_than,
)
from services.membership.domain.members.moving import rules_through
from services.membership.domain.members.state import Member, stream
from shared.contracts.base import check_qualifier
from shared.domain.corrections.kept import of_fact
from shared.domain.dates import agree, is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.members.state import MemberName
    from shared.contracts.base import Event
    from shared.contracts.membership import MemberCorrected, MemberMoved
    from shared.domain.decider import Context

_DATES: Final = frozenset(
    {"moved", "renamed", "partner joined", "partner left", "population counted"}
)


# --- a move ------------------------------


def move(member: Member | None, event: MemberMoved, context: Context) -> Sequence[Event]:
    """Belong to another coalition from a date on.

    Raises:
        Refused: the member or the coalition is not known, or it moved there on another date, before
            it had taken any step, or before it moved the last time.
    """
    member = existing(member, event)
    coalition = existing_coalition(event.coalition, context)
    refuse_other_than(member, event.member)
    refuse_merged(member)
    refuse_future(event.moved, context.now)
    refuse_corrected(member, "moved", event.moved)
    if member.coalition == coalition.id:
        _refuse_another_move(member, event)
        return []
    if event.coalition_before:
        refuse_elsewhere(member, event.coalition_before)
    _refuse_too_early(member, event.moved)
    more = {"coalition_name": coalition.name, "coalition_before": member.coalition}
    event = event.model_copy(update=more)
    rules = rules_through(evolve.moved(member, event).moves, coalition.joining_rules)
    event = event.model_copy(update={"joining_rules": rules})
    return published(member, event, evolve.moved(member, event))


def _refuse_another_move(member: Member, event: MemberMoved) -> None:
    last = member.moves[-1].moved if member.moves else None
    if last is None:
        raise Refused(f"{member.name} is in the coalition {member.coalition!r} from its beginning")
    if not agree(last, event.moved):
        raise Refused(
            f"{member.name} belongs to the coalition {member.coalition!r} since {last} already:"
            " MemberCorrected mends a wrong date"
        )


def _refuse_too_early(member: Member, date: str) -> None:
    first = member.steps[0].date if member.steps else None
    if is_older(date, first):
        raise Refused(f"{date} lies before its first step, {first}")
    if member.moves and is_older(date, member.moves[-1].moved):
        raise Refused(f"it moved in {member.moves[-1].moved}, which is later than {date}")


# --- corrections ------------------------------


def correct(member: Member | None, event: MemberCorrected, context: Context) -> Sequence[Event]:
    """Correct what is recorded wrongly, or never was so; or take a correction back.

    Raises:
        Refused: no such thing is recorded, or what is left makes no sense.
    """
    if event.fact in _DATES:
        refuse_future(event.correct, context.now)
    member = existing(member, event)
    refuse_other_than(member, event.member)
    _refuse_unmendable(member, event, context)
    event = event.model_copy(update={"alias": None, "coalition_before": None})
    found = evolve.correction(member, event)
    if found.problem:
        raise Refused(found.problem)
    if found.found is None:
        return []
    event = event.model_copy(update={"of": found.found.of, "alias": _alias(member, found.state)})
    event = _of_coalition(member, event, found.state, context)
    after = evolve.correction(member, event).state
    _refuse_as_it_is(after, event, context)
    return published(member, event, after)


def _refuse_unmendable(member: Member, event: MemberCorrected, context: Context) -> None:
    """Refuse what is not this member's to correct, or not yet."""
    if event.fact == "merged into":
        into = context.find(stream(event.recorded), Member)
        if into and member.id in {*into.absorbed, *into.aliases}:
            raise Refused(f"{into.name} has it merged: correct the fact 'merged' of {into.id!r}")
        if event.correct:
            raise Refused("MembersMerged makes it a duplicate again, or the correction of 'merged'")
        return
    refuse_merged(member)
    if event.fact == "coalition" and event.coalition in {event.recorded, event.correct}:
        return
    refuse_elsewhere(member, event.coalition)
    if event.fact == "moved":
        _refuse_earlier_move(member, event)


def _refuse_earlier_move(member: Member, event: MemberCorrected) -> None:
    earlier = {move.moved for move in member.moves[:-1]}
    corrected = of_fact(member.corrections, "moved", event.recorded)
    if earlier & {event.recorded, *(one.correct for one in corrected)}:
        last = member.moves[-1].moved
        raise Refused(f"{member.name} moved again in {last}: correct that first")


def _alias(before: Member, after: Member) -> str | None:
    """The id that follows from what is right, and from nothing else recorded already."""
    follows = before.derived_id == before.id or before.aliases
    if not follows or before.derived_id == after.derived_id:
        return None
    if after.derived_id == after.id or len(after.corrections) < len(before.corrections):
        return _followed_no_more(before, after)
    return after.derived_id


def _followed_no_more(before: Member, after: Member) -> str | None:
    """The alias to be free again: it followed until now, or is the last of what is corrected."""
    if before.derived_id in before.aliases:
        return before.derived_id
    return next((one for one in reversed(before.aliases) if one != after.derived_id), None)


def _of_coalition(
    before: Member, event: MemberCorrected, after: Member, context: Context
) -> MemberCorrected:
    """The event with the coalition that the member is in after it, and what that one tells."""
    more: dict[str, object] = {"coalition": after.coalition, "joining_rules": None}
    if after.coalition != before.coalition:
        more["coalition_before"] = before.coalition
    if event.fact not in {"coalition", "moved"}:
        return event.model_copy(update=more)
    if coalition := context.find(coalition_stream(after.coalition), Coalition):
        rules = rules_through(after.moves, coalition.joining_rules)
        more |= {"coalition_name": coalition.name, "joining_rules": rules}
    elif event.fact == "coalition":
        raise Refused(f"the coalition {after.coalition!r} is not known")
    return event.model_copy(update=more)


def _refuse_as_it_is(member: Member, event: MemberCorrected, context: Context) -> None:
    """Refuse what the member would be after the correction, where that makes no sense."""
    if member.country is None and any(n.kind != "association" for n in _names(member)):
        raise Refused("only an association may be without a country")
    try:
        check_qualifier(member.country, member.qualifier)
    except ValueError as error:
        raise Refused(f"{error}: correct the qualifier first") from None
    if event.alias and event.correct != event.recorded:
        other = context.find(stream(event.alias), Member)
        # One that was an alias before, and is free again, has no steps.
        if other and other.merged_into != member.id and (other.steps or other.merged_into):
            raise Refused(
                f"{event.alias!r} is recorded as a member of its own: if the two are one, send"
                " MembersMerged"
            )
    if event.fact == "moved" and event.correct:
        _refuse_disorder(member, event)
    if event.fact == "part of":
        refuse_circle(member, member.part_of, context)
    refuse_left_before_joined(member)


def _names(member: Member) -> Sequence[MemberName]:
    return member.called or (member.name_now,)


def _refuse_disorder(member: Member, event: MemberCorrected) -> None:
    last = member.moves[-1].moved
    if event.coalition_before not in {None, member.moves[-1].coalition}:
        raise Refused(f"it has moved since, to {event.coalition_before!r}: correct that first")
    if len(member.moves) > 1 and is_older(last, member.moves[-2].moved):
        raise Refused(f"it moved in {member.moves[-2].moved}, which is later than {last}")
    if member.steps and is_older(last, member.steps[0].date):
        raise Refused(f"{last} lies before its first step, {member.steps[0].date}")
