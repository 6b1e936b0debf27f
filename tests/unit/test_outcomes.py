"""What the end of an attempt means for its delivery."""

from __future__ import annotations

from asyncio import CancelledError
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from services.notifications import outcomes
from services.notifications.answers import Deferred, Refused, Unavailable, Uncertain, answer_of
from services.notifications.delivery import Claimed, DeliveryState, Result
from services.notifications.emails import NoAddress

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
BUSY: Final = answer_of(451, "4.3.0 nour@example.org must wait")


def claimed(**fields: int) -> Claimed:
    return Claimed(
        id="1.a",
        subscription="a",
        state=DeliveryState.SENDING,
        kind="CitySigned",
        about="de-city-bonn",
        headline="Bonn signed",
        due=NOW,
        claim="c",
        **fields,
    )


def ended(
    error: BaseException | None, *, in_doubt: bool = False, resend: bool = False, **fields: int
) -> Result:
    return outcomes.ended(claimed(**fields), error, in_doubt=in_doubt, resend=resend)


@pytest.mark.parametrize(
    ("error", "in_doubt", "word", "attempts"),
    [
        (None, False, "sent", 1),
        (Refused(answer_of(550, "5.1.1 no")), False, "failed", 1),
        (Deferred(answer_of(450, "4.2.0 later")), False, "deferred", 1),
        (Unavailable(BUSY), False, "given_back", 0),
        (Unavailable(BUSY, begun=True), False, "deferred", 0),
        (Unavailable(BUSY, permanent=True), False, "given_back", 0),
        (Uncertain(BUSY, begun=True), False, "unknown", 1),
        (NoAddress(), False, "failed", 0),
        (ValueError("nour@example.org"), False, "failed", 0),
        (ValueError(), True, "unknown", 1),
        (CancelledError(), False, "given_back", 0),
        (CancelledError(), True, "unknown", 1),
    ],
)
def test_the_server_s_own_troubles_count_as_no_attempt(
    error: BaseException | None,
    in_doubt: bool,  # noqa: FBT001 - a column of the table above
    word: str,
    attempts: int,
) -> None:
    result = ended(error, in_doubt=in_doubt)
    assert (outcomes.word(result), result.attempts) == (word, attempts)
    assert "nour" not in (result.reason or "")


def test_an_e_mail_that_is_put_off_rests_twice_as_long_each_time_for_days() -> None:
    later = Deferred(answer_of(450, "4.2.0 greylisted"))
    rests = [ended(later, deferrals=times).rest for times in range(outcomes.DEFERRALS)]
    for rest, minutes in zip(rests, [1, 2, 4, 8, 16, 32, *[60] * 114], strict=True):
        assert minutes / 2 <= rest / timedelta(minutes=1) <= minutes
    assert timedelta(days=3) < sum(rests, timedelta()) < timedelta(days=5)
    last = ended(later, deferrals=outcomes.DEFERRALS)
    assert (last.state, last.reason) == ("failed", "not taken now: 450 4.2.0, 120 times")


def test_those_that_are_put_off_together_do_not_come_back_together() -> None:
    later = Deferred(answer_of(450, "4.7.1 too many"))
    ids = [claimed().model_copy(update={"id": f"{number}.a"}) for number in range(100)]
    rests = sorted(
        outcomes.ended(one, later, in_doubt=False, resend=False).rest.total_seconds() for one in ids
    )
    assert rests[25] < 40 < rests[50] < 50 < rests[75]


def test_what_nobody_knows_is_sent_again_only_if_that_is_wanted_and_not_for_ever() -> None:
    for times in range(outcomes.RESENDS):
        assert ended(Uncertain(BUSY), resend=True, attempts=times).state == "queued"
    assert ended(Uncertain(BUSY), resend=True, attempts=outcomes.RESENDS).state == "unknown"
    assert ended(Uncertain(BUSY)).state == "unknown"
    assert outcomes.expired(resend=True) == "queued"
    assert outcomes.expired(resend=False) == "unknown"
