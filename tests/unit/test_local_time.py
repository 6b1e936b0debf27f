"""When an hour comes, where clocks are changed and where they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.clock import instant, zone_of
from services.notifications.domain.preferences import Preference, QuietHours, last_slot, quiet_until

ZONES: Final = (
    *("Europe/Paris", "Pacific/Auckland", "America/Santiago", "Africa/Casablanca"),
    *("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns"),
)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc", "there"),
    [
        ("Europe/Paris", "2026-07-01", "07:00", "2026-07-01T05:00", "07:00"),
        # Skipped: the next that exists.
        ("Europe/Paris", "2026-03-29", "02:00", "2026-03-29T01:00", "03:00"),
        ("Europe/Paris", "2026-03-29", "02:30", "2026-03-29T01:00", "03:00"),
        ("America/Santiago", "2026-09-06", "00:00", "2026-09-06T04:00", "01:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:30", "02:30"),
        # A whole day that Samoa never had.
        ("Pacific/Apia", "2011-12-30", "07:00", "2011-12-30T10:00", "00:00"),
        # Doubled: the first of them.
        ("Europe/Paris", "2026-10-25", "02:30", "2026-10-25T00:30", "02:30"),
        ("Pacific/Auckland", "2026-04-05", "02:00", "2026-04-04T13:00", "02:00"),
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice(
    zone: str, day: str, at: str, utc: str, there: str
) -> None:
    found = instant(date.fromisoformat(day), time.fromisoformat(at), zone)
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert f"{found.astimezone(zone_of(zone)):%H:%M}" == there


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2005, 1, 1), date(2035, 1, 1)),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_no_instant_before_shows_that_time_or_a_later_one_of_the_day(
    zone: str, day: date, minute: int
) -> None:
    at = time(minute // 60, minute % 60)
    found, there = instant(day, at, zone), zone_of(zone)
    shown = found.astimezone(there).replace(tzinfo=None)
    assert shown >= datetime.combine(day, at)
    # An hour or a day more only where clocks were changed.
    assert (shown - datetime.combine(day, at)).total_seconds() <= 24 * 3600
    if shown != datetime.combine(day, at):
        gap = datetime.combine(day, at).replace(tzinfo=there)
        assert gap.astimezone(UTC).astimezone(there).replace(tzinfo=None) != gap.replace(
            tzinfo=None
        )


@given(
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - they are naive
    start=st.integers(0, 23),
    end=st.integers(0, 23),
)
def test_quiet_hours_end_within_a_day_and_it_is_no_longer_quiet_then(
    zone: str, now: datetime, start: int, end: int
) -> None:
    quiet = QuietHours(start=f"{start:02}:00", end=f"{end:02}:30")
    one, moment = Preference(zone=zone, quiet_hours=quiet), now.replace(tzinfo=UTC)
    until = quiet_until(one, moment)
    if until is not None:
        assert moment < until
        assert (until - moment).total_seconds() <= 25 * 3600
        assert quiet_until(one, until) is None


def test_a_weekly_digest_comes_on_the_first_of_the_days_for_digests() -> None:
    one = Preference(zone="Europe/Paris", digest_weekdays=("tuesday", "thursday"), digest_hour=7)
    sunday = datetime(2026, 3, 15, 12, tzinfo=UTC)
    daily, weekly = last_slot(one, "daily", sunday), last_slot(one, "weekly", sunday)
    assert daily
    assert weekly
    assert (daily.date, weekly.date) == (date(2026, 3, 12), date(2026, 3, 10))
    assert daily.due == datetime(2026, 3, 12, 6, tzinfo=UTC)
