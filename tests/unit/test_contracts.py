from __future__ import annotations

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.base import (
    EdtfDate,
    MemberRef,
    Text,
    Texts,
    covers,
    earliest,
    in_language,
    latest,
)
from shared.contracts.membership import LeadCityDesignated

_DATE = TypeAdapter[str](EdtfDate)


@pytest.mark.parametrize("text", ["2006", "2006-08", "2006-08-04", "2024-02-29"])
def test_a_date_is_as_precise_as_its_source(text: str) -> None:
    assert _DATE.validate_python(text) == text


@pytest.mark.parametrize(
    "text", ["2006-13", "2023-02-29", "2006-00", "06-08", "2006-8", "yesterday", "2006-08-04T00"]
)
def test_an_impossible_date_is_none(text: str) -> None:
    with pytest.raises(ValidationError):
        _DATE.validate_python(text)


def test_an_imprecise_date_means_a_range_of_days() -> None:
    assert (earliest("2024-02"), latest("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (earliest("2006"), latest("2006")) == (date(2006, 1, 1), date(2006, 12, 31))
    assert covers("2006", "2006-08")
    assert not covers("2006-08", "2006")


def test_a_city_and_its_local_name_are_one_member() -> None:
    both = MemberRef(name="Nuremberg", local_name="Nürnberg", country="DE", kind="city")
    local = MemberRef(name="Nürnberg", country="DE", kind="city")
    assert both.key == local.key == "de-city-nurnberg"


def test_the_canton_and_the_city_of_fribourg_are_two_members() -> None:
    canton = MemberRef(
        name="Fribourg", local_name="Canton de Fribourg", country="CH", kind="canton"
    )
    assert canton.key != MemberRef(name="Fribourg", country="CH", kind="city").key


def test_any_script_makes_an_id() -> None:
    assert MemberRef(name="الدار البيضاء", country="MA", kind="city").key.startswith("ma-city-")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "Bonn"},
        {"name": "Bonn", "kind": "city"},
        {"name": "Bonn", "kind": "city", "country": "XX"},
        {"name": "???", "kind": "city", "country": "DE"},
    ],
)
def test_a_member_is_fully_named_or_not_at_all(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        MemberRef.model_validate(wrong)


@pytest.mark.parametrize("text", ["two\nlines", "nul\x00", "   ", "x" * 301])
def test_a_text_is_one_line_within_bounds(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[str](Text).validate_python(text)


def test_a_lead_city_does_not_end_before_it_begins() -> None:
    city = {"name": "Bangkok", "country": "TH", "kind": "city"}
    with pytest.raises(ValidationError, match="until lies before since"):
        LeadCityDesignated.model_validate(
            {"coalition": "asia-pacific", "city": city, "since": "2006-08", "until": "2005"}
        )


def test_a_text_falls_back_from_region_to_language_to_that_of_the_record() -> None:
    names = {"pt": "Lisboa", "ar": "لشبونة", "zh-Hant": "里斯本"}
    assert TypeAdapter(Texts).validate_python(names) == names
    assert in_language(names, ["fr", "pt-BR"], "Lisbon") == "Lisboa"
    assert in_language(names, ["zh-Hant-TW"], "Lisbon") == "里斯本"
    assert in_language(names, ["zh", "fr"], "Lisbon") == "Lisbon"


@pytest.mark.parametrize("tag", ["PT", "portuguese", "xx", "pt_BR", ""])
def test_a_text_is_in_a_language_that_exists(tag: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Texts).validate_python({tag: "Lisboa"})
