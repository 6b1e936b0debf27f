"""Numbers wherever a contract or a table's row has one: only the digits 0 to 9 make them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from services import manifests
from services.membership import exchange as membership
from services.plans import exchange as plans
from shared.contracts.membership import MemberDescribed, MembershipCounted
from shared.contracts.numbers import Number
from shared.contracts.plans import Budget
from shared.tabular.rows import ImportedRow
from tests.unit.reading import is_taken

NUMBERS = {int, float, Decimal}
ROWS = [t.row for t in (*membership.TABLES, *plans.TABLES) if issubclass(t.row, ImportedRow)]
NEVER: list[Any] = [
    *("５", "٣", "५", "𝟓", "²", "½", "Ⅴ", "五", "1٣", "3.٥"),
    *(" 5", "5 ", "\t5", "5\n", "\u00a05", "5\u200f", "5\x00", ""),
    *("+5", "--5", "5-", "1_0", "1,000", "1.000,5", "1'000", "0x10", "0b1", "5e", "e5", "5."),
    *("nan", "NaN", "-nan", "inf", "Infinity", "-Infinity", "sNaN", "true", "None"),
    *("9" * 4400, "9" * 30, "1e400", "0." + "0" * 30 + "1"),
    *(True, False, float("nan"), float("inf"), float("-inf"), 10**40, None, [], {}),
]


class Numeric(NamedTuple):
    """A field that holds a number, or several."""

    path: str
    type: Any
    is_listed: bool


def numeric(model: type[BaseModel], path: str = "") -> Iterator[Numeric]:
    """All numeric fields of a model, and of the models that it is made of."""
    path = path or model.__name__
    for name, field in model.model_fields.items():
        parts = list(_parts(field.annotation))
        if NUMBERS.intersection(part for part in parts if isinstance(part, type)):
            yield Numeric(f"{path}.{name}", field.rebuild_annotation(), tuple in parts)
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from numeric(part, f"{path}.{name}")


def _parts(type_: Any) -> Iterator[Any]:
    """An annotation, and whatever it is made of."""
    yield getattr(type_, "__origin__", type_)
    for argument in get_args(type_):
        yield from _parts(argument)


FIELDS = [n for model in (*manifests.EVENTS.values(), *ROWS) for n in numeric(model)]


def test_the_walk_finds_them() -> None:
    found = {field.path for field in FIELDS}
    assert {
        "MembershipCounted.members",
        "MemberDescribed.latitude",
        "ActionRecorded.budget.amount",
        "ReportingRuleSet.remind_days",
        "PlanDrafted.mapping.before",
        "MemberRow.latitude",
    } <= found


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_only_the_digits_0_to_9_make_a_number(field: Numeric) -> None:
    adapter = TypeAdapter[Any](field.type)
    for wrong in NEVER:
        if wrong is None:
            continue  # many are optional
        with pytest.raises(ValidationError):
            adapter.validate_python([wrong] if field.is_listed else wrong)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "true", '"５"'])
def test_json_that_is_no_number_is_none(literal: str) -> None:
    for model, text in (
        (MembershipCounted, '{"coalition": "a", "as_of": "2010", "members": %s}'),
        (
            MemberDescribed,
            '{"coalition": "a", "member": {"id": "b"}, "latitude": %s, "longitude": 1}',
        ),
        (Budget, '{"amount": %s, "currency": "EUR"}'),
    ):
        with pytest.raises(ValidationError):
            model.model_validate_json(text % literal)


@pytest.mark.parametrize("text", ["12345678901234.123456", "0.000001", "-0.1", "99999999999999"])
def test_an_exact_number_is_published_as_the_text_that_was_sent(text: str) -> None:
    adapter = TypeAdapter[Decimal](Number)
    assert adapter.dump_json(adapter.validate_json(f'"{text}"')) == f'"{text}"'.encode()


@pytest.mark.parametrize("zero", ["-0", "-0.0", '"-0.00"'])
def test_an_amount_of_nothing_has_no_sign(zero: str) -> None:
    budget = Budget.model_validate_json(f'{{"amount": {zero}, "currency": "EUR"}}')
    assert b"-" not in budget.model_dump_json().encode()


@pytest.mark.parametrize("literal", ["12345678901234.123456", "0.1234567890123456", "1e14"])
def test_a_json_number_that_was_perhaps_rounded_is_refused(literal: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Decimal](Number).validate_json(literal)


@pytest.mark.parametrize(
    "literal", ["0.1", "123456789.123456", "12345678901234", "1000000.0", "-3"]
)
def test_a_json_number_that_a_double_holds_is_what_was_written(literal: str) -> None:
    assert TypeAdapter[Decimal](Number).validate_json(literal) == Decimal(literal)


def test_a_number_may_be_text_as_in_a_table() -> None:
    counted = MembershipCounted.model_validate({"coalition": "a", "as_of": "2010", "members": "97"})
    described = MemberDescribed.model_validate(
        {"coalition": "a", "member": {"id": "b"}, "latitude": "-33.45", "longitude": "1e-05"}
    )
    budget = Budget.model_validate({"amount": "12345678901234.123456", "currency": "EUR"})
    assert counted.members == 97
    assert (described.latitude, described.longitude) == (-33.45, 0.00001)
    assert budget.amount == Decimal("12345678901234.123456")
    assert Budget.model_validate_json(budget.model_dump_json()) == budget


def test_a_whole_number_may_have_a_point_and_nothing_behind_it() -> None:
    for value in (5, 5.0, "5", "5.0", "05"):
        assert is_taken(MembershipCounted.model_fields["members"].rebuild_annotation(), value)
    assert not is_taken(MembershipCounted.model_fields["members"].rebuild_annotation(), 5.5)
