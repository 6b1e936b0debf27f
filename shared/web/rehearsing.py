"""`POST /rehearsals/{kind}`: what would become of an event, without recording it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import Path, Request

from shared import cloudevents
from shared.access.scopes import Scope
from shared.cloudevents import Envelope
from shared.contracts import catalogue
from shared.contracts.base import Model
from shared.journal.entry import Outcome
from shared.pipeline.rehearsal import Rehearsal
from shared.pipeline.repository import Repository
from shared.web.authentication import needs
from shared.web.events import json_body, see_type
from shared.web.openapi import data_body, failure
from shared.web.outcomes import Outcomes
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.pipeline.rehearsal import Rehearsed
    from shared.service import Service

_CAUSE: Final = ("urn:coalition:rehearsal", "1")


class WouldPublish(Model):
    """An event that would be published."""

    type: str
    subject: str
    data: dict[str, Any]


class WouldChange(Model):
    """A field of what the event is about that would be another."""

    field: str
    before: Any = None
    after: Any = None


class RehearsedEvent(Model):
    """What would become of an event, by the record of this moment; see `EventOutcome`."""

    outcome: Outcome
    reason: str | None = None
    published: tuple[WouldPublish, ...] = ()
    changes: tuple[WouldChange, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, rehearsed: Rehearsed) -> RehearsedEvent:
        """Say it."""
        return cls(
            outcome=rehearsed.outcome,
            reason=rehearsed.reason or None,
            published=tuple(
                WouldPublish(
                    type=event.type,
                    subject=event.subject,
                    data=event.model_dump(mode="json", exclude_none=True),
                )
                for event in rehearsed.published
            ),
            changes=tuple(WouldChange(**one._asdict()) for one in rehearsed.changes),
        )


def routes(service: Service[Any], journal: Journal) -> Router:
    """The route that rehearses events; none where a service takes none."""
    router = Router(tags=["events"])
    types = service.manifest.inbox
    if not types:
        return router
    current = Repository(
        service.decider, journal, service.snapshots, lookups=service.lookups
    ).current
    rehearsal, outcomes = Rehearsal(service.decider, current), Outcomes(service.warn)
    kinds = sorted(catalogue.called(type_) for type_ in types)

    @router.post(
        "/rehearsals/{kind}",
        dependencies=[needs(Scope.PUBLISH)],
        openapi_extra={"requestBody": data_body(types)},
        responses={422: failure("It is no event that is taken here, or it breaks its contract.")},
    )
    async def rehearse(
        request: Request, kind: str = Path(json_schema_extra={"enum": kinds})
    ) -> RehearsedEvent:
        """What would become of an event's data, sent as JSON; nothing is recorded."""
        see_type(request, "application/json")
        type_ = catalogue.typed(service.manifest.name, kind)
        envelope = Envelope(*_CAUSE, type_, await json_body(request))
        event = cloudevents.parse(envelope, types, to_record=True)
        rehearsed = await rehearsal.of(event, _CAUSE)
        first = rehearsed.published[0] if rehearsed.begins else None
        warnings = await outcomes.warnings(first)
        return RehearsedEvent.of(rehearsed).model_copy(update={"warnings": warnings})

    return router
