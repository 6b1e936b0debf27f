"""The demo's history in memory: through membership, to plans, and to notifications."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from services import manifests
from services.notifications.domain import ALL_SUBSCRIPTIONS, NOTIFIED
from services.plans.domain import MemberCommitments
from shared import cloudevents
from shared.contracts.membership import MemberEvent
from shared.contracts.plans import CommitmentsFellDue
from tests.unit.domains import ROOT, decider_of
from tests.unit.fold import Folded
from tests.wishes import all_of, wants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event

GOLDEN: Final = ROOT / "shared" / "contracts" / "examples"


def golden(event: type[Event]) -> Event:
    """The committed example of a type."""
    return event.model_validate_json((GOLDEN / f"{event.type}.json").read_text())


class History:
    """What one service published because of what it was given, by stream."""

    def __init__(self, service: str) -> None:
        self.folded: Folded[Any] = Folded(decider_of(service))
        self.published: dict[str, list[Event]] = defaultdict(list)

    def give(self, event: Event) -> Sequence[Event]:
        """Decide an event of a type that the service takes."""
        stream = self.folded.decider.route(event, ("urn:test", str(self.folded.given + 1))).stream
        published = self.folded.tell(event)
        self.published[stream] += published
        return published


@cache
def histories() -> dict[str, History]:
    """Each service's part of the demo's history."""
    services = {name: History(name) for name in manifests.MANIFESTS}
    notifications = services["notifications"]
    notifications.folded.states[ALL_SUBSCRIPTIONS] = all_of(wants())
    for event in _published(services["membership"], services["plans"]):
        if type(event) in NOTIFIED:
            notifications.give(event)
    return services


def _published(membership: History, plans: History) -> Iterator[Event]:
    lines = (ROOT / "data" / "history" / "events.jsonl").read_bytes().splitlines()
    for envelope in cloudevents.structured(lines):
        event = cloudevents.parse(envelope, manifests.EVENTS)
        if event.type in manifests.MANIFESTS["plans"].inbox:
            yield from plans.give(event)
            continue
        for accepted in membership.give(event):
            yield accepted
            if isinstance(accepted, MemberEvent):
                yield from plans.give(accepted)
    for state in list(plans.folded.states.values()):
        if isinstance(state, MemberCommitments) and state.state == "awaiting":
            yield from plans.give(
                CommitmentsFellDue(coalition=state.coalition, member=state.member)
            )
