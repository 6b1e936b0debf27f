"""A service in memory that also says to itself what follows, as its engine has it do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.membership.domain import DECIDER as MEMBERSHIP
from services.membership.domain import Member
from services.membership.reactions import REACTIONS as OF_MEMBERSHIP
from services.plans.domain import DECIDER as PLANS
from services.plans.domain import LocalPlan, MemberCommitments, MemberReports, report_stream
from services.plans.reactions import REACTIONS as OF_PLANS
from shared.contracts.membership import MemberEvent
from shared.domain.decider import Refused
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Mapping

    from shared.contracts.base import Event
    from shared.domain.decider import Decider
    from shared.pipeline.reactions import Reaction


class Holders:
    """What reactions ask of members, and of the holders of commitments."""

    def __init__(self, folded: Folded[Any]) -> None:
        self._folded = folded

    async def _where(self, **wanted: Any) -> AsyncIterator[MemberCommitments]:
        for state in list(self._folded.states.values()):
            if isinstance(state, MemberCommitments) and all(
                getattr(state, name) in values for name, values in wanted.items()
            ):
                yield state

    async def members_of(self, coalitions: Collection[str]) -> AsyncIterator[Member]:
        for state in list(self._folded.states.values()):
            if isinstance(state, Member) and state.coalition in coalitions:
                yield state

    def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        return self._where(coalition=[coalition], state=["awaiting"])

    def of_coalition(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        return self._where(coalition=[coalition], state=["open"])

    async def naming(self, kind: str, member: str) -> AsyncIterator[str]:
        for stream, state in list(self._folded.states.items()):
            if stream.kind == kind and member in _named(state):
                yield stream.id

    async def duplicates(self, members: Collection[str]) -> Mapping[str, str]:
        return {one.id: one.into async for one in self._where(id=members) if one.into}

    async def handed_in(self, member: str) -> AsyncIterator[str]:
        reports = self._folded.states.get(report_stream(member))
        for one in reports.reports if isinstance(reports, MemberReports) else ():
            if one.submitted:
                yield one.due

    def merged_into(self, ids: Collection[str]) -> AsyncIterator[MemberCommitments]:
        return self._where(into=ids)


def _named(state: Any) -> set[str]:
    """Whom a local plan or a practice names, or has named."""
    refs = [*state.holders] if isinstance(state, LocalPlan) else [state.member]
    refs += [one.member for one in getattr(state, "adoptions", ())]
    return {ref.key for ref in (*refs, *(one.duplicate for one in state.followed))}


class Reacting(Folded[Any]):
    """Decides and folds events, and those that follow from them.

    Attributes:
        refused: why what followed was refused.
        listeners: other services, which read what this one publishes of a member.
        heard: what is published because of what was read of others.
    """

    def __init__(
        self, decider: Decider[Any], reactions: Mapping[type[Event], Reaction[Any]]
    ) -> None:
        super().__init__(decider)
        self.reactions = reactions
        self.refused: list[str] = []
        self.listeners: list[Reacting] = []
        self.heard: list[Event] = []

    def tell(self, event: Event) -> list[Event]:
        """All that is published because of an event, at once and by and by."""
        published = list(super().tell(event))
        for listener in self.listeners:
            for one in published:
                if isinstance(one, MemberEvent):
                    listener.heard += listener.tell(one)
        for one in list(published):
            published += self.react(one)
        return published

    def tell_together(self, events: Iterable[Event]) -> None:
        """Decide some events, as in one batch, before anything that follows from one of them."""
        published = [one for event in events for one in Folded.tell(self, event)]
        for following in [each for one in published for each in _at_once(self._following(one))]:
            self._say(following)

    def react(self, event: Event) -> list[Event]:
        """All that follows from what was published, by and by."""
        return [one for each in _at_once(self._following(event)) for one in self._say(each)]

    def _say(self, event: Event) -> list[Event]:
        try:
            return self.tell(event)
        except Refused as error:
            self.refused.append(str(error))
            return []

    async def _following(self, event: Event) -> list[Event]:
        if type(event) not in self.reactions:
            return []
        caused: Any = [(None, event)]
        found = self.reactions[type(event)](Holders(self), caused)
        return [following async for _, following in found]


def _at_once(following: Coroutine[Any, Any, list[Event]]) -> list[Event]:
    """What a coroutine returns that waits for nothing; also where a loop runs already."""
    with pytest.raises(StopIteration) as done:
        following.send(None)
    found: list[Event] = done.value.value
    return found


def membership() -> Reacting:
    return Reacting(MEMBERSHIP, OF_MEMBERSHIP)


def membership_and_plans() -> tuple[Reacting, Reacting]:
    """Membership, and plans which reads what it publishes."""
    first, second = membership(), Reacting(PLANS, OF_PLANS)
    first.listeners.append(second)
    return first, second
