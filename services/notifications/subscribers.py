"""What notifications listens to."""

from __future__ import annotations

from typing import Final

from services.notifications.domain import NOTIFIED
from shared.contracts import catalogue
from shared.pipeline.inbound import Source

_TYPES: Final = catalogue.by_type(*NOTIFIED)

SOURCES: Final = (
    Source(catalogue.inbox("notifications"), catalogue.INBOX["notifications"], own=True),
    Source(catalogue.events("membership"), _TYPES, own=False),
    Source(catalogue.events("plans"), _TYPES, own=False),
)
