"""Webhooks: what may be done with one, what it wants, and what the answer of a receiver means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notifications.delivery import DeliveryState
from services.notifications.domain import DECIDER, NOT_NOTIFIED, Webhook
from services.notifications.domain.changes import facts
from services.notifications.domain.content.texts import ONLY_LISTED
from services.notifications.webhooks import models
from services.notifications.webhooks.delivery import (
    DAY,
    Answer,
    ClaimedDelivery,
    Result,
    backoff,
    ended,
    unsent,
    word,
)
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.notifications import (
    WebhookPaused,
    WebhookRegistered,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
    WebhookStopped,
    WebhookTested,
)
from shared.contracts.plans import CommitmentsMoved
from shared.domain.decider import Context, Refused, fold

if TYPE_CHECKING:
    from services.notifications.domain import State
    from shared.contracts.base import Event

BEGIN: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
ID: Final = "city-hall"
REGISTERED: Final = WebhookRegistered(webhook=ID, host="example.org", coalitions=("europe",))


class Here:
    """A webhook of which one thing after the other is said, at a time of ours."""

    def __init__(self, *events: Event) -> None:
        self.now = BEGIN
        self.state: State | None = None
        for event in events:
            self.say(event)

    def say(self, event: Event) -> list[str]:
        self.now += timedelta(seconds=1)
        found = DECIDER.decide(self.state, event, Context({}, self.now, ("urn:a", "1")))
        self.state = fold(DECIDER, self.state, found)
        return [type(one).__name__ for one in found]

    @property
    def webhook(self) -> Webhook:
        assert isinstance(self.state, Webhook)
        return self.state


def stopped(since: datetime, reason: Any = "failed for a day") -> WebhookStopped:
    return WebhookStopped(webhook=ID, reason=reason, since=since, last="HTTP 500")


def test_one_that_is_registered_is_active_from_then_on() -> None:
    here = Here(REGISTERED)
    assert (here.webhook.state, here.webhook.registered) == ("active", here.now)
    with pytest.raises(Refused, match="already"):
        here.say(REGISTERED)


def test_one_that_is_paused_or_stopped_is_resumed_and_says_so_once() -> None:
    here = Here(REGISTERED)
    assert here.say(WebhookPaused(webhook=ID)) == ["WebhookPaused"]
    assert here.say(WebhookPaused(webhook=ID)) == []
    assert here.say(stopped(here.now)) == [], "what is paused needs no stopping"
    assert here.say(WebhookResumed(webhook=ID)) == ["WebhookResumed"]
    assert here.say(WebhookResumed(webhook=ID)) == []
    assert here.say(stopped(here.now)) == ["WebhookStopped"]
    assert (here.webhook.state, here.webhook.reason) == ("stopped", "failed for a day")
    assert here.say(stopped(here.now)) == []
    assert here.say(WebhookPaused(webhook=ID)) == ["WebhookPaused"]
    here.say(WebhookResumed(webhook=ID))
    assert (here.webhook.state, here.webhook.reason) == ("active", "")


def test_what_failed_before_it_was_resumed_stops_it_no_more() -> None:
    here = Here(REGISTERED)
    failing = here.now
    here.say(WebhookPaused(webhook=ID))
    here.say(WebhookResumed(webhook=ID))
    assert here.say(stopped(failing)) == []
    assert here.webhook.state == "active"


@pytest.mark.parametrize(
    "event",
    [
        WebhookPaused(webhook=ID),
        WebhookResumed(webhook=ID),
        WebhookSecretRotated(webhook=ID, until=BEGIN),
        WebhookReplayed(webhook=ID, since=BEGIN, until=BEGIN),
        WebhookTested(webhook=ID),
    ],
    ids=lambda one: type(one).__name__,
)
def test_nothing_is_done_with_one_that_is_not_there_or_was_removed(event: Event) -> None:
    for here in (Here(), Here(REGISTERED, WebhookRemoved(webhook=ID))):
        with pytest.raises(Refused, match="no webhook"):
            here.say(event)
    before = Here(REGISTERED, WebhookPaused(webhook=ID))
    assert before.say(event) in ([], [type(event).__name__])


def test_one_that_was_removed_may_be_registered_anew() -> None:
    here = Here(REGISTERED)
    assert here.say(WebhookRemoved(webhook=ID)) == ["WebhookRemoved"]
    assert here.say(WebhookRemoved(webhook=ID)) == []
    assert here.say(REGISTERED) == ["WebhookRegistered"]
    assert here.webhook.state == "active"


ANY: Final = st.sampled_from(
    [
        REGISTERED,
        WebhookPaused(webhook=ID),
        WebhookResumed(webhook=ID),
        stopped(BEGIN),
        stopped(BEGIN + DAY, "gone"),
        WebhookReplayed(webhook=ID, since=BEGIN, until=BEGIN),
        WebhookRemoved(webhook=ID),
    ]
)


@given(st.lists(ANY, max_size=12))
def test_whatever_is_said_in_whatever_order_is_refused_or_changes_it_as_it_says(
    events: list[Event],
) -> None:
    here = Here()
    for event in events:
        before = here.state
        there = isinstance(before, Webhook) and before.state != "removed"
        try:
            done = here.say(event)
        except Refused:
            assert here.state == before
            assert there is isinstance(event, WebhookRegistered)
            continue
        if isinstance(event, WebhookStopped) and done:
            assert isinstance(before, Webhook)
            assert before.state == "active"
        if here.state is not None:
            assert (here.webhook.state == "stopped") is bool(here.webhook.reason)


BONN: Final = CitySigned(
    coalition="europe",
    member=MemberRef(name="Bonn", country="DE", kind="city"),
    signed="2016",
)


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ({}, True),
        ({"coalitions": ("europe", "africa")}, True),
        ({"coalitions": ("africa",)}, False),
        ({"kinds": ("CitySigned",)}, True),
        ({"kinds": ("MemberAdmitted",)}, False),
        ({"members": ("de-city-bonn",)}, True),
        ({"members": ("de-city-berlin",)}, False),
        ({"kinds": ("CitySigned",), "members": ("de-city-berlin",)}, False),
    ],
)
def test_it_wants_what_it_names_and_anything_of_what_it_does_not_name(
    named: dict[str, Any],
    wanted: bool,  # noqa: FBT001 - what is expected
) -> None:
    assert Webhook(id=ID, host="example.org", **named).wants(facts(BONN)) is wanted


def claimed(**fields: Any) -> ClaimedDelivery:
    return ClaimedDelivery(
        id="1",
        webhook=ID,
        event="then 1",
        message="1",
        kind="CitySigned",
        about="de-city-bonn",
        state=DeliveryState.SENDING,
        due=BEGIN,
        queued=BEGIN,
        claim="a",
        **fields,
    )


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_what_is_taken_is_sent(status: int) -> None:
    done = ended(claimed(), Answer(status, "HTTP"), BEGIN, 0.5, others_taken=None)
    assert done.state is DeliveryState.SENT


@pytest.mark.parametrize("status", [None, 301, 308, 400, 401, 404, 410, 422, 429, 500, 503])
def test_what_is_not_taken_is_sent_again(status: int | None) -> None:
    done = ended(claimed(), Answer(status, "why"), BEGIN, 0.5, others_taken=BEGIN)
    assert (done.state, done.reason, done.failing) == (DeliveryState.QUEUED, "why", BEGIN)
    assert timedelta() < done.rest <= timedelta(seconds=5)


def test_one_that_alone_was_refused_for_a_day_is_given_up_and_with_all_others_it_waits() -> None:
    answer, now = Answer(400, "HTTP 400"), BEGIN + DAY
    late = claimed(failing=BEGIN, attempts=60)
    for taken, state in (
        (now, DeliveryState.FAILED),
        (None, DeliveryState.QUEUED),
        (BEGIN - DAY, DeliveryState.QUEUED),
    ):
        assert ended(late, answer, now, 0.5, others_taken=taken).state is state
    early = ended(late, answer, now - timedelta(seconds=1), 0.5, others_taken=now)
    assert early.state is DeliveryState.QUEUED


def test_what_was_refused_before_its_webhook_was_resumed_has_a_day_again() -> None:
    now, answer = BEGIN + 2 * DAY, Answer(429, "HTTP 429")
    late = claimed(failing=BEGIN, attempts=9)
    done = ended(late, answer, now, 0.5, others_taken=now, active=now - timedelta(minutes=1))
    assert (done.state, done.failing) == (DeliveryState.QUEUED, now)
    done = ended(late, answer, now, 0.5, others_taken=now, active=BEGIN)
    assert done.state is DeliveryState.FAILED


def test_what_is_not_kept_any_more_is_counted_as_failed() -> None:
    lost = Result(claimed(), DeliveryState.FAILED, None, "the event is kept no more")
    assert word(lost) == "failed"
    assert word(unsent(claimed())) == "given_back"


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_rests_grow_to_half_an_hour_and_are_never_all_alike(attempts: int, share: float) -> None:
    rest = backoff(attempts, share)
    assert timedelta(seconds=2.5) <= rest <= timedelta(minutes=30)
    assert backoff(attempts, 0) <= rest <= backoff(attempts + 1, 1)


def test_a_receiver_may_ask_to_be_left_alone_for_an_hour() -> None:
    for seconds, rest in ((60, 60), (100_000, 3600)):
        busy = Answer(429, "HTTP 429", timedelta(seconds=seconds))
        done = ended(claimed(), busy, BEGIN, 0, others_taken=None)
        assert done.rest == timedelta(seconds=rest)


@pytest.mark.parametrize(
    ("kind", "why"),
    [("CitySinged", "the nearest is 'CitySigned'"), ("ReportDrafted", "it is not sent: work")],
)
def test_a_kind_that_is_not_sent_is_refused_with_the_nearest_or_the_reason(
    kind: str, why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        models.NewWebhook(id=ID, url="https://example.org", kinds=(kind,))
    assert CommitmentsMoved.__name__ in models.KINDS
    listed = {one.__name__ for one in ONLY_LISTED}
    assert {one.__name__ for one in NOT_NOTIFIED} & {*models.KINDS} == listed
