"""Whose e-mail is sent next, over several connections: of each person one at a time, in order."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.delivery import Claimed, DeliveryState
from services.notifications.in_turn import InTurn

EMAILS: Final = st.lists(st.sampled_from("abc"), max_size=30)


def claimed(person: str, place: int) -> Claimed:
    return Claimed(
        id=f"{place}.{person}",
        subscription=person,
        state=DeliveryState.SENDING,
        kind="CitySigned",
        about="de-city-bonn",
        headline="Bonn signed",
        place=place,
        due=datetime(2026, 1, 1, tzinfo=UTC),
        claim="one",
    )


@given(EMAILS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_each_person_gets_them_in_order_and_never_two_at_once(
    persons: list[str], connections: int, chance: Random
) -> None:
    here, sending, ended = InTurn[Claimed, None](), list[Claimed](), list[Claimed]()
    here.add((claimed(person, place), None) for place, person in enumerate(persons))
    while here.ready or sending:
        more = not sending or chance.choice([True, False])
        if here.ready and len(sending) < connections and more:
            sending.append(here.take()[0])
            assert len({one.subscription for one in sending}) == len(sending)
        else:
            one = chance.choice(sending)
            sending.remove(one)
            ended.append(one)
            here.done(one.subscription)
    assert len(here) == 0
    for person in "abc":
        places = [one.place for one in ended if one.subscription == person]
        assert places == [place for place, other in enumerate(persons) if other == person]


def test_as_many_persons_as_there_are_connections_are_written_to_at_once() -> None:
    here = InTurn[Claimed, None]()
    here.add((claimed(person, place), None) for place, person in enumerate("aaabbbccc"))
    assert [here.take()[0].subscription for _ in range(here.ready)] == ["a", "b", "c"]


def test_what_is_dropped_leaves_the_others_waiting() -> None:
    here = InTurn[Claimed, None]()
    here.add((claimed(person, place), None) for place, person in enumerate("aabb"))
    first, _ = here.take()
    assert [one.place for one in here.drop(first.subscription)] == [1]
    here.done(first.subscription)
    assert (len(here), here.ready) == (2, 1)
    assert [one.subscription for one in here.clear()] == ["b", "b"]
    assert (len(here), here.ready) == (0, 0)


def test_who_comes_while_being_written_to_waits() -> None:
    here = InTurn[Claimed, None]()
    here.add([(claimed("a", 1), None)])
    here.take()
    here.add([(claimed("a", 2), None)])
    assert (len(here), here.ready) == (1, 0)
    here.done("a")
    assert here.take()[0].place == 2
