"""What plans is."""

from __future__ import annotations

from typing import Final

from services.plans.settings import PlansSettings
from shared.contracts.membership import MEMBER_EVENTS
from shared.contracts.plans import EVENTS, INBOX
from shared.manifest import Manifest

MANIFEST: Final = Manifest(
    name="plans",
    package="services.plans",
    takes=INBOX,
    publishes=EVENTS,
    reads={"membership": MEMBER_EVENTS},
    port=8002,
    settings=PlansSettings,
)
