"""The clock asks which announcements may go out, and says so to notifications itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.notifications.announcing import Announcing
from shared.contracts.notifications import AnnouncementFellDue
from tests.fakes.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kafka.producer import Outgoing

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


class Sent:
    def __init__(self) -> None:
        self.outgoing: list[Outgoing] = []

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        self.outgoing += outgoing


def document(id_: str, state: str, goes_out: datetime | None) -> dict[str, Any]:
    written = goes_out and goes_out.isoformat()
    about = {"_id": id_, "id": id_, "office": "S", "drafted": "2026"}
    return {**about, "state": state, "goes_out": written}


async def test_only_those_whose_time_has_come_are_said_and_once_in_a_minute() -> None:
    kept = [
        document("due", "released", NOW),
        document("later", "released", NOW + timedelta(seconds=1)),
        document("draft", "draft", None),
        document("gone", "sent", NOW - timedelta(days=1)),
    ]
    sent: Any = Sent()
    database: Any = {"announcements": Documents(kept)}
    announcing = Announcing(database, sent, lambda: NOW)
    assert await announcing.ask() == 1
    assert await Announcing(database, sent, lambda: NOW + timedelta(seconds=9)).ask() == 2
    headers = [dict(one.headers) for one in sent.outgoing]
    assert {one["ce_type"].decode() for one in headers} == {AnnouncementFellDue.type}
    assert [one.key for one in sent.outgoing] == [b"due", b"due", b"later"]
    assert len({one["ce_id"] for one in headers}) == 2, "the same is said under the same id"
