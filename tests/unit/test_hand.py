"""How many e-mails are begun at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.hand import LARGEST, resized

FAST, FAIR, SLOW = (timedelta(milliseconds=ms) for ms in (20, 150, 1000))


@pytest.mark.parametrize(
    ("size", "took", "then"),
    [
        (4, FAST, 8),
        (LARGEST, FAST, LARGEST),
        (64, FAIR, 64),
        (64, SLOW, 32),
        (4, SLOW, 4),
        (5, SLOW, 4),
    ],
)
def test_a_wave_is_what_is_sent_in_a_tenth_of_a_second(
    size: int, took: timedelta, then: int
) -> None:
    assert resized(size, took, least=4) == then
