"""What plans is."""

from __future__ import annotations

from typing import Final

from services.plans.settings import PlansSettings
from shared.contracts.membership import MEMBER_EVENTS
from shared.contracts.plans import BY_ITSELF, EVENTS, INBOX
from shared.manifest import Manifest

MANIFEST: Final = Manifest(
    name="plans",
    package="services.plans",
    takes=INBOX,
    tells_itself=BY_ITSELF,
    publishes=EVENTS,
    reads={"membership": MEMBER_EVENTS},
    port=8002,
    settings=PlansSettings,
)
