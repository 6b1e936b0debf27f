"""Why data breaks its contract, in the contracts' own words and without repeating the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shared.contracts.patterns import ID, KIND, LINK, SLUG
from shared.nearest import nearest

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MOST: Final = 10
_READ: Final = 80
"""Characters that are compared with what there is."""
_OF_FEW: Final = frozenset({"literal_error", "enum"})
_WORDS: Final = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "literal_error": "it is one of {expected}",
    "enum": "it is one of {expected}",
    "string_type": "it is text, in quotes",
    "string_too_short": "it is empty, or too short: at least {min_length} characters",
    "string_too_long": "it is too long: at most {max_length} characters",
    "too_short": "there are too few: at least {min_length}",
    "too_long": "there are too many: at most {max_length}",
    "greater_than_equal": "it is {ge} or more",
    "less_than_equal": "it is {le} or less",
    "greater_than": "it is more than {gt}",
    "less_than": "it is less than {lt}",
    "int_parsing": "it is a whole number",
    "int_type": "it is a whole number",
    "int_from_float": "it is a whole number",
    "float_parsing": "it is a number",
    "float_type": "it is a number",
    "finite_number": "it is a finite number",
    "decimal_parsing": "it is a number",
    "decimal_max_digits": "it has too many digits: at most {max_digits}",
    "decimal_max_places": "it has too many digits behind the point: at most {decimal_places}",
    "decimal_whole_digits": "it has too many digits before the point: at most {whole_digits}",
    "bool_parsing": "it is true or false",
    "bool_type": "it is true or false",
    "dict_type": "it is an object: {{…}}",
    "model_type": "it is an object: {{…}}",
    "list_type": "it is a list: […]",
    "tuple_type": "it is a list: […]",
}
"""By pydantic's type of error; what it names is in the error's context."""
_PATTERNS: Final = {
    SLUG: "an id has small letters from a to z, digits, and single hyphens between them",
    ID: "an id has no blanks, and only characters of ASCII",
    KIND: "`CitySigned` calls the first version of a type, and `CitySigned.v2` the second",
    LINK: "a link begins with http:// or https://, and has no blanks",
}
"""By the pattern that a text does not match."""


def explain(error: ValidationError) -> str:
    """Say in one line what breaks the contract, without repeating the input."""
    return "; ".join(f"{place(problem)}: {reason(problem)}" for problem in problems(error)[:_MOST])


def problems(error: ValidationError) -> list[ErrorDetails]:
    """All that is wrong, with the input only where a word of few is misspelt."""
    found = error.errors(include_url=False, include_input=False)
    is_misspelt = any(problem["type"] in _OF_FEW for problem in found)
    return error.errors(include_url=False) if is_misspelt else found


def place(problem: ErrorDetails) -> str:
    """Where in the data something is wrong."""
    return ".".join(map(str, problem["loc"])) or "data"


def reason(problem: ErrorDetails) -> str:
    """What is wrong, as a person would say it."""
    context = problem.get("ctx", {})
    words = _WORDS.get(problem["type"]) or _PATTERNS.get(context.get("pattern", ""))
    if words is None:
        return re.sub(r"^(Value|Assertion) error, ", "", problem["msg"])
    return words.format(**context) + _near(problem)


def _near(problem: ErrorDetails) -> str:
    """For a misspelt one of a few words: the nearest of them."""
    given = problem.get("input")
    if problem["type"] not in _OF_FEW or not isinstance(given, str):
        return ""
    near = nearest(given[:_READ], re.findall("'([^']+)'", problem["ctx"]["expected"]))
    return f"; the nearest is {near!r}" if near else ""
