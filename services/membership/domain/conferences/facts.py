"""What of a conference can be corrected, and where it stands."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import MemberRef
from shared.domain.corrections.facts import Fact

FACTS: Final[dict[str, Fact]] = {
    "title": Fact("title", is_needed=True),
    "place": Fact("place"),
    "begins": Fact("begins", is_needed=True),
    "ends": Fact("ends"),
    "represented": Fact("represented"),
    "announced": Fact("announced"),
    "cancelled": Fact("cancelled", along=("cancellation_reason",)),
    "member registered": Fact("id", "registered_members", MemberRef, removes=True, is_fixed=True),
    "organisation registered": Fact("registered_organisations"),
    "member attended": Fact("id", "members", MemberRef, removes=True, is_fixed=True),
    "organisation attended": Fact("organisations"),
}
