"""What a contract refuses of a text by its form, its published schema refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from services import manifests
from shared.contracts.base import Day

# What no form tells is not among them: no 30 February, no language eur, no city "none".
PROBES = (
    *("", " ", "\n", "x", "X", "two words", "a\nb", "\x00", "bell\x07", "x" * 5000, "_", "é"),
    *("2026", "2026-02", "2026-02-03", "2026-2-3", "20260203", "2026-02-03T00"),
    *("2026-02-03T10:00:00Z", "2026-02-03T10:00:00", "10:00"),
    *("fr", "fra-", "FR", "french", "pt_BR", "pt-br", "EURO", "Q0"),
    *("https://example.org/", "https://example.org/a b", "ftp://example.org", "example.org"),
    *("a-slug", "a--slug", "-a", "a-", "A-slug", "CitySigned", "citySigned", "City Signed"),
    *("0", "1", "-1", "1.5", "1,5", "+1", "1e3", "０", " 1", "true"),
)


TO_THE_DAY = get_args(Day)[3]  # the validator that all fields of this type, and no others, have


class Probed(NamedTuple):
    """A field of a contract: what it takes, and what its published schema says of it."""

    path: str
    adapter: TypeAdapter[Any]
    schema: Draft202012Validator
    is_day: bool
    is_map: bool

    @property
    def probes(self) -> Iterator[Any]:
        """The texts alone, in a list, and as values and keys of what is in several languages."""
        for one in PROBES:
            yield from (one, [one], *(({"fr": one}, {one: "x"}) if self.is_map else ()))


def within(type_: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield type_
    for one in get_args(type_):
        yield from within(one)


def probed() -> Iterator[Probed]:
    seen: set[type[BaseModel]] = set()
    models: list[type[BaseModel]] = [*manifests.EVENTS.values(), *manifests.TAKEN.values()]
    while models:
        model = models.pop()
        if model in seen:
            continue
        seen.add(model)
        whole = model.model_json_schema()
        for name, field in model.model_fields.items():
            schema = {**whole["properties"][name], "$defs": whole.get("$defs", {})}
            if "date-time" in str(whole["properties"][name]):
                continue  # its form is in the format, which no validator has to check
            parts = [*within(field.annotation), *field.metadata]
            yield Probed(
                f"{model.__name__}.{name}",
                TypeAdapter(field.rebuild_annotation()),
                Draft202012Validator(schema),
                Day in parts or TO_THE_DAY in parts,
                "propertyNames" in str(whole["properties"][name]),
            )
            models += (one for one in parts if isinstance(one, type) and issubclass(one, BaseModel))


def is_taken(adapter: TypeAdapter[Any], given: Any) -> bool:
    try:
        adapter.validate_python(given)
    except ValidationError:
        return False
    return True


FIELDS = list(probed())


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_what_is_refused_the_schema_refuses(field: Probed) -> None:
    wrong = [given for given in field.probes if not is_taken(field.adapter, given)]
    assert [given for given in wrong if field.schema.is_valid(given)] == []


def test_a_date_to_the_day_is_published_as_one() -> None:
    days = [field for field in FIELDS if field.is_day]
    assert {"ReportFellDue.due", "ReportWaived.still_overdue", "DigestQueued.date"} <= {
        field.path for field in days
    }
    for field in days:
        for text in ("2026", "2026-02"):
            assert not any(map(field.schema.is_valid, (text, [text]))), field.path
        assert any(map(field.schema.is_valid, ("2026-02-03", ["2026-02-03"]))), field.path
