"""What every contract is made of: models, events and references, texts and dates."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, model_validator
from slugify import slugify

from shared.contracts.dates import Day, EdtfDate, covers, earliest, latest
from shared.contracts.text import (
    Country,
    Kind,
    Language,
    Link,
    LongText,
    Slug,
    Text,
    Texts,
    in_language,
)

__all__ = [
    "Country",
    "Day",
    "EdtfDate",
    "Event",
    "Kind",
    "Language",
    "Link",
    "LongText",
    "MemberRef",
    "Model",
    "Slug",
    "Text",
    "Texts",
    "covers",
    "earliest",
    "in_language",
    "latest",
    "member_id",
]


class Model(BaseModel):
    """A frozen value; fields that a newer publisher added are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


EVENT_TYPES: Final[dict[str, type[Event]]] = {}
"""The event types that this process has contracts for, by CloudEvents type."""


class Event(Model):
    """The body of a CloudEvent. `type` is `coalition.<owner>.<PastTense>.v1`."""

    type: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        if "type" in vars(cls):
            EVENT_TYPES[cls.type] = cls

    @property
    def subject(self) -> str:
        """The id of the aggregate that the event is about: `subject` and Kafka key."""
        raise NotImplementedError


def member_id(country: str | None, kind: str, name: str, local_name: str | None = None) -> str:
    """The stable id of a member, from country, kind and its own name for itself.

    The local name counts where one is given, so that "Nuremberg" (locally "Nürnberg") and
    "Nürnberg" are one member, while the canton and the city of Fribourg are two.

    Raises:
        ValueError: the name has no letter or digit to make an id of.
    """
    own_name = slugify(local_name or name, max_length=120)
    if not own_name:
        msg = "the name has no letter or digit"
        raise ValueError(msg)
    return f"{(country or 'int').lower()}-{kind}-{own_name}"


class MemberRef(Model):
    """Names a member: by its id, or by country, kind and name, from which the id follows."""

    id: Slug | None = None
    name: Text | None = None
    local_name: Text | None = None
    country: Country | None = None
    kind: Kind | None = None

    @model_validator(mode="after")
    def _identified(self) -> MemberRef:
        if self.name is None or self.kind is None:
            if self.id is None:
                msg = "give the member's id, or its name, kind and country"
                raise ValueError(msg)
            return self
        if self.country is None and self.kind != "association":
            msg = "only an association may be without a country"
            raise ValueError(msg)
        if self.id is None:
            derived = member_id(self.country, self.kind, self.name, self.local_name)
            # The model is frozen for its users; its own validator completes it.
            object.__setattr__(self, "id", derived)
        return self

    @property
    def key(self) -> str:
        """The member's id; always known once the reference is valid."""
        assert self.id is not None  # noqa: S101 - the validator above saw to it
        return self.id
