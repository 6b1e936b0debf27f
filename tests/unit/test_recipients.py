"""When an address is written to no more: what came back, of whom it speaks, and how it fades."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from services.notifications.domain import DECIDER, Recipient
from shared.contracts.notifications import (
    BounceReceived,
    DeliveriesEnded,
    Ended,
    NotificationFailed,
    NotificationSent,
    RecipientErased,
    RecipientReleased,
    RecipientSuppressed,
)
from shared.domain.decider import Context, fold

if TYPE_CHECKING:
    from services.notifications.domain import State
    from shared.contracts.base import Event

DAY: Final = timedelta(days=1)
BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
ONE: Final = "one"


class Told:
    """A recipient that is told one thing after the other, at a time of ours."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.state: State | None = None

    def tell(self, event: Event) -> list[str]:
        found = DECIDER.decide(self.state, event, Context({}, self.now, ("urn:a", "1")))
        self.state = fold(DECIDER, self.state, found)
        return [type(one).__name__ for one in found]

    def bounce(self, status: str) -> list[str]:
        return self.tell(BounceReceived(subscription=ONE, status=status))

    @property
    def suppressed(self) -> str:
        assert isinstance(self.state, Recipient)
        return self.state.suppressed


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_an_address_that_does_not_exist_is_suppressed_at_once(status: str) -> None:
    here = Told()
    assert here.bounce(status) == ["BounceReceived", "RecipientSuppressed"]
    assert here.suppressed == "no such address"
    assert here.bounce(status) == [], "what is suppressed is not written to, and hears no more"


@pytest.mark.parametrize("status", ["5.7.1", "5.7.26", "4.7.0", "5.1.8", "5.1.7"])
def test_what_concerns_us_never_suppresses_and_is_kept_for_the_operator(status: str) -> None:
    here = Told()
    for _ in range(40):
        assert here.bounce(status) == ["BounceReceived"]
        here.now += DAY
    assert not here.suppressed
    assert isinstance(here.state, Recipient)
    assert here.state.distrusted == here.now - DAY


@pytest.mark.parametrize("status", ["5.2.2", "5.0.0", "5.4.4", "5.3.0", "5.2.1"])
def test_what_comes_back_on_four_days_together_is_enough(status: str) -> None:
    here = Told()
    for _ in range(3):
        assert here.bounce(status) == ["BounceReceived"]
        here.now += DAY
    assert here.bounce(status) == ["BounceReceived", "RecipientSuppressed"]
    assert here.suppressed == "bounces again and again"


def test_ten_that_come_back_on_one_day_are_one() -> None:
    here = Told()
    for _ in range(10):
        assert here.bounce("5.2.2") == ["BounceReceived"]
        here.now += timedelta(minutes=10)


def test_where_somebody_gave_up_trying_it_counts_half() -> None:
    here = Told()
    days = 0
    while here.bounce("4.4.7") == ["BounceReceived"]:
        here.now += DAY
        days += 1
    assert days == 6


def test_a_bounce_fades_in_thirty_days() -> None:
    here = Told()
    for _ in range(20):
        assert here.bounce("5.2.2") == ["BounceReceived"]
        here.now += 16 * DAY
    assert isinstance(here.state, Recipient)
    assert here.state.score(here.now + 30 * DAY) == 0
    assert len(here.state.bounces) == 2, "what has faded is forgotten"


def test_what_is_lifted_begins_anew() -> None:
    here = Told()
    assert here.tell(RecipientReleased(subscription=ONE)) == []
    here.bounce("5.1.1")
    assert here.tell(RecipientReleased(subscription=ONE)) == ["RecipientReleased"]
    assert not here.suppressed
    assert here.bounce("5.2.2") == ["BounceReceived"]


def test_of_a_person_who_is_erased_nothing_is_kept_and_nothing_heard() -> None:
    here = Told()
    here.bounce("5.1.1")
    assert here.tell(RecipientErased(subscription=ONE)) == ["RecipientErased"]
    assert here.tell(RecipientErased(subscription=ONE)) == []
    assert here.bounce("5.1.1") == []
    assert here.state == Recipient(id=ONE, suppressed="no such address", erased=True)
    assert here.tell(RecipientReleased(subscription=ONE)) == ["RecipientReleased"]
    assert here.state == Recipient(id=ONE, erased=True), "the address may be written to again"


def test_how_a_batch_ended_is_published_for_each_notification() -> None:
    sent = Ended(notification="n", subscriptions=("a", "b"), state="sent")
    failed = Ended(notification="n", subscriptions=("c",), state="failed", reason="refused: 550")
    said = DeliveriesEnded(batch="1", ended=(sent, failed))
    context = Context({}, BEGIN, ("urn:a", "1"))
    published = DECIDER.decide(None, said, context)
    assert list(published) == [
        NotificationSent(notification="n", subscriptions=("a", "b")),
        NotificationFailed(
            notification="n", subscriptions=("c",), state="failed", reason="refused: 550"
        ),
    ]
    assert fold(DECIDER, None, published) is None


def test_a_suppression_without_what_led_to_it_still_folds() -> None:
    event = RecipientSuppressed(subscription=ONE, status="5.1.1", reason="no such address")
    state = fold(DECIDER, None, [event])
    assert isinstance(state, Recipient)
    assert state.suppressed
