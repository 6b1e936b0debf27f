"""When a digest is due, and of what it tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.domain import DECIDER, Digests, Interest, Item, Waiting
from services.notifications.domain.digests.decide import SKEW
from services.notifications.domain.digests.state import waiting_for
from services.notifications.domain.notifications.state import interest_of
from services.notifications.domain.preferences import QuietHours
from shared.contracts.notifications import (
    MAX_IN_DIGEST,
    DigestFellDue,
    DigestQueued,
    DigestRequested,
)
from shared.domain.decider import Context, fold

if TYPE_CHECKING:
    from shared.contracts.notifications import Frequency

SEVEN: Final = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""A Tuesday, when the day's digest is due."""
MONDAY: Final = SEVEN - timedelta(days=1)
HOUR: Final = timedelta(hours=1)


def item(name: str = "n", how: str = "daily", decided: datetime = SEVEN - HOUR) -> Item:
    return Item(notification=name, how=how, decided=decided)


def decided(
    *items: Item,
    before: Digests | None = None,
    now: datetime = SEVEN,
    day: str = "2026-03-10",
    frequency: Frequency = "daily",
    **wanted: Any,
) -> DigestQueued | None:
    """The digest that is queued, if one is."""
    others = {
        interest_of("s"): Interest(id="s", **wanted),
        waiting_for("s"): Waiting(items=items),
    }
    event = DigestFellDue(subscription="s", frequency=frequency, date=day)
    found = list(DECIDER.decide(before, event, Context(others, now, ("urn:a", "1"))))
    assert len(found) <= 1
    queued = found[0] if found else None
    assert queued is None or isinstance(queued, DigestQueued)
    return queued


def after(*queued: DigestQueued | None) -> Digests:
    state = fold(DECIDER, None, [one for one in queued if one])
    assert isinstance(state, Digests)
    return state


def test_a_digest_tells_of_all_that_waits_for_it_and_is_due_at_its_hour() -> None:
    queued = decided(item("a"), item("b"), item("c", "weekly"))
    assert queued
    assert (queued.notifications, queued.due) == (("a", "b"), SEVEN)


def test_nothing_happened_and_nothing_is_sent() -> None:
    assert decided() is None
    assert decided(item("c", "weekly")) is None


def test_what_came_too_late_alone_waits_for_the_next() -> None:
    late = item("late", decided=SEVEN + timedelta(seconds=1))
    assert decided(late, now=SEVEN + HOUR) is None
    queued = decided(item("a"), late, now=SEVEN + HOUR)
    assert queued
    assert queued.notifications == ("a", "late"), "what is there is not left for another day"


def test_the_decision_looks_at_the_clock_itself() -> None:
    early = SEVEN - SKEW - timedelta(seconds=1)
    assert decided(item(decided=MONDAY), now=early) is None
    queued = decided(item(decided=MONDAY), now=SEVEN - SKEW)
    assert queued
    assert queued.due == SEVEN, "decided early by another's clock, it is sent in time"


def test_no_digest_comes_on_a_day_that_nobody_chose() -> None:
    assert decided(item(), digest_weekdays=("monday",)) is None
    assert decided(item(), digest_weekdays=("tuesday",))


def test_a_day_has_one_digest_however_often_it_is_said() -> None:
    first = decided(item("a"))
    assert decided(item("b"), before=after(first), now=SEVEN + HOUR) is None
    # A reader who moves west has the day twice.
    assert decided(item("b"), before=after(first), day="2026-03-09", now=SEVEN + HOUR) is None


def test_a_weekly_digest_spares_its_reader_the_daily_one() -> None:
    items = (item("d", decided=MONDAY - HOUR), item("w", "weekly", MONDAY - HOUR))
    weekly = decided(*items, now=MONDAY, day="2026-03-09", frequency="weekly")
    assert weekly
    assert weekly.notifications == ("d", "w")
    assert decided(*items, now=MONDAY, day="2026-03-09", before=after(weekly)) is None


