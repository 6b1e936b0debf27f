"""People as lines of a table, as a secretariat keeps them: what `coalition subscriptions` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from services.notifications.subscription import (
    Address,
    ClockTime,
    Hour,
    Name,
    NewSubscription,
    ReadersLanguage,
    Slugs,
    Weekdays,
    Zone,
)
from shared.contracts.notifications import Role
from shared.tabular.rows import ImportedRow

if TYPE_CHECKING:
    from collections.abc import Hashable


class PersonRow(ImportedRow):
    """A person; an empty cell is as in a new subscription, and changes nothing of one there is.

    What they want that their role does not say are rules, and no cell: see `import` of FILE.json.
    """

    name: Name = Field(description="Who it is.")
    address: Address = Field(description="The e-mail address.")
    role: Role = Field(description="What they are told where no rule of theirs says it.")
    coalitions: Slugs = Field((), description="The coalitions that they work for, with ; between.")
    members: Slugs = Field((), description="The members that are their own, with ; between.")
    language: ReadersLanguage | None = Field(None, description="Of their e-mails.")
    zone: Zone | None = Field(None, description="IANA's name of their time zone.")
    digest_hour: Hour | None = Field(None, description="When digests come by their clock.")
    digest_weekdays: Weekdays | None = Field(None, description="On which days, with ; between.")
    quiet_from: ClockTime | None = Field(None, description="From when they want no e-mail.")
    quiet_until: ClockTime | None = Field(None, description="Until when.")

    @property
    def key(self) -> Hashable:
        """One subscription for each address, compared without case."""
        return self.address.casefold()

    @property
    def subscription(self) -> dict[str, Any]:
        """What the row says of a subscription, as JSON."""
        said = {name: self.model_dump(mode="json")[name] for name in self.given()}
        start, end = said.pop("quiet_from", None), said.pop("quiet_until", None)
        return {**said, **({"quiet_hours": {"start": start, "end": end}} if start else {})}

    @model_validator(mode="after")
    def _as_a_subscription(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet hours need both: quiet_from and quiet_until")
        NewSubscription.model_validate(self.subscription)
        return self
