"""The words in which is said who is told of what, how and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

EventKind = Annotated[
    str,
    Field(pattern=r"^[A-Z][A-Za-z]{1,60}$", examples=["CitySigned"]),
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
        pattern=r"^((own|default)-[0-9a-f]{12}|announcement)$",
        description="The rule by which somebody is told: their own, their role's, or none, for "
        "an announcement.",
        examples=["default-3f1c0e9a77b2"],
    ),
]
