"""What plans listens to."""

from __future__ import annotations

from typing import Final

from shared.contracts import catalogue
from shared.contracts.membership import CitySigned, MemberAdmitted
from shared.reading import Source

SOURCES: Final = (
    Source(catalogue.inbox("plans"), catalogue.INBOX["plans"], own=True),
    Source(
        catalogue.events("membership"),
        catalogue.by_type(CitySigned, MemberAdmitted),
        own=False,
    ),
)
