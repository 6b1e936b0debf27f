"""An attempt to send an e-mail is told of below its event, or with links to the events in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from services.notifications import outcomes
from services.notifications.delivery import Claimed, DeliveryState, Notice
from services.notifications.sending import span_of
from services.notifications.settings import NotificationsSettings
from shared.tracing.context import TraceContext
from shared.tracing.spans import Span, new_context

BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
ENDED: Final = BEGAN + timedelta(seconds=1)
PERSON: Final = "jane.doe@example.org"
UNSAMPLED: Final = TraceContext(f"00-{'a' * 32}-{'b' * 16}-00")


def claimed(trace: TraceContext | None = None, *items: TraceContext | None) -> Claimed:
    def fields(at: TraceContext | None) -> dict[str, Any]:
        return {"kind": "CitySigned", "about": "x", "headline": "H", **(at.fields() if at else {})}

    return Claimed(
        id="n.s",
        subscription="s",
        state=DeliveryState.SENDING,
        due=BEGAN,
        claim="c",
        items=tuple(Notice(**fields(at)) for at in items),
        **fields(trace),
    )


def span(of: Claimed, error: Exception | None = None) -> Span | None:
    result = outcomes.ended(of, error, in_doubt=False, resend=False)
    return span_of(result, BEGAN, ENDED, NotificationsSettings())


def test_one_about_one_event_is_below_it() -> None:
    of = new_context()
    found = span(claimed(of))
    assert found
    assert (found.parent, found.at.trace, found.links) == (of, of.trace, [])
    assert found.attributes["coalition.outcome"] == "sent"
    assert found.ended - found.began == 1_000_000_000
    assert not found.error


def test_one_about_many_links_to_those_that_are_sampled() -> None:
    one, other = new_context(), new_context()
    found = span(claimed(None, one, None, UNSAMPLED, other))
    assert found
    assert found.parent is None
    assert found.links == [one, other]
    assert found.at.trace not in {one.trace, other.trace}


@pytest.mark.parametrize("at", [None, UNSAMPLED])
def test_what_is_not_sampled_is_not_told_of(at: TraceContext | None) -> None:
    assert span(claimed(at)) is None


def test_what_went_wrong_is_told_without_what_the_server_said_of_a_person() -> None:
    found = span(claimed(new_context()), ValueError(f"550 5.1.1 <{PERSON}> unknown"))
    assert found
    assert found.error == "failed"
    assert PERSON not in str(found)


def test_nothing_of_the_person_or_the_words_is_in_it() -> None:
    found = span(claimed(new_context()))
    assert found
    assert set(found.attributes) == {
        "coalition.delivery",
        "coalition.kind",
        "coalition.how",
        "coalition.outcome",
        "coalition.attempt",
        "server.address",
        "server.port",
    }
