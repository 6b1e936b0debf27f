"""What becomes of a person's address, by the id of the subscription alone."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.base import Event, Text
from shared.contracts.notifications.words import SubscriptionId

Status = Annotated[
    str,
    Field(
        pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}$",
        description="RFC 3463's code of what went wrong.",
        examples=["5.1.1"],
    ),
]


class RecipientEvent(Event):
    """Something about the person of a subscription."""

    subscription: SubscriptionId

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


class BounceReceived(RecipientEvent):
    """An e-mail came back, or the mail server refused its recipient.

    Attributes:
        status: why; `5.0.0` where that was not said.
        refused: the mail server said so at once.
        delivery: the e-mail, where that is known.
        received: when; notifications fills it in.
    """

    type: ClassVar[str] = "coalition.notifications.BounceReceived.v1"
    status: Status
    refused: bool = False
    delivery: Text | None = None
    received: AwareDatetime | None = None


class RecipientSuppressed(RecipientEvent):
    """Nothing is sent to this address any more, until an operator lifts it.

    Attributes:
        status: the last bounce's.
        reason: the address does not exist, or e-mails to it came back again and again.
    """

    type: ClassVar[str] = "coalition.notifications.RecipientSuppressed.v1"
    status: Status
    reason: Literal["no such address", "bounces again and again"]


class RecipientReleased(RecipientEvent):
    """An operator has e-mails sent to this address again."""

    type: ClassVar[str] = "coalition.notifications.RecipientReleased.v1"


class RecipientErased(RecipientEvent):
    """Nothing is kept of this person any more; whoever restores a backup erases them again."""

    type: ClassVar[str] = "coalition.notifications.RecipientErased.v1"
