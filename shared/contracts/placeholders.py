"""What people write where they have nothing to say; it is content of no field."""

from __future__ import annotations

from typing import Final

from shared.contracts.lenient import only_refuses

_NOTHING: Final = "this only says that something is missing: leave it out, or the cell empty"
_PLACEHOLDERS: Final = frozenset(
    {
        *("-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "\u2026", "?", "??", "???", "/"),
        *(
            "n/a",
            "n.a.",
            "n.a",
            "n / a",
            "#n/a",
            "#n/v",
            "na/na",
            "k.a.",
            "k. a.",
            "s/d",
            "s.d.",
            "s/o",
            "n.c.",
        ),
        *("tbd", "tba", "tbc", "t.b.d.", "to be determined", "to be confirmed", "to be announced"),
        *("unknown", "not known", "unbekannt", "inconnu", "inconnue", "desconocido", "desconocida"),
        *(
            "not available",
            "not applicable",
            "no data",
            "xxx",
            "#ref!",
            "#value!",
            "#name?",
            "<na>",
        ),
        *(
            "\u4e0d\u660e",
            "\u672a\u5b9a",
            "\u672a\u77e5",
            "\u0646\u0627\u0645\u0639\u0644\u0648\u0645",
        ),
    }
)
"""What people write where they have nothing to say."""
_ALSO_NAMES: Final = frozenset({"na", "none", "nan", "null", "nil", "undefined"})
"""Likewise, but places and organisations are called so, too: None in Piedmont, Nan in Thailand."""


_LONGEST: Final = 40
"""Characters; what is longer says something, whatever it is."""


def is_placeholder(value: str, *, of_name: bool = False) -> bool:
    """Whether a text only says that there is nothing to say.

    Args:
        value: the text.
        of_name: whether it is a name, which may be None.
    """
    if len(value) > _LONGEST:
        return False
    folded = " ".join(value.split()).casefold()
    return folded in _PLACEHOLDERS or (not of_name and folded in _ALSO_NAMES)


@only_refuses
def content(value: str) -> str:
    """Check that a line, which may be a name, says something.

    Raises:
        ValueError: it does not.
    """
    if is_placeholder(value, of_name=True):
        raise ValueError(_NOTHING)
    return value


@only_refuses
def remark(value: str) -> str:
    """Check that a line, which is no name, says something.

    Raises:
        ValueError: it does not.
    """
    if is_placeholder(value):
        raise ValueError(_NOTHING)
    return value
