"""How e-mails ended is said once, and what people's addresses have come to, on a real store."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.deliveries import UNPUBLISHED
from services.notifications.delivery import Requeue
from services.notifications.domain import RECIPIENTS, Recipient
from services.notifications.endings import Endings
from services.notifications.people import ERASED, People
from services.notifications.recipients import FollowedRecipients
from services.notifications.suppressions import Suppressions
from shared.domain.stream import Stream
from shared.kafka.producer import NotDelivered
from tests.post import Postman, post
from tests.smtp import scripted_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kafka.producer import Outgoing
    from tests.parts import Parts
    from tests.post import Post

ADDRESS: Final = "Nour@Example.org"
KEYS: Final = ("k" * 40,)
SECRET: Final[dict[str, Any]] = {"link_keys": KEYS[0]}


@dataclass(slots=True)
class Said:
    """Takes what is said."""

    records: list[Outgoing] = field(default_factory=list)
    fails: bool = False

    async def send(self, records: Sequence[Outgoing]) -> None:
        if self.fails:
            raise NotDelivered("away", delivered=0, unsure=False)
        self.records += records

    def of(self, kind: str) -> list[dict[str, Any]]:
        types = [(dict(one.headers)["ce_type"].decode(), one.value) for one in self.records]
        return [json.loads(value or b"") for type_, value in types if f".{kind}." in type_]

    def ended(self) -> Counter[str]:
        return Counter(
            one["state"]
            for said in self.of("DeliveriesEnded")
            for one in said["ended"]
            for _ in one["subscriptions"]
        )


def endings(here: Post, said: Any) -> Endings:
    return Endings(here.database, said, clock=lambda: here.now)


def suppressions(here: Post) -> Suppressions:
    return Suppressions(here.database, KEYS)


def people(here: Post, said: Any) -> People:
    return People(here.database, said, suppressions(here), clock=lambda: here.now)


def following(here: Post, said: Any) -> FollowedRecipients:
    return FollowedRecipients(suppressions(here), people(here, said))


async def follow(here: Post, **state: Any) -> None:
    """Have a recipient be so, as the journal says."""
    one = Recipient(**state)
    await following(here, Said()).project({Stream(RECIPIENTS, one.id): one}, [])


async def only(here: Post) -> str:
    """The one subscription there is."""
    (found,) = (await here.queries.subscriptions("", 10)).items
    return found.id


async def test_how_e_mails_ended_is_said_once_for_each_batch(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        said: Any = Said()
        server.answer = lambda now: (
            "550 5.1.1 nobody" if now.step == "RCPT" and now.times <= 3 else None
        )
        await here.due(*range(20))
        await here.send_due(here.mailer(smtp_port=server.port))
        one, other = endings(here, said), endings(here, said)
        await one.prepare()
        assert await one.say() == 20
        assert await other.say() == await one.say() == 0
        assert said.ended() == {"sent": 17, "failed": 3}
        (batch,) = said.of("DeliveriesEnded")
        assert {one["reason"] for one in batch["ended"] if one["state"] == "failed"} == {
            "refused: 550 5.1.1"
        }
        refused = said.of("BounceReceived")
        assert {(one["status"], one["refused"]) for one in refused} == {("5.1.1", True)}
        assert len(refused) == 3
        assert "@" not in str(said.records)
        assert not await here.database["deliveries"].count_documents({UNPUBLISHED: True})
        assert all(one.ended == here.now for one in await here.all())


async def test_what_could_not_be_said_is_said_later_under_the_same_id(parts: Parts) -> None:
    async with post(parts) as here:
        said: Any = Said(fails=True)
        await here.due(*range(5))
        await here.send_due(here.mailer(Postman()))
        with pytest.raises(NotDelivered):
            await endings(here, said).say()
        said.fails = False
        assert await endings(here, said).say() == 0, "it is another one's turn"
        here.now += timedelta(minutes=1)
        assert await endings(here, said).say() == 5
        await here.database["deliveries"].update_many({}, {"$set": {UNPUBLISHED: True}})
        here.now += timedelta(minutes=1)
        assert await endings(here, said).say() == 5
        assert len({dict(one.headers)["ce_id"] for one in said.records}) == 1


async def test_what_was_said_before_a_crash_is_said_again_under_the_same_id_whatever_ended_since(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with post(parts) as here:
        said: Any = Said()
        await here.due(*range(5))
        await here.send_due(here.mailer(Postman()))
        crashing = endings(here, said)
        monkeypatch.setattr(crashing, "_unmark", dies)
        with pytest.raises(asyncio.CancelledError):
            await crashing.say()
        await here.due(*range(5, 8))
        await here.send_due(here.mailer(Postman()))
        here.now += timedelta(minutes=1)
        again = endings(here, said)
        assert [await again.say() for _ in range(3)] == [5, 3, 0]
        ids = [dict(one.headers)["ce_id"] for one in said.records]
        assert ids[0] == ids[1] != ids[2]


async def dies(*_: Any) -> None:
    raise asyncio.CancelledError


async def test_nothing_is_sent_to_who_is_suppressed_and_the_reason_is_shown(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2, address=ADDRESS)
        id_ = await only(here)
        await follow(here, id=id_, suppressed="no such address")
        assert await here.send_due(here.mailer(Postman(), **SECRET)) == {"cancelled": 2}
        assert {one.reason for one in await here.all()} == {f"suppressed: no such address ({id_})"}
        await follow(here, id=id_)
        await here.due(3, address=ADDRESS)
        assert await here.send_due(here.mailer(Postman(), **SECRET)) == {"cancelled": 2, "sent": 1}


async def test_who_is_suppressed_stays_so_when_the_key_of_the_hash_is_taken_out(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(1, address=ADDRESS)
        id_ = await only(here)
        await follow(here, id=id_, suppressed="no such address")
        for number, keys in enumerate(("n" * 40, None, f"{'n' * 40} {KEYS[0]}"), 2):
            assert (await here.send_due(here.mailer(Postman(), link_keys=keys))).keys() == {
                "cancelled"
            }
            await here.due(number, address=ADDRESS)


async def test_a_suppressed_address_is_known_when_its_person_was_erased_and_comes_back(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        said: Any = Said()
        await here.due(1, address=ADDRESS)
        id_ = await only(here)
        await follow(here, id=id_, suppressed="no such address")
        assert await people(here, said).erase(id_)
        await follow(here, id=id_, suppressed="no such address", erased=True)
        assert "example" not in str(await here.database["suppressions"].find().to_list()).lower()
        await here.due(2, address=ADDRESS.upper())
        assert await only(here) != id_
        assert await here.send_due(here.mailer(Postman(), **SECRET)) == {"cancelled": 2}


async def test_a_suppression_that_was_decided_before_its_person_was_erased_finds_the_address(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(1, address=ADDRESS)
        id_ = await only(here)
        assert await people(here, Said()).erase(id_)
        await follow(here, id=id_)
        await follow(here, id=id_, suppressed="no such address")
        await follow(here, id=id_, suppressed="no such address", erased=True)
        await here.due(2, address=ADDRESS.upper())
        assert await here.send_due(here.mailer(Postman(), **SECRET)) == {"cancelled": 2}


async def test_of_an_address_that_was_never_suppressed_nothing_is_kept_when_it_is_erased(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(1, address=ADDRESS)
        id_ = await only(here)
        assert await people(here, Said()).erase(id_)
        await here.due(2, address=ADDRESS)
        assert await here.send_due(here.mailer(Postman(), **SECRET)) == {"cancelled": 1, "sent": 1}
        await follow(here, id=id_, erased=True)
        assert not await here.database["suppressions"].count_documents({})


async def test_a_person_is_exported_whole_and_erased_whole(parts: Parts) -> None:
    async with post(parts) as here:
        said: Any = Said()
        them = people(here, said)
        assert await them.export(ADDRESS) is None
        await here.due(1, 2, address=ADDRESS)
        await here.send_due(here.mailer(Postman()))
        await here.due(3, address=ADDRESS, headline="Nour's own")
        said_so = {"details": [{"label": "Town", "text": "Bonn"}]}
        await here.database["deliveries"].update_one({"headline": "Nour's own"}, {"$set": said_so})
        await here.due(4)
        exported = await them.export(ADDRESS.upper())
        assert exported
        assert exported.subscription.address == ADDRESS
        assert [one.state for one in exported.deliveries] == ["queued", "sent", "sent"]
        assert exported.deliveries[0].details[0].text == "Bonn"
        id_ = await them.find(ADDRESS.lower())
        assert id_
        assert await them.erase(id_)
        assert not await them.erase(id_)
        assert said.of("RecipientErased") == [{"subscription": id_}]
        assert await them.export(ADDRESS) is None
        theirs = [one for one in await here.all() if one.subscription == id_]
        assert Counter(one.state for one in theirs) == {"sent": 2, "cancelled": 1}
        assert {(one.headline, one.details, one.data) for one in theirs} == {("", (), "")}
        assert {one.reason for one in theirs} == {None, ERASED}
        found = [await here.database[name].find().to_list() for name in await names(here)]
        assert "nour" not in str(found).lower()


async def names(here: Post) -> list[str]:
    return await here.database.list_collection_names()


async def test_all_read_again_sends_nothing_to_who_was_erased_or_long_ago(parts: Parts) -> None:
    async with post(parts) as here:
        them = people(here, Said())
        await here.due(1, 2, address=ADDRESS)
        await here.due(3)
        await here.send_due(here.mailer(Postman()))
        assert await them.erase(await them.find(ADDRESS) or "")
        here.now += timedelta(days=366)
        await here.database["deliveries"].update_many({}, {"$set": {"place": 1}})
        await them.empty_old(timedelta(days=365))
        assert {one.headline for one in await here.all()} == {""}

        postman = Postman()
        await here.queue_again()
        assert await here.send_due(here.mailer(postman)) == {"sent": 3}
        assert await here.deliveries.requeue(Requeue(state="failed"), here.now) == 0
        assert not postman.given


async def test_whom_a_backup_brings_back_is_forgotten_again(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, address=ADDRESS)
        id_ = await only(here)
        before = await here.database["subscriptions"].find().to_list()
        assert await people(here, Said()).erase(id_)
        await here.database["subscriptions"].insert_many(before)
        erased = Recipient(id=id_, erased=True)
        await following(here, Said()).rebuild({Stream(RECIPIENTS, id_): erased})
        assert not (await here.queries.subscriptions("", 10)).items
        assert await here.send_due(here.mailer(Postman())) == {"cancelled": 1}
