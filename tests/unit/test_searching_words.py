"""By which beginnings a member is found, and which a text asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.membership.domain import Member
from services.membership.domain.members.words import LONGEST, beginnings, wanted, words

if TYPE_CHECKING:
    from collections.abc import Sequence


def member(name: str, **more: Any) -> Member:
    return Member(id="x", name=name, country="DE", kind="city", coalition="c", **more)


def found_by(one: Member) -> Sequence[str]:
    return beginnings(words(one))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Nürnberg", "Nurnberg"),
        ("Nürnberg", "nu\u0308rn"),
        ("São Paulo", "sao p"),
        ("Łódź", "lodz"),
        ("Łódź", "łódź"),
        ("Straßburg", "strass"),
        ("Göteborg", "goteborg"),
        ("Москва", "москва"),
        ("Москва", "mosk"),
        ("الرباط", "الربا"),
        ("أَغَادِير", "أغاد"),
        ("東京", "東"),
        ("富士市", "富士"),
        ("서울", "서울"),
        ("Αθήνα", "αθηνα"),
        ("St. John’s", "st john's"),
        ("İstanbul", "istanbul"),
        ("Nouakchott", "NOUAK"),
    ],
)
def test_a_name_is_found_in_its_script_and_in_latin_letters_with_or_without_accents(
    name: str, text: str
) -> None:
    assert wanted(text)
    assert set(wanted(text)) <= set(found_by(member(name)))


@pytest.mark.parametrize(
    ("name", "text"), [("Nürnberg", "berg"), ("東京", "京"), ("富士市", "釜石"), ("Bonn", "bonna")]
)
def test_it_is_not_found_by_what_is_no_beginning_of_its_words(name: str, text: str) -> None:
    assert not set(wanted(text)) <= set(found_by(member(name)))


def test_all_names_count_those_in_other_languages_and_those_it_had() -> None:
    called = ({"name": "Königsberg", "kind": "city", "since": "1255"},)
    found = found_by(member("Kaliningrad", names={"pl": "Królewiec"}, called=called))
    for text in ("kaliningrad", "krolewiec", "konigsberg"):
        assert text in found


def test_it_is_bounded_whatever_is_given() -> None:
    names = {f"{a}{b}": f"Nom {a}{b} " * 30 for a in "abc" for b in "abcdefghij"}
    long = member("A").model_copy(update={"name": "x" * 300, "names": names})
    assert len(words(long)) <= 100
    assert max(map(len, found_by(long))) == LONGEST
    assert len(wanted("a b c d e f g h i j k l m n")) == 10
    assert wanted("x" * 100) == ["x" * LONGEST]
    assert wanted("?! '") == []
