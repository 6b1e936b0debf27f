"""What a member takes over from a duplicate, and gives back where the two are two after all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.membership.domain.claims import Claimed
from services.membership.domain.members import partners, placing
from services.membership.domain.members.facts import FACTS, with_all_names
from services.membership.domain.members.partners import Partner
from services.membership.domain.members.placing import Placed
from services.membership.domain.members.state import Population, TakenFacts, TakenOver
from shared.contracts.membership import ClaimedOf, PartnerTime, PeopleCounted, bounds
from shared.domain.corrections.facts import find_corrected
from shared.domain.dates import agree, by_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.membership.domain.members.state import Member
    from shared.contracts.base import Model
    from shared.contracts.membership import MembersMerged, Step

_LISTS: Final = ("partners", "populations", "also_claimed")


# --- steps ------------------------------


def with_steps(member: Member, duplicate: str, steps: Iterable[Step]) -> Member:
    """A member with steps of a duplicate, and with what each of them changed."""
    now, taken = member.steps, list(member.taken_over)
    for step in steps:
        before, now = now, placing.with_step(now, step, member.joining_rules).steps
        was = next((one for one in before if one not in now), None)
        taken += [
            TakenOver(duplicate=duplicate, was=was, now=one) for one in now if one not in before
        ]
    return member.model_copy(update={"steps": now, "taken_over": tuple(taken)})


def without_steps(member: Member, duplicate: str) -> tuple[Member, str | None]:
    """A member without what it took over, and why the steps that are left make no way.

    What was recorded of such a step since is the member's own, and stays.
    """
    steps, problem = member.steps, None
    for one in reversed([t for t in member.taken_over if t.duplicate == duplicate]):
        if one.now in steps:
            placed = _without(member, steps, one)
            steps, problem = placed.steps, problem or placed.problem
    rest = tuple(t for t in member.taken_over if t.duplicate != duplicate)
    return member.model_copy(update={"steps": steps, "taken_over": rest}), problem


def _without(member: Member, steps: tuple[Step, ...], taken: TakenOver) -> Placed:
    if taken.was is None:
        return placing.without(steps, taken.now, member.joining_rules)
    others = tuple(step for step in steps if step != taken.now)
    return placing.place(others, taken.was, steps, member.joining_rules)


# --- partners, counts and claims ------------------------------


def lacking(member: Member, duplicate: Member) -> dict[str, object]:
    """What a duplicate has and its member has not, as the merger says it; as far as there is room.

    What was found to be wrong of it is not brought back.
    """
    times, counts = _partners(member, duplicate), _counts(member, duplicate)
    claims = (one for one in duplicate.also_claimed if one not in member.also_claimed)
    return {
        "partners": _said(PartnerTime, times, bounds.MAX_PARTNERS - len(member.partners)),
        "counts": _said(PeopleCounted, counts, bounds.MAX_POPULATIONS - len(member.populations)),
        "claims": _said(ClaimedOf, claims, bounds.MAX_CLAIMED - len(member.also_claimed)),
    }


def _said(model: type[Model], found: Iterable[Model], room: int) -> tuple[Model, ...] | None:
    return tuple(model(**one.model_dump()) for one in found)[: max(room, 0)] or None


def _partners(member: Member, duplicate: Member) -> Iterator[Partner]:
    named = with_all_names(member)
    for time in duplicate.partners:
        mine = partners.times_of(member.partners, time.organisation)
        is_wrong = find_corrected(named, FACTS, "partner joined", time.joined, time)
        if not is_wrong and not any(agree(one.joined, time.joined) for one in mine):
            yield time


def _counts(member: Member, duplicate: Member) -> Iterator[Population]:
    named = with_all_names(member)
    for count in duplicate.populations:
        is_wrong = find_corrected(named, FACTS, "population counted", count.as_of)
        if not is_wrong and not any(agree(one.as_of, count.as_of) for one in member.populations):
            yield count


def with_facts(member: Member, event: MembersMerged) -> Member:
    """A member with what else a merger says that it takes over."""
    taken = TakenFacts(
        duplicate=event.merged.key,
        partners=tuple(Partner(**one.model_dump()) for one in event.partners or ()),
        populations=tuple(Population(**one.model_dump()) for one in event.counts or ()),
        also_claimed=tuple(Claimed(**one.model_dump()) for one in event.claims or ()),
    )
    if not any(getattr(taken, name) for name in _LISTS):
        return member
    more: dict[str, Any] = {
        name: tuple(dict.fromkeys((*getattr(member, name), *getattr(taken, name))))
        for name in _LISTS
    }
    more["populations"] = by_date(more["populations"], lambda one: one.as_of)
    return member.model_copy(update={**more, "taken_facts": (*member.taken_facts, taken)})


def without_facts(member: Member, duplicate: str) -> Member:
    """A member without what else it took over, but for what was recorded of it since."""
    taken = [one for one in member.taken_facts if one.duplicate == duplicate]
    left: dict[str, Any] = {
        name: tuple(
            one
            for one in getattr(member, name)
            if not any(one in getattr(each, name) for each in taken)
        )
        for name in _LISTS
    }
    rest = tuple(one for one in member.taken_facts if one.duplicate != duplicate)
    return member.model_copy(update={**left, "taken_facts": rest})
