"""What nobody sees in a text: it belongs where a script is written with it, else it deceives."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f")
"""A flag of a region, as of Scotland: what spells its code is not seen."""
# Arabic to N'Ko, the scripts of India, Tibet, Burma, Cambodia, Mongolia and their extensions.
_JOINING: Final = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1c4f\ua840-\uaaff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_KEYS: Final = frozenset("0123456789#*")
_MONGOLIAN: Final = re.compile("[\u1800-\u18af]")
_MARKS: Final = frozenset("\u200e\u200f\u061c")
_NON_JOINER, _JOINER, _EMOJI_STYLE = "\u200c", "\u200d", "\ufe0f"
_OPENING: Final = {
    **dict.fromkeys("\u202a\u202b", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_CLOSING: Final = frozenset(_OPENING.values())


def misplaced(text: str) -> str | None:
    """The first invisible character of a line that no script needs where it stands.

    It is needed where letters join (Persian, the scripts of India), in an emoji, to choose a form
    of a letter, and to order right-to-left text beside other text, if what it opens it closes.
    """
    if not _INVISIBLE.search(text):
        return None
    text = _FLAG.sub("\U0001f3f4", text)
    for match in _INVISIBLE.finditer(text):
        if not _belongs(match[0], text[: match.start()], text[match.end() :]):
            return match[0]
    return _unbalanced(text)


def _belongs(character: str, before: str, after: str) -> bool:
    last, first = before[-1:], after[:1]
    if character == _NON_JOINER:
        return _joins(last) and _joins(first)
    if character == _JOINER:
        return _joins(last) or (_is_emoji(last) and _is_symbol(first))
    if _SELECTORS.match(character):
        return last in _KEYS or not (last.isascii() or last.isspace() or _INVISIBLE.match(last))
    if character in _MARKS or character in _OPENING or character in _CLOSING:
        return _has_right_to_left(before) or _has_right_to_left(after)
    return bool("\u180b" <= character <= "\u180f" and _MONGOLIAN.match(last))


def _joins(letter: str) -> bool:
    return bool(letter and _JOINING.match(letter))


def _is_emoji(letter: str) -> bool:
    return letter == _EMOJI_STYLE or _is_symbol(letter) or "\U0001f3fb" <= letter <= "\U0001f3ff"


def _is_symbol(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter) == "So"


def _has_right_to_left(text: str) -> bool:
    return any(
        unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text if letter > "\u0590"
    )


def _unbalanced(text: str) -> str | None:
    """What opens and is not closed, or closes what is not open."""
    expected: list[str] = []
    for letter in text:
        if closing := _OPENING.get(letter):
            expected.append(closing)
        elif letter in _CLOSING and (not expected or letter != expected.pop()):
            return letter
    return expected[-1] if expected else None
