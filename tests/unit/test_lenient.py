"""States and history are read without what a contract would refuse, and without looking for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, TypeAdapter

from services import manifests
from shared.contracts import dates, lenient, numbers, text
from shared.contracts.base import MemberRef
from shared.contracts.lenient import only_refuses

CALLS: list[str] = []


@only_refuses
def refusing(value: str) -> str:
    CALLS.append(value)
    return value


def completing(value: str) -> str:
    return value.upper()


class Said(BaseModel):
    name: Annotated[str, AfterValidator(refusing), AfterValidator(completing)]


def test_what_only_refuses_is_not_called_and_what_completes_is() -> None:
    read = lenient.validator(Said).validate_json(b'{"name": "bonn"}')
    assert (read.name, CALLS) == ("BONN", [])


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (text.Text, "Bonn"),
        (text.Text, "富士市"),
        (text.Remark, "if the state pays"),
        (text.LongText, "two\nlines"),
        (text.Lines, "two\nlines"),
        (text.Link, "https://example.org/a?b=c"),
        (text.Qualifier, "DE-NW"),
        (text.Currency, "EUR"),
        (text.Language, "pt-BR"),
        (dates.EdtfDate, "2006-08"),
        (dates.Day, "2006-08-04"),
        (numbers.Number, "5.5"),
        (Annotated[int, numbers.WHOLE], 5),
        (Annotated[float, numbers.FRACTION], 5.5),
    ],
)
def test_whatever_is_marked_gives_back_what_it_was_given(annotation: Any, value: Any) -> None:
    """Else history would be read as something else than what was published."""
    adapter = TypeAdapter[Any](annotation)
    for one in marked(adapter.core_schema):
        assert one(value) == value


ODD: list[Any] = [
    *("", " a ", "e\u0301", "\u2167", "n/a", "two\nlines", "UK", "de", "DE-NW", "EUR", "pt-BR"),
    *("2006", "2006-08", "2006-08-04", "2006-02-31", "1", "01", "1.0", "1e3", "-0"),
    *("https://example.org/a", "https://EXAMPLE.org/,https://b", "\ufeff", "\ud800"),
    *(1, 1.0, True, None, (), ("a", "b"), ("a", "a"), ["a"], {"a": 1}),
]


def test_of_all_contracts_whatever_is_marked_refuses_or_gives_back_what_it_was_given() -> None:
    checks = {
        one for model in manifests.EVENTS.values() for one in marked(model.__pydantic_core_schema__)
    }
    assert len(checks) > 10
    for check in checks:
        for value in ODD:
            with suppress(ValueError, TypeError, AttributeError):
                found = check(value)
                assert (type(found), found) == (type(value), value), check


def marked(node: Any) -> list[Any]:
    found = []
    if isinstance(node, dict):
        call = node.get("function")
        if isinstance(call, dict) and getattr(call["function"], "only_refuses", False):
            found.append(call["function"])
        found += [one for value in node.values() for one in marked(value)]
    if isinstance(node, list | tuple):
        found += [one for value in node for one in marked(value)]
    return found


def test_a_reference_is_completed_and_never_refused() -> None:
    read = lenient.read_json(MemberRef, b'{"name": "n/a", "country": "XX", "kind": "city"}')
    assert read.key == "xx-city-n-a"
