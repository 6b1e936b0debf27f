"""The table of a recipient: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.recipients import decide, evolve
from services.notifications.domain.recipients.state import KIND, Recipient
from shared.contracts.notifications import (
    BounceReceived,
    RecipientErased,
    RecipientReleased,
    RecipientSuppressed,
)
from shared.domain.decider import Aggregate, by_subject, on

RECIPIENTS: Final = Aggregate(
    kind=KIND,
    state=Recipient,
    identify=by_subject,
    rows=(
        on(BounceReceived, decide=decide.bounce, evolve=evolve.bounced),
        on(RecipientSuppressed, evolve=evolve.suppressed),
        on(RecipientReleased, decide=decide.release, evolve=evolve.released),
        on(RecipientErased, decide=decide.erase, evolve=evolve.erased),
    ),
)
