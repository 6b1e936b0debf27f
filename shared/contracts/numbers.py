"""Numbers of contracts: JSON numbers, or text in the digits 0 to 9 as the cells of a table hold it.

Left to itself, pydantic reads `" 5 "`, `"1_0"`, `"+5"` and `true` as whole numbers and, for
decimals, the digits of every script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from shared.contracts.lenient import only_refuses

_WHOLE: Final = re.compile(r"-?[0-9]{1,20}(\.0{1,20})?")
_FRACTION: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


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
DECIMAL: Final = BeforeValidator(_written_as(_DECIMAL, "a number"))
"""Belongs last into the annotation of each `Decimal` that is read from outside."""

Inhabitants = Annotated[
    int, Field(ge=1, le=100_000_000, description="How many people live there."), WHOLE
]
Number = Annotated[Decimal, Field(max_digits=20, decimal_places=6), DECIMAL]
"""A number as exact as it is written; in JSON, text or a number."""
Amount = Annotated[Decimal, Field(max_digits=20, decimal_places=6, ge=0), DECIMAL]
"""A number that is not negative."""
