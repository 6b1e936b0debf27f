"""Numbers of contracts: JSON numbers, or text in the digits 0 to 9 as the cells of a table hold it.

Left to itself, pydantic reads `" 5 "`, `"1_0"`, `"+5"` and `true` as whole numbers and, for
decimals, the digits of every script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import core_schema

from shared.contracts.lenient import only_refuses

_WHOLE: Final = re.compile(r"-?[0-9]{1,20}(\.0{1,20})?")
_FRACTION: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_PLACES: Final = 6
_EXACT: Final = r"[0-9]{1,14}(\.[0-9]{1,6})?"
_DECIMAL: Final = re.compile(rf"-?{_EXACT}")
_MOST: Final = 10**14 - 1
_SAFE_DIGITS: Final = 15
"""So many digits a double gives back as they were written; of more, nobody can tell."""


def _written_as(pattern: re.Pattern[str], what: str) -> Callable[[Any], Any]:
    @only_refuses
    def check(value: Any) -> Any:  # noqa: ANN401 - any JSON may stand where a number should
        if isinstance(value, bool) or (isinstance(value, str) and not pattern.fullmatch(value)):
            msg = f"not {what} in the digits 0 to 9"
            raise ValueError(msg)
        return value

    return check


WHOLE: Final = BeforeValidator(_written_as(_WHOLE, "a whole number"))
"""Belongs last into the annotation of each `int` that is read from outside."""
FRACTION: Final = BeforeValidator(_written_as(_FRACTION, "a number"))
"""Belongs last into the annotation of each `float` that is read from outside."""


@only_refuses
def _exact(value: Any) -> Any:  # noqa: ANN401 - likewise
    if isinstance(value, float) and isfinite(value):
        digits = Decimal(repr(value)).normalize().as_tuple().digits
        if len(digits) > _SAFE_DIGITS:
            msg = f"a JSON number has at most {_SAFE_DIGITS} digits here: send it as text"
            raise ValueError(msg)
    return value


_EXACT_ONLY: Final = BeforeValidator(_exact)
_IN_DIGITS: Final = BeforeValidator(
    _written_as(_DECIMAL, "a number of up to 14 digits, and 6 behind the point,")
)

Inhabitants = Annotated[
    int, Field(ge=1, le=100_000_000, description="How many people live there."), WHOLE
]


class _AsText:
    """Says in the schema how an exact number is written, as text and as a number."""

    def __init__(self, sign: str) -> None:
        self._pattern = f"^{sign}{_EXACT}$"
        self._bounds = {"minimum": -_MOST if sign else 0, "maximum": _MOST}

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        made = handler(schema)
        for one in made.get("anyOf", [made]):
            if one["type"] == "string":
                one["pattern"] = self._pattern
            else:
                one.update(self._bounds)
        return made


_EXACT_NUMBER: Final = Field(
    max_digits=20,
    decimal_places=_PLACES,
    description="Published always as text. A JSON number is read as a double, and taken with at"
    " most 15 digits, six of them behind the point: send text to be exact.",
)
Number = Annotated[Decimal, _EXACT_NUMBER, _AsText("-?"), _EXACT_ONLY, _IN_DIGITS]
"""A number as exact as it is written; in JSON, text or a number."""
Amount = Annotated[
    Decimal,
    _EXACT_NUMBER,
    Field(ge=0),
    AfterValidator(Decimal.copy_abs),  # a negative zero is one, without its sign
    _AsText(""),
    _EXACT_ONLY,
    _IN_DIGITS,
]
"""A number that is not negative."""
