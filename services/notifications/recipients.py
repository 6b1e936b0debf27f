"""Recipients: what came back, whose address is written to no more, and who is forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.metrics_core import GaugeMetricFamily

from services.notifications.domain import RECIPIENTS, Recipient
from shared.outlasting import outlasted
from shared.pipeline.projections import NO_TRACES
from shared.web.health import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client.metrics_core import Metric
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.domain import State
    from services.notifications.people import People
    from services.notifications.suppressions import Suppressions
    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.tracing.context import TraceContext

LATELY: Final = timedelta(days=1)
"""How long an operator is shown that somebody does not trust our e-mails."""
_LOOK_SECONDS: Final = 60
_EMPTY_SECONDS: Final = 3600


class FollowedRecipients:
    """Has the mailer know who is suppressed, and forgets who is erased, after a restore as well."""

    of: tuple[type[Event], ...] = ()

    def __init__(self, suppressions: Suppressions, people: People) -> None:
        self._suppressions, self._people = suppressions, people

    async def prepare(self) -> None:
        """Create what the suppressions need."""
        await self._suppressions.prepare()

    async def project(
        self,
        states: Mapping[Stream, State],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Follow what was decided."""
        del events, traces
        await self.rebuild(states)

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Follow what the journal says: whom a backup brought back is forgotten again."""
        found = [one for one in states.values() if isinstance(one, Recipient)]
        if found:
            await self._suppressions.follow(found)
        if erased := [one.id for one in found if one.erased]:
            await self._people.forget(erased)


class Reputation:
    """Looks now and then whether others refuse our e-mails for what we are (5.7.x).

    Args:
        database: with the recipients.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._recipients = database[RECIPIENTS]
        self._count = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until the process stops."""
        while not stopping.is_set():
            await outlasted(self.look(datetime.now(UTC)), stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _LOOK_SECONDS)

    async def look(self, now: datetime) -> None:
        """Count at how many addresses it was so lately."""
        since = (now - LATELY).isoformat()
        self._count = await self._recipients.count_documents({"distrusted": {"$gt": since}})

    def condition(self) -> Condition:
        """What `/readyz` says: the service is well, and its e-mails may not arrive."""
        return Condition("mail_reputation", ready=True, detail={"refused_lately": self._count})

    def metrics(self) -> Iterator[Metric]:
        """At how many addresses it was so lately."""
        yield GaugeMetricFamily(
            "coalition_mail_distrusted",
            "Addresses whose server has refused our e-mail for what we are (5.7.x), in a day.",
            value=self._count,
        )


class Emptying:
    """Empties old deliveries now and then.

    Args:
        people: whose they are.
        keep: how long what was sent can be read.
    """

    def __init__(self, people: People, keep: timedelta) -> None:
        self._people, self._keep = people, keep

    async def run(self, stopping: asyncio.Event) -> None:
        """Do it until the process stops."""
        while not stopping.is_set():
            await outlasted(self._people.empty_old(self._keep), stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _EMPTY_SECONDS)
