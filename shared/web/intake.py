"""The way of an event from HTTP to the inbox: who may say it, and what is answered."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from shared.access.callers import OPERATOR
from shared.access.scopes import Scope
from shared.contracts.base import Model
from shared.fingerprint import fingerprint
from shared.journal.entry import Outcome
from shared.kafka.producer import NotDelivered, Outgoing
from shared.pipeline.outbound import entrance
from shared.publishers import EVERY, Publishers, is_reserved, reserved
from shared.web.authentication import Check, caller_of
from shared.web.callers import source_of_caller
from shared.web.problems import Problem, later, problem, undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.access.scopes import Caller
    from shared.cloudevents import Envelope
    from shared.contracts.base import Event
    from shared.kafka.producer import Publisher as Producer
    from shared.pipeline.breaker import Halt
    from shared.publishers import Publisher
    from shared.web.waiting import OutcomeWatcher

MAX_WAIT: Final = 30
"""Seconds that an answer waits for an outcome at most."""
_HALT_SECONDS: Final = 60
"""When to try again what an operator has to see to first."""


class Taken(Model):
    """An event is on its way; `href` tells later what became of it."""

    source: str
    id: str
    href: str


class Reading(Check):
    """Sees that the service reads what is sent to it, or says honestly that it does not."""

    async def __call__(self) -> None:
        """Nothing: `check` has seen to it before."""

    async def check(self, request: Request) -> None:
        """Refuse what would lie on the inbox for nobody knows how long."""
        halted: Callable[[], Halt | None] = request.app.state.halted
        if halt := halted():
            reason = f"the service has halted and takes nothing: {halt.reason}; send it again later"
            raise later(reason, _HALT_SECONDS)


READING: Final = Depends(Reading())


class Intake:
    """Puts events on the inbox of a service, for those who may.

    Args:
        service: whose inbox it is.
        watcher: tells what became of them.
        producer: sends them to Kafka.
        publishers: who may say what.
        stopped: why an inbox is not read, if so.
    """

    def __init__(
        self,
        service: str,
        watcher: OutcomeWatcher,
        producer: Producer,
        publishers: Publishers,
        stopped: Callable[[str], Halt | None] = lambda _: None,
    ) -> None:
        self._service, self._watcher, self._producer = service, watcher, producer
        self._publishers, self._stopped = publishers, stopped

    def source_for(self, caller: Caller, type_: str) -> str:
        """As which source a caller says something of a type without naming one.

        Raises:
            Problem: the caller may not say that.
        """
        if caller.publishers is None:
            return source_of_caller(self._service, None if caller is OPERATOR else caller.name)
        speakers = self._speakers(caller)
        speaker = next((one for one in speakers if type_ in one.types), speakers[0])
        rule = speaker.sources[0]
        return f"{rule.removesuffix(EVERY)}http" if rule.endswith(EVERY) else rule

    def inbox_for(self, caller: Caller, envelope: Envelope, event: Event) -> str:
        """On which topic a caller's event is put: that of its publisher, where it has one.

        Raises:
            Problem: the caller may not say this, and the reason names what is allowed; or its
                inbox is halted.
        """
        if caller.publishers is not None:
            refusals = [one.refusal(envelope.source, event) for one in self._speakers(caller)]
            if None not in refusals and (refusal := refusals[0]):
                code, reason = refusal
                raise Problem(HTTPStatus.FORBIDDEN, reason, code=code)
        topic = entrance(self._service, envelope.source, self._publishers)
        if halt := self._stopped(topic):
            raise later(
                f"{topic} is not read now: {halt.reason}; send it again later", _HALT_SECONDS
            )
        return topic

    def place_for(self, caller: Caller, envelope: Envelope, event: Event) -> str:
        """The same for an event whose source the caller names.

        Raises:
            Problem: besides, the source is the service's own.
        """
        if is_reserved(envelope.source):
            raise Problem(HTTPStatus.FORBIDDEN, reserved(envelope.source), code="source")
        return self.inbox_for(caller, envelope, event)

    async def put(self, topic: str, envelope: Envelope, prefer: str) -> Response:
        """Put an event on a topic, wait for its outcome if that is preferred, and answer."""
        href = f"/events/{quote(envelope.source, safe='')}/{quote(envelope.id, safe='')}"
        outgoing = [Outgoing.forwarded(topic, envelope)]
        entry = None
        try:
            if seconds := seconds_of(prefer):
                digest = fingerprint(envelope.type, envelope.data)
                with self._watcher.waiting(envelope.source, envelope.id, digest) as waiter:
                    await self._producer.send(outgoing)
                    entry = await waiter.outcome(seconds)
            else:
                await self._producer.send(outgoing)
        except NotDelivered as error:
            # Whoever has named no id learns here under which one to send it again.
            return undelivered(error, source=envelope.source, id=envelope.id, href=href)
        location = {"Location": href}
        if entry is None:
            taken = Taken(source=envelope.source, id=envelope.id, href=href)
            return JSONResponse(taken.model_dump(), HTTPStatus.ACCEPTED, headers=location)
        if entry.outcome is Outcome.REJECTED:
            return problem(HTTPStatus.CONFLICT, entry.reason, code=entry.code, href=href)
        outcome = await self._watcher.outcomes.of(entry)
        return JSONResponse(outcome.model_dump(mode="json"), HTTPStatus.OK, headers=location)

    def _speakers(self, caller: Caller) -> list[Publisher]:
        found = [self._publishers.of(name) for name in sorted(caller.publishers or ())]
        if speakers := [one for one in found if one]:
            return speakers
        reason = f"the token {caller.name!r} publishes as nobody that is a publisher here"
        raise Problem(HTTPStatus.FORBIDDEN, reason, code="publisher")


def own_sources(publishers: Publishers, request: Request) -> Sequence[str] | None:
    """The sources whose rejections a caller may see; None is all of them."""
    caller = caller_of(request)
    if Scope.OPERATE in caller.scopes or caller.publishers is None:
        return None
    found = [publishers.of(name) for name in sorted(caller.publishers)]
    return [rule for one in found if one for rule in one.sources]


def seconds_of(prefer: str) -> int:
    """How long somebody prefers to wait for an outcome."""
    match = re.search(r"\bwait=([0-9]{1,4})\b", prefer)
    return min(int(match[1]), MAX_WAIT) if match else 0
