"""Texts, links and dates of the contracts: what anybody might send instead."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.base import Day, EdtfDate, Language, Link, LongText, Text
from shared.contracts.text import Currency
from tests.unit.reading import is_taken

# Written with escapes where an editor would show nothing, or another thing.
UNPRINTABLE = [
    *("nul\x00", "bell\x07", "escape\x1b[2J", "vertical\x0btab", "form\x0cfeed", "del\x7fete"),
    *("Windows-1252's\x85 three dots", "C1\x80.", "C1\x9f.", "\x9b31m"),
    *("override\u202eyrtnuoc", "override\u202dagain"),
    *("non\ufdd0character", "non\uffffcharacter", "non\U0001fffecharacter", "last\U0010ffff."),
]
SCRIPTS = [
    *("Nürnberg", "الدار البيضاء", "ירושלים", "東京都", "Thành phố Hồ Chí Minh", "Ελλάδα", "Київ"),
    *("ابوظبي \u200e(UAE)\u200e.", "\u2067الرباط\u2069", "\u202bفاس\u202c", "می\u200cخواهم"),
    *("👩\u200d👩\u200d👧", "non\u00a0breaking"),
]
LONE_SURROGATES = ["\ud800", "a\udfffb", "\udc80"]


@pytest.mark.parametrize("text", ["2006", "2006-08", "2006-08-04", "2024-02-29", "0001", "9999-12"])
def test_a_date_is_as_precise_as_its_source(text: str) -> None:
    assert is_taken(EdtfDate, text)
    assert is_taken(Day, text) == (len(text) == 10)


@pytest.mark.parametrize(
    "text",
    [
        *("2006-13", "2023-02-29", "2006-00", "06-08", "2006-8", "yesterday", "2006-08-04T00"),
        *("0000", "0000-01", "0000-01-01", "-006", "+2006", "2006-W01-1", "20060804"),
        *(" 2006", "2006 ", "2006\n", "2006-08-04\n", "2_06", "2e03", "2006-+8-04", "2006-08- 4"),
        *("２００６", "２０１６-０５-１７", "2006-٠٨", "२००६-०८-०४", "2006-08-0𝟒", "²006", "①②③④"),
        *("2006\u201008", "2006-08\u200f", "2006-08-04\x00", "9" * 4400),
    ],
)
def test_what_only_resembles_a_date_is_none(text: str) -> None:
    assert not is_taken(EdtfDate, text)
    assert not is_taken(Day, text)


@pytest.mark.parametrize(
    "text", ["two\nlines", "a\ttab", "a\u2028b", "a\u2029b", "   ", "x" * 301, *UNPRINTABLE]
)
def test_a_text_is_one_line_within_bounds(text: str) -> None:
    assert not is_taken(Text, text)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001, *UNPRINTABLE])
def test_a_long_text_has_no_control_characters_but_line_breaks(text: str) -> None:
    assert not is_taken(LongText, text)


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_text_may_be_in_any_script(text: str) -> None:
    assert TypeAdapter[str](Text).validate_python(text) == text
    lines = f"{text}\n\n\t{text}\r\n{text}\u2028{text}"
    assert TypeAdapter[str](LongText).validate_python(lines) == lines


@pytest.mark.parametrize("text", LONE_SURROGATES)
@pytest.mark.parametrize("type_", [Text, LongText, Link, EdtfDate, Currency])
def test_a_lone_surrogate_is_no_text(type_: Any, text: str) -> None:
    assert not is_taken(type_, f"https://example.org/{text}" if type_ is Link else text)


def test_a_reason_names_the_character_and_not_the_text() -> None:
    with pytest.raises(ValidationError, match=r"U\+0085; was it read in the right encoding") as no:
        TypeAdapter[str](Text).validate_python("Potsdam\x85 and more")
    assert "Potsdam" not in no.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    "text",
    [
        *("ftp://example.org", "https://", "https://a b", 'https://a"b', "javascript:alert(1)"),
        *(f"https://example.org/{bad}." for bad in "\x00\x1b\x7f\x85\u202e\uffff\n"),
        *("https://example.org/" + "x" * 500, "https://example.org/" + "東" * 400),
    ],
)
def test_a_link_is_an_address_within_bounds_also_in_bytes(text: str) -> None:
    assert not is_taken(Link, text)


@pytest.mark.parametrize(
    "text", ["https://ar.wikipedia.org/wiki/الرباط", "https://example.org/" + "x" * 480]
)
def test_a_link_may_be_in_any_script(text: str) -> None:
    assert is_taken(Link, text)


@pytest.mark.parametrize("text", ["eur", "EURO", "D\u212a\u212a", "ＥＵＲ", "EUR\n", ""])
def test_a_currency_is_a_code_in_capitals(text: str) -> None:
    assert is_taken(Currency, "EUR")
    assert not is_taken(Currency, text)


@pytest.mark.parametrize(
    "tag", ["fr", "fil", "kok", "arn", "ast", "pt-BR", "es-419", "en-001", "zh-Hant", "zh-Hant-TW"]
)
def test_a_language_has_two_letters_or_three_where_there_are_no_two(tag: str) -> None:
    assert is_taken(Language, tag)


@pytest.mark.parametrize(
    "tag",
    [
        *("fra", "deu", "ger", "xx", "qaa", "und", "mul", "zxx", "mis", "FR", "french", ""),
        *("es-999", "es-276", "es-41", "es-XX", "en-UK", "pt-br", "zh-hant", "es-４１９", "fr-"),
    ],
)
def test_a_language_has_one_spelling(tag: str) -> None:
    assert not is_taken(Language, tag)


@pytest.mark.parametrize(
    "text",
    [
        *("zero\u200bwidth", "Bo\u00adnn", "no\ufeffbreak", "word\u2060joiner", "a\u034fb"),
        *("Bonn\u3164", "\u115f\u1160", "\uffa0", "\u2800", "plus\u2064", "old\u206a", "\ufff9a"),
        *("Bonn\u200d", "Bo\u200cnn", "ف\u200c", "\u200cف", "a\u200cف", "👩\u200d", "👩\u200da"),
        *("Bonn\u200e", "a\u200fb", "\u2066Bonn\u2069", "\u202aBonn\u202c", "\u2068B\u2069"),
        *("\u2067الرباط", "الرباط\u2069", "\u2067الرباط\u202c", "\u202bفاس", "\u2069فاس\u2067"),
        *("A\ufe0f", "\ufe0f", "\u180bA", "a\u180e", "A\U000e0061", "🏴\U000e0067", "\U000e0001x"),
        *("fl\U000e0067\U000e007f", "東\U000e0100\U000e0101"),
    ],
)
def test_what_nobody_sees_is_refused_in_a_name_by_its_code(text: str) -> None:
    with pytest.raises(ValidationError, match=r"U\+[0-9A-F]{4,5}$|U\+[0-9A-F]{4,5} "):
        TypeAdapter[str](Text).validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        *("می\u200cخواهم", "خانه\u200cهای", "श्री\u200dमती", "ക്\u200d", "র\u200d্যাব", "ක්\u200dෂ"),
        *("👩🏽\u200d🚒", "🏳\ufe0f\u200d🌈", "1\ufe0f\u20e3", "❤\ufe0f", "葛\U000e0100城市"),
        *("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "ᠮᠣᠩ\u180bᠭᠣᠯ"),
        *("ابوظبي \u200e(UAE)\u200e.", "Bonn \u2067الرباط\u2069 Bonn", "\u202bفاس\u202c"),
    ],
)
def test_what_a_script_needs_is_kept_where_it_needs_it(text: str) -> None:
    assert TypeAdapter[str](Text).validate_python(text) == text
