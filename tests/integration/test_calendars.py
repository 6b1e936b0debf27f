"""The occasions of calendars on a real store: as the events say, whatever comes twice or late."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient

from services.notifications.calendars import Calendars
from services.notifications.domain.calendars import occasion_id
from shared import cloudevents
from shared.contracts.base import MemberRef
from shared.contracts.membership import ConferenceAnnounced, ConferenceCancelled, ConferenceChanged
from shared.contracts.plans import EarlierReportsWaived, ReportFellDue, ReportReminded
from shared.journal.entry import Key, Origin
from shared.kafka.salvage import Salvaged
from shared.pipeline.inbound import InboundMessage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.contracts.base import Event
    from tests.parts import Parts

BONN = MemberRef(name="Bonn", country="DE", kind="city")
GHENT: dict[str, str] = {"conference": "ghent-2027", "coalition": "europe"}
ANNOUNCED = ConferenceAnnounced(**GHENT, title="Conference", begins="2027-10-07")
CHANGED = ConferenceChanged(**GHENT, begins="2027-11-02")
CANCELLED = ConferenceCancelled(**GHENT, cancelled="2026-11")


def read(event: Event, version: int) -> InboundMessage:
    """An event as notifications reads it."""
    extensions = {"time": f"2026-11-20T08:{version:02}:00+00:00", "sequence": f"{version:019d}"}
    headers = cloudevents.binary_headers(
        source="/coalition/membership", id_=str(version), type_=event.type, extensions=extensions
    )
    record: Any = Salvaged("t", 0, 1, key=None, value=b"", headers=tuple(headers))
    key = Key("/coalition/membership", str(version))
    return InboundMessage(record, Origin("t", 0, 1), key, "", None, event.type, event)  # type: ignore[arg-type]  # its route is not asked for


@pytest.fixture
async def calendars(parts: Parts) -> AsyncIterator[Calendars]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    name = f"calendars-{uuid.uuid4().hex[:8]}"
    found = Calendars(client[name])
    await found.prepare()
    yield found
    await client.drop_database(name)
    await client.close()


async def test_what_comes_twice_or_late_changes_nothing(calendars: Calendars) -> None:
    await calendars.keep([read(ANNOUNCED, 1), read(CHANGED, 2)])
    await calendars.keep([read(CANCELLED, 5)])
    await calendars.keep([read(ANNOUNCED, 1), read(CHANGED, 2)])
    (occasion,) = (await calendars.of([occasion_id(ANNOUNCED)])).values()
    assert (occasion.day, occasion.is_off, occasion.sequence) == ("2027-11-02", True, 5)
    assert occasion.recorded == datetime(2026, 11, 20, 8, 5, tzinfo=UTC)


async def test_a_process_that_was_frozen_does_not_overwrite_newer_occasions(
    calendars: Calendars,
) -> None:
    occasions: Any = calendars._occasions  # noqa: SLF001 - it is held up, as a frozen process is
    write = occasions.bulk_write
    await calendars.keep([read(ANNOUNCED, 1)])

    async def late(writes: Any, **more: Any) -> Any:
        occasions.bulk_write = write
        await calendars.keep([read(CANCELLED, 3)])
        return await write(writes, **more)

    occasions.bulk_write = late
    await calendars.keep([read(CHANGED, 2)])
    (occasion,) = (await calendars.of([occasion_id(ANNOUNCED)])).values()
    assert (occasion.sequence, occasion.is_off) == (3, True)


async def test_a_feed_has_what_is_not_long_over_in_the_order_of_its_days(
    calendars: Calendars,
) -> None:
    report: dict[str, Any] = {"coalition": "europe", "member": BONN}
    dues = ("2024-03-01", "2026-03-01", "2027-03-01")
    due = [read(ReportFellDue(**report, due=day), n) for n, day in enumerate(dues, 1)]
    await calendars.keep([*due, read(ANNOUNCED, 1)])
    found = await calendars.since(date(2026, 11, 26), lambda _: True)
    assert [occasion.day for occasion in found] == ["2026-03-01", "2027-03-01", "2027-10-07"]


async def test_what_concerns_others_takes_no_place_in_a_feed_and_what_ends_last_comes_first(
    calendars: Calendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.calendars.MOST", 2)
    ghent = MemberRef(name="Ghent", country="BE", kind="city")
    due = [
        read(ReportFellDue(coalition="europe", member=member, due=day), number)
        for number, (member, day) in enumerate(
            (
                *((ghent, f"2026-0{month}-01") for month in range(1, 6)),
                *((BONN, f"2027-0{month}-01") for month in range(1, 4)),
                *((ghent, f"2028-0{month}-01") for month in range(1, 6)),
            ),
            1,
        )
    ]
    await calendars.keep(due)
    found = await calendars.since(date(2026, 11, 26), lambda one: BONN.key in one.members)
    assert [occasion.day for occasion in found] == ["2027-02-01", "2027-03-01"]


async def test_only_the_last_of_several_reports_stays_due(calendars: Calendars) -> None:
    report: dict[str, Any] = {"coalition": "europe", "member": BONN}
    reminded = [
        read(ReportReminded(**report, due=day, days=30), number)
        for number, day in enumerate(("2026-03-01", "2026-09-01", "2027-03-01"), 1)
    ]
    await calendars.keep(reminded)
    await calendars.keep([read(EarlierReportsWaived(**report, due="2027-03-01"), 4)])
    found = await calendars.since(date(2026, 11, 26), lambda _: True)
    assert [occasion.is_off for occasion in found] == [True, True, False]
