"""Which links an e-mail has: those that a publisher gave as a link, and none within a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

LINKED: Final = frozenset({"Document", "Evidence", "Link"})
"""The labels of details that are links."""
_BREAK: Final = "\u2060"
"""A word joiner: it is not seen and breaks no line, and no mail client reads on behind it."""
# A host's or a mailbox's name, and what follows a scheme. "e.V." and "2016.05" are none.
_LINKABLE: Final = re.compile(
    r"(?<=\w)[.@\u3002\uff0e\uff61](?=[^\W\d_]{2})|(?<=\w)@(?=\w)|:(?=//)"
)
_WHOLE: Final = re.compile(r"https?://\S+")
_PARTS: Final = re.compile(r"[^/?&=]+[/?&=]*|[/?&=]+")
"""Of a text: behind each of these signs a line may end, as addresses are long."""


def breakable(text: str) -> Markup:
    """A text whose addresses a narrow screen can break; copied, it is as it was."""
    return Markup("<wbr>").join(_PARTS.findall(text))


def unlinked(text: str) -> str:
    """A text that looks as it did, in which a mail client finds nothing to make a link of."""
    return _LINKABLE.sub(lambda found: f"{found[0]}{_BREAK}", text)


def lines(text: str, *, may_link: bool) -> Sequence[tuple[str, bool]]:
    """The lines of a text, and which are links: only where it has links of its own, one may be."""
    return [
        (line, True) if may_link and _WHOLE.fullmatch(line) else (unlinked(line), False)
        for line in text.split("\n")
    ]