def test_what_still_seems_to_wait_is_not_told_of_again() -> None:
    first = decided(item("a"), item("b"))
    next_day = SEVEN + timedelta(days=1)
    second = decided(item("a"), item("c"), before=after(first), now=next_day, day="2026-03-11")
    assert second
    assert (second.notifications, second.listed) == (("c",), ("a",))
    state = after(first, second)
    assert state.listed == ("a", "c"), "what the store has marked need not be remembered"


def test_what_is_too_much_for_one_digest_goes_into_the_next() -> None:
    items = [item(f"{n:04}") for n in range(MAX_IN_DIGEST + 3)]
    first = decided(*items)
    assert first
    assert len(first.notifications) == MAX_IN_DIGEST
    second = decided(*items, before=after(first), now=SEVEN + timedelta(days=1), day="2026-03-11")
    assert second
    assert second.notifications == tuple(one.notification for one in items[MAX_IN_DIGEST:])


def test_when_more_seems_to_wait_than_can_be_listed_the_next_digest_tells_of_the_rest() -> None:
    told = tuple(f"{n:04}" for n in range(MAX_IN_DIGEST + 1))
    before = Digests(id="s", listed=told)
    items = [item(name) for name in (*told, "fresh")]
    assert decided(*items, before=before) is None
    queued = decided(*items[1:], before=before)
    assert queued
    assert queued.notifications == ("fresh",)


def test_a_digest_waits_through_a_pause() -> None:
    assert decided(item(), silent_until="2026-03-11") is None
    next_day = SEVEN + timedelta(days=1)
    queued = decided(item(), now=next_day, day="2026-03-11", silent_until="2026-03-11")
    assert queued
    assert queued.notifications == ("n",)


def test_a_digest_that_is_late_lets_people_sleep() -> None:
    night = QuietHours(start="20:00", end="06:00")
    queued = decided(item(), now=SEVEN.replace(hour=21), quiet_hours=night)
    assert queued
    assert queued.due == SEVEN.replace(hour=6) + timedelta(days=1)


@pytest.mark.parametrize("lacking", [interest_of("s"), waiting_for("s")])
def test_whoever_is_gone_has_no_digest(lacking: Any) -> None:
    others = {
        interest_of("s"): Interest(id="s"),
        waiting_for("s"): Waiting(items=(item(),)),
    }
    del others[lacking]
    event = DigestFellDue(subscription="s", frequency="daily", date="2026-03-10")
    assert not list(DECIDER.decide(None, event, Context(others, SEVEN, ("urn:a", "1"))))


# --- on request --------------------------------------------------------------------------------


def requested(
    *items: Item, before: Digests | None = None, now: datetime = SEVEN, **wanted: Any
) -> DigestQueued | None:
    """The digest that somebody wants now, if there is anything to tell."""
    others = {
        interest_of("s"): Interest(id="s", **wanted),
        waiting_for("s"): Waiting(items=items),
    }
    event = DigestRequested(subscription="s", requested=now)
    found = list(DECIDER.decide(before, event, Context(others, now, ("urn:a", f"{now}"))))
    assert all(isinstance(one, DigestQueued) for one in found)
    return found[0] if found else None  # type: ignore[return-value]  # it is one, as just seen


def test_who_asks_is_told_now_of_all_that_waits_whatever_the_hour() -> None:
    noon = SEVEN + 5 * HOUR
    quiet = QuietHours(start="00:00", end="23:59")
    queued = requested(
        item("a"), item("b", "weekly"), item("c", decided=noon), now=noon, quiet_hours=quiet
    )
    assert queued
    assert (queued.notifications, queued.due) == (("a", "b", "c"), noon)


def test_what_was_asked_for_comes_besides_the_digest_of_the_clock_and_tells_nothing_twice() -> None:
    early, late = SEVEN - 2 * HOUR, SEVEN - HOUR
    first = requested(item("a", decided=early), now=early)
    assert first
    second = decided(item("a", decided=early), item("b", decided=late), before=after(first))
    assert second
    assert second.notifications == ("b",)
    assert second.digest != first.digest
    assert requested(item("a"), item("b"), before=after(first, second)) is None


def test_who_asks_and_has_nothing_waiting_or_wants_no_e_mail_gets_none() -> None:
    assert requested() is None
    assert requested(item("a"), silent_until="2026-04-01") is None
