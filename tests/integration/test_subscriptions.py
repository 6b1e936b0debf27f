"""Subscriptions on a real store: one for each address, and changed by whoever saw it last."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from services.notifications.domain import ALL_SUBSCRIPTIONS, Interests
from services.notifications.domain.announcements.state import ALL_COALITIONS, ALL_HOMES
from services.notifications.domain.changes import concerned
from services.notifications.following import FollowedMembers
from services.notifications.homes import CoalitionLookup, HomeLookup
from services.notifications.known import Known
from services.notifications.subscription import NewSubscription, SubscriptionChange, Wish, changed
from services.notifications.subscriptions import Exists
from services.notifications.welcoming import Welcoming
from shared.contracts.base import MemberRef
from shared.contracts.membership import MemberAbsorbed, MemberCorrected
from shared.web.problems import Problem
from tests.post import post
from tests.wishes import newcomer

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from tests.parts import Parts


async def ids(subscriptions: Any) -> list[str]:
    found = (await subscriptions.look_up([ALL_SUBSCRIPTIONS.id]))[ALL_SUBSCRIPTIONS.id]
    assert isinstance(found, Interests)
    return [one.id for one in found.all]


async def test_an_address_is_compared_without_case_and_kept_as_its_owner_wrote_it(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        first = await here.subscriptions.add(newcomer("Ada.Lovelace@example.org"))
        assert first.address == "Ada.Lovelace@example.org"
        with pytest.raises(Exists, match=first.id):
            await here.subscriptions.add(newcomer("ada.lovelace@EXAMPLE.org"))
        other = await here.subscriptions.add(newcomer("b@example.org"))
        with pytest.raises(Exists, match=first.id):
            await here.subscriptions.replace(other, newcomer("ADA.lovelace@example.org"))


async def test_of_two_who_change_the_same_version_one_is_told_so(parts: Parts) -> None:
    async with post(parts) as here:
        seen = await here.subscriptions.add(newcomer("a@example.org"))
        new = changed(seen, SubscriptionChange(zone="Africa/Dakar"))
        now = await here.subscriptions.replace(seen, new)
        assert now
        assert (now.version, now.zone, now.rules) == (2, "Africa/Dakar", seen.rules)
        assert await here.subscriptions.replace(seen, new) is None


async def test_whoever_is_subscribed_for_a_duplicate_is_so_for_the_member_that_it_is(
    parts: Parts,
) -> None:
    double, ulm = MemberRef(id="de-city-ulm-donau"), MemberRef(id="de-city-ulm")
    merged = MemberAbsorbed(coalition="europe", member=double, into=ulm, reason="one city")
    async with post(parts) as here:
        of_it = newcomer("a@example.org").model_copy(update={"members": (double.key, ulm.key)})
        rule = Wish(members=(double.key,), how="at once")
        by_rule = newcomer("b@example.org").model_copy(update={"rules": (rule,)})
        people = [await here.subscriptions.add(one) for one in (of_it, by_rule)]
        other = await here.subscriptions.add(newcomer("c@example.org"))
        message: Any = SimpleNamespace(event=merged)
        for _ in range(2):  # it may be read again
            await FollowedMembers(here.subscriptions).keep([message])
        now = await here.subscriptions.find([*(one.id for one in people), other.id])
        assert now[people[0].id].members == (ulm.key,)
        assert [one.members for one in now[people[1].id].rules] == [(ulm.key,)]
        assert {id_: one.version for id_, one in now.items()} == {
            **dict.fromkeys((one.id for one in people), 2),
            other.id: 1,
        }
        change = SubscriptionChange(digest_hour=9)
        assert await here.subscriptions.replace(
            now[people[0].id], changed(now[people[0].id], change)
        )


async def test_what_rules_look_at_follows_each_change_and_is_else_not_read_again(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        reading = here.subscriptions
        people = [await here.subscriptions.add(newcomer(f"{n}@example.org")) for n in range(3)]
        assert await ids(reading) == sorted(one.id for one in people)
        before = await reading.interests()
        assert await reading.interests() is before
        change = SubscriptionChange(digest_hour=9)
        await here.subscriptions.replace(people[0], changed(people[0], change))
        await here.subscriptions.remove(people[1].id)
        after = await reading.look_up([people[0].id, people[1].id])
        assert set(after) == {people[0].id}
        assert getattr(after[people[0].id], "digest_hour", 0) == 9
        assert "example.org" not in str(after)


async def test_what_a_subscription_names_is_there_or_the_nearest_is_said(parts: Parts) -> None:
    async with post(parts) as here:
        known = Known(here.database)
        await here.database["changes"].insert_many(
            [{"_id": "1", "coalition": "europe", "members": ["de-city-bonn"]}]
        )
        person = {"name": "N", "address": "n@example.org", "role": "focal point"}

        async def check(**more: Any) -> None:
            await known.check(NewSubscription.model_validate({**person, **more}))

        await check(coalitions=["europe"], members=["de-city-bonn"])
        rule = {"coalitions": ["eurpoe"], "how": "daily"}
        with pytest.raises(Problem) as refused:
            await check(members=["de-city-bon"], rules=[rule])
        reasons = {e["where"]: e["reason"] for e in refused.value.more["errors"]}  # type: ignore[attr-defined]
        assert "'de-city-bonn'" in reasons["body.members"]
        assert "'europe'" in reasons["body.rules.0.coalitions"]


async def test_whose_member_is_one_with_another_is_told_which_to_name(parts: Parts) -> None:
    duplicate, other = "de-city-bad-godesberg", "de-city-bonn"
    about = {"coalition": "europe", "member": MemberRef(id=duplicate), "reason": "one city"}
    merged = MemberAbsorbed(**about, into=MemberRef(id=other))
    undone = MemberCorrected(**about, fact="merged into", recorded=other)
    async with post(parts) as here:
        known = Known(here.database)

        async def read(id_: str, event: Event) -> None:
            kept = {"about": event.subject, "type": event.type, "data": event.model_dump_json()}
            names = {"members": [*concerned(event)]}
            await here.database["changes"].insert_one({"_id": id_, **names, **kept})

        person = {"name": "N", "address": "n@example.org", "role": "focal point"}
        wanted = NewSubscription.model_validate({**person, "members": [duplicate]})
        await read("1", merged)
        with pytest.raises(Problem) as refused:
            await known.check(wanted)
        assert f"one with {other!r}" in str(refused.value.more["errors"])
        await read("2", undone)
        await known.check(wanted)


async def test_everybody_is_welcomed_once_be_it_later(parts: Parts) -> None:
    async with post(parts) as here:
        person = await here.subscriptions.add(newcomer("a@example.org"))
        welcoming = Welcoming(here.database, lambda: here.now)
        await welcoming.catch_up()
        await welcoming.catch_up()
        await welcoming.welcome(person)
        (email,) = await here.all()
        assert (email.kind, email.subscription) == ("Welcome", person.id)
        assert not email.details, "what it says is made when it is sent, of what is wanted then"
        again = (await here.subscriptions.find([person.id]))[person.id]
        assert again.version == 1


async def test_an_announcement_knows_where_peoples_own_members_belong_today(parts: Parts) -> None:
    async with post(parts) as here:
        homes = HomeLookup(here.database, here.subscriptions)
        person = {"name": "N", "address": "n@example.org", "role": "focal point"}
        own = {"members": ["de-city-bonn", "sn-city-dakar"]}
        await here.subscriptions.add(NewSubscription.model_validate({**person, **own}))
        read = [
            ("1", "europe", "de-city-bonn", "membership.CitySigned"),
            ("2", "africa", "de-city-bonn", "membership.MemberMoved"),
            ("3", "europe", "de-city-bonn", "plans.CommitmentUpdated"),
            ("4", "europe", "fr-city-nantes", "membership.CitySigned"),
        ]
        for id_, coalition, member, type_ in read:
            about = {"about": member, "members": [member, "sn-city-dakar"]}
            change = {"coalition": coalition, "type": f"coalition.{type_}.v1"}
            await here.database["changes"].insert_one({"_id": id_, **about, **change})
        found = await homes.look_up([ALL_HOMES.id])
        assert found[ALL_HOMES.id].of == {"de-city-bonn": "africa"}
        there = await CoalitionLookup(here.database).look_up([ALL_COALITIONS.id])
        assert there[ALL_COALITIONS.id].ids == ("africa", "europe")
