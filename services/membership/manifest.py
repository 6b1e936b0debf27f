"""What membership is."""

from __future__ import annotations

from typing import Final

from shared.contracts.membership import BY_ITSELF, EVENTS, INBOX
from shared.contracts.plans import REPORT_ANSWERS, ReportFellOverdue
from shared.manifest import Manifest

MANIFEST: Final = Manifest(
    name="membership",
    package="services.membership",
    takes=INBOX,
    tells_itself=BY_ITSELF,
    publishes=EVENTS,
    reads={"plans": (ReportFellOverdue, *REPORT_ANSWERS)},
    port=8001,
)
