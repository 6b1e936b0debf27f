"""What mail servers answer, in their own words without anybody's address, and whom it concerns.

A 5xx to RCPT or after the message concerns one e-mail, and so does a 4xx to RCPT, unless its code
says that the server speaks of itself. All else does: it takes nothing now, and no e-mail is to
blame.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_ITSELF: Final = frozenset({421, 452, 454, 503, 504, 521, 530, 534, 535, 538})
"""Wherever they come: it closes, is full, wants a login or TLS, or takes no e-mail at all."""
_ENHANCED: Final = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
_SENDERS: Final = frozenset({"1.7", "1.8"})
"""RFC 3463: subject 1 is an address and 2 a mailbox, the recipient's but for these."""
_ADDRESSES: Final = re.compile(r"(\"[^\"]*\"|[^\s<>\"]*)(@|%40|=40)[^\s<>\",;]*", re.IGNORECASE)
REFUSED: Final = "refused: "
"""Begins the reason of a delivery whose e-mail a server refused; its codes follow."""
_MOST_READ: Final = 1000
_MOST_TEXT: Final = 200


class Answer(NamedTuple):
    """What a server said, or what became of the connection.

    Attributes:
        code: of three digits; None where there was no answer.
        enhanced: as `5.7.8` (RFC 3463), where it said one.
        text: its words, as one line, not long, with nobody's address.
    """

    code: int | None
    enhanced: str | None
    text: str

    @property
    def transient(self) -> bool:
        """Whether it may do so later."""
        return self._kind == 4  # noqa: PLR2004 - RFC 5321's first digit

    @property
    def permanent(self) -> bool:
        """Whether it never will, as things are."""
        return self._kind == 5  # noqa: PLR2004 - likewise

    @property
    def codes(self) -> str:
        """The answer without its words, which might say more of a person than anybody may know."""
        return " ".join(str(part) for part in (self.code, self.enhanced) if part)

    @property
    def _kind(self) -> int:
        return (self.code or 0) // 100

    def __str__(self) -> str:
        return f"{self.codes} {self.text}".strip()


class Refused(Exception):
    """The server will never take this e-mail; of its answer only the codes are passed on."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.codes)


class Deferred(Refused):
    """The server does not take this e-mail now; others it may."""


class Unavailable(Exception):
    """The server takes nothing from us now, for reasons of its own.

    Args:
        answer: what it said.
        permanent: whether somebody has to mend something.
        begun: whether it said so of an e-mail whose sender it had taken; that one waits longest.
    """

    def __init__(self, answer: Answer, *, permanent: bool = False, begun: bool = False) -> None:
        super().__init__(str(answer))
        self.answer, self.permanent, self.begun = answer, permanent, begun


class Uncertain(Unavailable):
    """The connection broke after the message was handed over: it may have been taken."""


def judged(answer: Answer, *, message: bool = False) -> Refused | Unavailable:
    """Whom an answer concerns that is not positive.

    Args:
        answer: to RCPT or to the message.
        message: to the message, which a server rarely puts off for what is in it: it lacks room
            or time, or counts how much it takes.
    """
    subject = (answer.enhanced or "").partition(".")[2]
    mailbox = subject[:2] in {"1.", "2."} and subject not in _SENDERS
    itself = subject in _SENDERS or (answer.code in _ITSELF and not mailbox)
    if answer.permanent and not itself:
        return Refused(answer)
    if answer.transient and (mailbox or not (itself or message)):
        return Deferred(answer)
    return Unavailable(answer, permanent=answer.permanent, begun=True)


def answer_of(code: int, text: str, hide: str = "") -> Answer:
    """What a server answered, fit to be shown.

    Args:
        code: as the library read it; negative where it could not.
        text: as the library decoded it, of any length, with anything in it.
        hide: the address of the person that it speaks of.
    """
    # What is not UTF-8 came as surrogates, which neither JSON nor the store can hold.
    words = text.encode(errors="surrogateescape").decode(errors="replace").split()
    line = "".join(letter for letter in " ".join(words) if letter.isprintable())
    if len(line) > _MOST_READ:  # at a blank, or half an address could stay
        line = line[:_MOST_READ].rpartition(" ")[0]
    enhanced = _ENHANCED.match(line)
    line = _ADDRESSES.sub("[address]", line[enhanced.end() :] if enhanced else line)
    if local := hide.partition("@")[0]:
        line = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "[address]", line, flags=re.IGNORECASE)
    return Answer(code if code > 0 else None, enhanced and enhanced[0], _cut(line))


def status_of(reason: str) -> str:
    """The enhanced code by which an e-mail was refused, as its delivery has it in its reason.

    `5.0.0` where the server gave none; empty where no server refused it.
    """
    said, _, codes = reason.partition(REFUSED)
    if said or not codes:
        return ""
    found = _ENHANCED.search(codes)
    return found[0] if found else f"{codes[0]}.0.0" if codes[0] in "45" else ""


def broken(error: Exception) -> Answer:
    """What became of a connection without the server's saying anything."""
    return Answer(None, None, _cut(f"{type(error).__name__}: {error}".removesuffix(": ")))


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"
