"""What plans listens to."""

from __future__ import annotations

from typing import Final

from shared.contracts import catalogue
from shared.contracts.membership import MEMBER_EVENTS
from shared.pipeline.inbound import Source

SOURCES: Final = (
    Source(catalogue.inbox("plans"), catalogue.INBOX["plans"], own=True),
    Source(
        catalogue.events("membership"),
        catalogue.by_type(*MEMBER_EVENTS),
        own=False,
    ),
)
