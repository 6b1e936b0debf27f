"""What was recorded is sent once more, what did not fit is made up for, and nothing overtakes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from services.notifications.changes import Kept
from services.notifications.webhooks.keeping import QueuedForWebhooks
from services.notifications.webhooks.replaying import gap_of, replay_of
from services.notifications.webhooks.watching import Watching
from shared.contracts.notifications import WebhookStopped
from tests.hooks import hooks
from tests.receiver import receiver

if TYPE_CHECKING:
    from tests.hooks import Hooks
    from tests.parts import Parts

BONN: Final = "de-city-bonn"
HOUR: Final = timedelta(hours=1)


async def brought(here: Hooks, **more: Any) -> None:
    """All that is to be replayed is queued."""
    replaying = here.replaying(**more)
    while await replaying.step():
        pass


async def ask(here: Hooks, since: timedelta, until: timedelta) -> None:
    asked = replay_of(here.now + since, here.now + until)
    await here.endpoints.set("hook", replay=asked.model_dump())


async def test_what_was_recorded_in_a_time_is_sent_once_more_in_order_under_the_same_ids(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        before = await here.due(BONN)
        here.now += HOUR
        begun = here.now
        ids = await here.due(*[BONN] * 5)
        ids += await here.due(*[BONN] * 510, together=True)
        here.now += HOUR
        after = await here.due(BONN)
        sender = here.sender()
        await here.run_until(lambda: here.sent(517), sender)
        assert there.taken[BONN] == [*before, *ids, *after]
        here.now = begun + timedelta(minutes=30)
        await ask(here, timedelta(minutes=-31), timedelta())
        await brought(here)
        here.now = begun + 2 * HOUR
        new = await here.due(BONN)
        await here.run_until(lambda: here.sent(518), here.sender())
        assert there.taken[BONN] == [*before, *ids, *after, *ids, *new]
        assert (await here.endpoints.of(["hook"]))["hook"].replay is None


async def test_only_what_a_webhook_wants_is_replayed_also_from_before_it_was_there(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        wanted = [one.id for one in await here.recorded(BONN, BONN)]
        await here.recorded("de-city-berlin")
        here.now += HOUR
        await here.register(there.url, members=(BONN,))
        await ask(here, -2 * HOUR, timedelta())
        await brought(here)
        await here.run_until(lambda: here.sent(2), here.sender())
        assert [one.id for one in there.got] == wanted


async def test_where_nothing_of_what_was_recorded_is_wanted_nothing_is_replayed(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url, members=(BONN,))
        await here.recorded("de-city-berlin")
        await ask(here, -HOUR, HOUR)
        await brought(here)
        assert (await here.endpoints.of(["hook"]))["hook"].replay is None
        assert there.got == []


async def test_too_many_stop_it_and_what_was_not_queued_is_made_up_for_in_order(
    parts: Parts, monkeypatch: Any
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        publisher: Any = here
        watching = Watching(here.endpoints, here.deliveries, publisher, lambda: here.now, most=10)
        await here.become("paused")
        ids = await here.due(*[BONN] * 10)
        await watching.look()
        await watching.look()
        (event,) = [WebhookStopped.model_validate_json(one.value or b"") for one in here.said]
        assert event.reason == "too many events wait"
        missed = await here.recorded(*[BONN] * 15)
        await keep(here, missed, monkeypatch)
        found = (await here.endpoints.of(["hook"]))["hook"]
        assert found.full is not None
        assert found.full <= missed[0].recorded
        assert (await here.counts())["queued"] == 10, "no more is queued"

        here.now += HOUR
        await here.become("active")
        await here.endpoints.set("hook", replay=gap_of(found.full, here.now, 0).model_dump())
        sender, replaying = here.sender(), here.replaying(most=10)

        async def all_sent() -> bool:
            await replaying.step()
            return await here.sent(25)

        await here.run_until(all_sent, sender, step=0.5)
        assert there.taken[BONN] == [*ids, *(one.id for one in missed)]

        async def live_again() -> bool:
            await replaying.step()
            one = (await here.endpoints.of(["hook"]))["hook"]
            return one.full is None and one.replay is None

        await here.run_until(live_again, sender)
        more = await here.recorded(BONN)
        await keep(here, more, monkeypatch)
        await here.run_until(lambda: here.sent(26), here.sender(), step=0.5)
        assert there.taken[BONN][-1] == more[0].id


async def keep(here: Hooks, events: list[Kept], monkeypatch: Any) -> None:
    """The keeper reads them."""
    from services.notifications.letters import event_of  # noqa: PLC0415
    from services.notifications.webhooks import keeping  # noqa: PLC0415

    messages: Any = [_Message(one, event_of(one.type, one.data)) for one in events]
    monkeypatch.setattr(keeping, "kept", lambda one: {**one.kept.model_dump(), "_id": one.kept.key})
    keeper = QueuedForWebhooks(here.endpoints, here.deliveries, lambda: here.now)
    await keeper.keep(messages)


class _Message:
    def __init__(self, kept: Kept, event: Any) -> None:
        self.kept, self.event, self.type = kept, event, kept.type


async def test_while_it_is_paused_what_is_to_be_sent_waits(parts: Parts) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        await here.register(there.url, "other")
        await here.become("paused")
        ids = await here.due(BONN, BONN)
        await here.due(BONN, to="other")
        await here.run_until(lambda: here.sent(1), here.sender())
        assert len(there.got) == 1
        await here.become("active")
        await here.run_until(lambda: here.sent(3), here.sender())
        assert [one.id for one in there.got][1:] == ids


async def test_what_was_read_before_it_was_registered_or_long_ago_is_not_sent(
    parts: Parts, monkeypatch: Any
) -> None:
    async with hooks(parts) as here, receiver() as there:
        early = await here.recorded(BONN)
        here.now += timedelta(days=-2)
        earlier = await here.recorded(BONN)
        here.now += timedelta(days=2)
        await here.register(there.url)
        await keep(here, [*earlier, *early], monkeypatch)
        assert await here.counts() == {"queued": 1}
        here.now += timedelta(days=31)
        await keep(here, early, monkeypatch)
        assert await here.counts() == {"queued": 1}


async def test_what_is_left_of_a_webhook_that_is_removed_is_taken_away(parts: Parts) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        await here.due(BONN)
        await here.become("removed")
        await here.endpoints.forget("hook")
        publisher: Any = here
        await Watching(here.endpoints, here.deliveries, publisher, lambda: here.now).look()
        assert not await here.counts()
