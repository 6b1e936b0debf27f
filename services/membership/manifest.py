"""What membership is."""

from __future__ import annotations

from typing import Final

from shared.contracts.membership import EVENTS
from shared.contracts.plans import REPORT_ANSWERS, ReportFellOverdue
from shared.manifest import Manifest

MANIFEST: Final = Manifest(
    name="membership",
    package="services.membership",
    takes=EVENTS,
    publishes=EVENTS,
    reads={"plans": (ReportFellOverdue, *REPORT_ANSWERS)},
    port=8001,
)
