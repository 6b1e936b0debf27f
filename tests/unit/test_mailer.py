"""How many e-mails are begun at once."""

from __future__ import annotations

import pytest

from services.notifications.mailer import MOST, next_size


@pytest.mark.parametrize(
    ("size", "sent", "seconds", "expected"),
    [
        (4, 4, 0.01, 8),  # quick: more
        (4, 3, 0.01, 4),  # quick, since there was little to do
        (MOST, MOST, 0.01, MOST),  # never more than that
        (16, 16, 0.08, 16),  # about a tenth of a second: as it is
        (16, 16, 1.0, 8),  # slow: fewer
        (16, 3, 30.0, 8),  # slow, though there was little to do
        (4, 4, 30.0, 4),  # never fewer than there are connections
    ],
)
def test_a_wave_is_what_is_sent_in_a_tenth_of_a_second(
    size: int, sent: int, seconds: float, expected: int
) -> None:
    assert next_size(size, sent, seconds, least=4) == expected


def test_each_connection_has_something_to_do_however_many_there_are() -> None:
    assert next_size(2 * MOST, 2 * MOST, 0.01, least=2 * MOST) == 2 * MOST
