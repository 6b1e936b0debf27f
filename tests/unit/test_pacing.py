"""When the mailer rests, how long, on how many connections it goes on, and what it says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest

from services.notifications.answers import Answer, Refused, Unavailable, answer_of
from services.notifications.pacing import Pace

BUSY: Final = Unavailable(answer_of(421, "4.7.0 too many connections"))
WRONG: Final = Unavailable(answer_of(535, "5.7.8 bad credentials"), permanent=True)


@dataclass(slots=True)
class Time:
    """Seconds that go on when they are told to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


def pace(time: Time, most: int = 4, share: float = 1.0) -> Pace:
    return Pace(most, now=time, share=lambda: share)


def rest(here: Pace, time: Time) -> float:
    """How long it rests, until it does not."""
    begun = time.seconds
    while here.resting:
        time.seconds += 0.125
    return time.seconds - begun


def test_each_rest_is_twice_as_long_until_the_server_takes_something_again() -> None:
    time = Time()
    here = pace(time)
    rests = []
    for _ in range(11):
        here.heard(BUSY, time())
        rests.append(rest(here, time))
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    here.heard(None, time())
    here.heard(BUSY, time())
    assert rest(here, time) == 1


@pytest.mark.parametrize(("share", "seconds"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_a_rest_is_between_half_of_it_and_all(share: float, seconds: float) -> None:
    time = Time()
    here = pace(time, share=share)
    here.heard(BUSY, time())
    assert rest(here, time) == seconds


def test_what_fails_together_counts_once() -> None:
    time = Time()
    here = pace(time, most=8)
    begun = time()
    time.seconds += 1
    for _ in range(4):
        here.heard(BUSY, begun)
    assert (rest(here, time), here.connections) == (1, 4)


def test_what_was_on_its_way_before_a_failure_ends_no_rest() -> None:
    time = Time()
    here = pace(time)
    begun = time()
    time.seconds += 1
    here.heard(BUSY, time())
    here.heard(None, begun)
    assert here.resting
    assert here.condition().detail["resting"]


def test_connections_are_halved_to_one_and_come_back_one_a_minute() -> None:
    time = Time()
    here = pace(time, most=5)
    seen = []
    for _ in range(3):
        here.heard(BUSY, time())
        seen.append(here.connections)
        rest(here, time)
    for _ in range(12):
        time.seconds += 30
        here.heard(None, time())
        seen.append(here.connections)
    assert seen == [2, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5]


def test_what_is_about_one_e_mail_says_that_the_server_is_well() -> None:
    time = Time()
    here = pace(time)
    here.heard(BUSY, time())
    rest(here, time)
    here.heard(Refused(answer_of(550, "5.1.1 nobody")), time())
    assert here.condition().detail["resting"] is None
    here.heard(ValueError("not the server's"), time())
    assert not here.resting


def test_a_busy_server_leaves_the_service_ready_and_one_to_be_mended_does_not() -> None:
    time = Time()
    here = pace(time)
    assert here.condition() == ("mail", True, {"connections": 4, "resting": None})
    here.heard(BUSY, time())
    name, ready, detail = here.condition()
    assert (name, ready) == ("mail", True)
    assert detail["resting"] == {
        "code": 421,
        "enhanced": "4.7.0",
        "text": "too many connections",
        "permanent": False,
        "seconds": 1.0,
    }
    rest(here, time)
    here.heard(WRONG, time())
    assert not here.condition().ready
    rest(here, time)
    assert not here.condition().ready, "not before it has taken something"
    here.heard(None, time())
    assert here.condition().ready


def test_where_somebody_has_to_mend_something_it_is_not_asked_every_second() -> None:
    time = Time()
    here = pace(time)
    here.heard(WRONG, time())
    assert rest(here, time) == 30


def test_a_lost_connection_is_told_in_words() -> None:
    time = Time()
    here = pace(time)
    here.heard(Unavailable(Answer(None, None, "connection refused")), time())
    assert here.condition().detail["resting"]["text"] == "connection refused"
