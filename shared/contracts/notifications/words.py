"""The words in which is said who is told of what, how and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts import patterns

SubscriptionId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=patterns.ID,
        description="The id of a subscription, which says nothing of its person.",
        examples=["0b9a3a3c-5f3e-4b7e-9a53-2f1f7d6f3c11"],
    ),
]

NotificationId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=300,
        pattern=patterns.ID,
        description="The id of a notification: of an event's, a digest's or an announcement's.",
        examples=["0d5c4a0e-6a3f-5d0c-8a44-0c4f0f6f4b1e"],
    ),
]

EventKind = Annotated[
    str,
    Field(
        pattern=patterns.KIND,
        description="What a type of event is called: its first version, or another that is named.",
        examples=["CitySigned"],
    ),
]
"""The past-tense name of an event type, as people choose it in a rule."""

Role = Literal["secretariat", "lead city", "focal point", "observer"]
"""What a person is; it says what they are told of by default."""

Frequency = Literal["daily", "weekly"]
"""How often a digest comes."""

How = Literal["at once", "daily", "weekly", "never"]
"""How somebody is told of an event: by an e-mail of its own, in a digest, or not at all."""

Urgency = Literal["critical", "normal", "low"]
"""How urgent a kind of event is for those whom it concerns."""

RuleId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=patterns.ID,
        description="The rule by which somebody is told: their own (`own-…`), their role's "
        "(`default-…`), or none (`announcement`). There may be others.",
        examples=["default-3f1c0e9a77b2"],
    ),
]
