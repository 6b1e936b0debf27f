"""What membership listens to."""

from __future__ import annotations

from typing import Final

from shared.contracts import catalogue
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.pipeline.inbound import Source

SOURCES: Final = (
    Source(catalogue.inbox("membership"), catalogue.INBOX["membership"], own=True),
    Source(
        catalogue.events("plans"),
        catalogue.by_type(ReportFellOverdue, ReportSubmitted),
        own=False,
    ),
)
