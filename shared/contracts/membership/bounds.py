"""How much is kept of one member, coalition or conference, so that each fits into one document.

What would go beyond is refused with the reason. The lists of the contracts themselves are bounded
in their models; texts by their types.
"""

from __future__ import annotations

from typing import Final

from shared.contracts.text import MAX_LANGUAGES

MAX_STEPS: Final = 100
"""Steps of a member; two a year, suspended and reinstated, make fifty years."""
MAX_CORRECTIONS: Final = 100
"""Corrections of a member, a coalition or a conference that stand."""
MAX_NAMES: Final = 50
"""Names that a member, or a coalition, had one after another."""
MAX_TRANSLATIONS: Final = MAX_LANGUAGES
"""Languages in which a name is given; an event gives as many at most."""
MAX_PARTNERS: Final = 200
"""Times for which organisations work, or worked, with a member."""
MAX_POPULATIONS: Final = 100
"""Counts of a member's inhabitants, one for each date."""
MAX_DUPLICATES: Final = 100
"""Duplicates that are merged into a member."""
MAX_MOVES: Final = 20
"""Moves of a member from one coalition to another."""
MAX_STATUTES: Final = 50
"""Statutes of a coalition, one after another; their rules travel to each of its members."""
MAX_PAPERS: Final = 10
"""Papers by which a city joins a coalition."""
MAX_ORGANS: Final = 60
"""Organs of a coalition."""
MAX_OFFICES: Final = 400
"""Terms of office in a coalition, those of lead cities among them."""
MAX_ELECTIONS: Final = 20
"""Elections of one city to one office, without a break between them."""
MAX_DECISIONS: Final = 400
"""Decisions of a coalition's organs."""
MAX_CLAIMED: Final = 50
"""Rival claims about a member, a coalition or a conference."""
MAX_COUNTS: Final = 200
"""Public counts of a coalition's members, one for each date and source."""
MAX_PARTICIPANTS: Final = 1000
"""Members that registered for a conference, or took part, and likewise organisations."""
