"""States and history are read without what a contract would refuse, and without looking for it."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, TypeAdapter

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


def marked(node: Any) -> list[Any]:
    found = []
    if isinstance(node, dict):
        call = node.get("function")
        if isinstance(call, dict) and getattr(call["function"], "only_refuses", False):
            found.append(call["function"])
        found += [one for value in node.values() for one in marked(value)]
    return found


def test_a_reference_is_completed_and_never_refused() -> None:
    read = lenient.read_json(MemberRef, b'{"name": "n/a", "country": "XX", "kind": "city"}')
    assert read.key == "xx-city-n-a"
