"""What texts look like, as far as the patterns of JSON Schema say it; the code says the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_BAD: Final = r"\u007f-\u009f\u202d\u202e\ufdd0-\ufdef\ufffe\uffff"
_BAD_IN_A_LINE: Final = rf"\u0000-\u001f\u2028\u2029{_BAD}"
_BAD_IN_LINES: Final = rf"\u0000-\u0008\u000b\u000c\u000e-\u001f{_BAD}"

LINE: Final = rf"^[^{_BAD_IN_A_LINE}]*[^{_BAD_IN_A_LINE}\s][^{_BAD_IN_A_LINE}]*$"
# Blanks and what comes behind them exclude each other, so no text, however long, takes long.
LINES: Final = rf"^\s*[^{_BAD_IN_LINES}\s][^{_BAD_IN_LINES}]*$"
SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# No backslash before the quotation mark: with Unicode, regular expressions of ECMAScript have none.
LINK: Final = r'^https?://[^\s<>"]+$'
COUNTRY: Final = "^[A-Z]{2}$"
QUALIFIER: Final = "^([A-Z]{2}-[A-Z0-9]{1,3}|Q[1-9][0-9]{0,9}|geonames:[1-9][0-9]{0,9})$"
ID: Final = "^[!-~]+$"
"""An id of ours; there are thousands in one event, so it is a pattern and no function."""
# The first version for good, or another one.
KIND: Final = r"^[A-Z][A-Za-z]{1,60}(\.v([2-9]|[1-9][0-9]{1,2}))?$"
CURRENCY: Final = "^[A-Z]{3}$"
LANGUAGE: Final = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"

WIDENED: Final[Mapping[str, str]] = {}
"""Patterns that were released, each with what has taken its place and fits all that it did.

No program can tell that of two patterns; whoever enters a pair answers for it. So a new kind of
qualifier needs no second version of everything that names a member.
"""
