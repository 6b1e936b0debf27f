"""A delivery keeps the trace of what it tells, over everything that happens to it in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.delivery import MANY
from services.notifications.domain import DIGESTS
from services.notifications.gathering import Gathering
from shared.contracts.notifications import DigestQueued
from shared.domain.stream import Stream
from shared.tracing.spans import new_context
from tests.fakes.spans import FakeSpans
from tests.post import Postman, post

if TYPE_CHECKING:
    from tests.parts import Parts
    from tests.post import Post

ONE: Final = "jane.doe@example.org"


async def traced(here: Post, *numbers: int) -> list[str]:
    """Deliveries to one person, each in a trace of its own."""
    await here.due(*numbers, address=ONE)
    await here.database["deliveries"].delete_many({})
    contexts = {one.notification: new_context() for one in here.queued}
    for queued in here.queued:
        await here.deliveries.queue([queued], traces=contexts)
    return [one.parent for one in contexts.values()]


async def test_each_attempt_is_a_span_below_the_event_that_the_e_mail_tells_of(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        (parent,) = await traced(here, 1)
        await here.queue_again()  # as after a crash: it is there already, and stays as it is
        (delivery,) = await here.all()
        assert delivery.traceparent == parent
        spans = FakeSpans()
        assert await here.send_due(here.mailer(Postman(), spans=spans)) == {"sent": 1}
        (span,) = spans.told
        assert span.parent
        assert span.parent.parent == parent
        assert ONE not in str(span)


async def test_one_e_mail_for_many_that_came_together_links_to_them(parts: Parts) -> None:
    async with post(parts) as here:
        parents = await traced(here, *range(MANY))
        await Gathering(here.database).gather()
        spans = FakeSpans()
        await here.send_due(here.mailer(Postman(), spans=spans))
        (span,) = spans.told
        assert span.parent is None
        assert sorted(link.parent for link in span.links) == sorted(parents)


async def test_a_digest_stands_in_its_own_trace_and_links_to_what_it_tells(parts: Parts) -> None:
    async with post(parts) as here:
        parents = await traced(here, 1, 2)
        (person, *_) = {one.subscription for one in await here.all()}
        digest = DigestQueued(
            digest="d",
            subscription=person,
            frequency="daily",
            date="2026-01-01",
            due=here.now,
            notifications=tuple(one.notification for one in here.queued),
        )
        waiting = {"$set": {"state": "waiting", "how": "daily"}}
        await here.database["deliveries"].update_many({}, waiting)
        own = new_context()
        traces = {Stream(DIGESTS, digest.subject): own}
        await Gathering(here.database).queue([digest], traces=traces)
        spans = FakeSpans()
        await here.send_due(here.mailer(Postman(), spans=spans))
        (span,) = spans.told
        assert span.parent == own
        assert sorted(link.parent for link in span.links) == sorted(parents)
