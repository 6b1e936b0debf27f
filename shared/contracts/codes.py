"""Codes that a contract takes: of countries, of places within them, of currencies and languages."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import Final

import pycountry
from babel.core import Locale
from babel.numbers import list_currencies

from shared.contracts.lenient import only_refuses
from shared.nearest import nearest

# Kosovo has no code of the standard's own; all of Europe's offices write XK.
COUNTRIES: Final = frozenset(country.alpha_2 for country in pycountry.countries) | {"XK"}
_COUNTRY_NAMES: Final = {country.name: country.alpha_2 for country in pycountry.countries} | {
    "Kosovo": "XK"
}
_ALSO_WRITTEN: Final = {"UK": "GB", "EL": "GR"}
_SUBDIVISIONS: Final = frozenset(one.code for one in pycountry.subdivisions)
_ENTRY: Final = re.compile(r"Q[1-9][0-9]{0,9}|geonames:[1-9][0-9]{0,9}")
# Those that are no more as well: a budget stays in its currency, and is sent again with its action.
_CURRENCIES: Final = frozenset(one.alpha_3 for one in pycountry.currencies) | list_currencies()
_LANGUAGE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(-[A-Z][a-z]{3})?(-(?P<region>[A-Z]{2}|[0-9]{3}))?"
)
# As BCP 47 has it: of three letters where there are none of two, so each has one spelling. Those
# of scope S are no languages: undetermined, several, none.
_LANGUAGES: Final = frozenset(
    getattr(one, "alpha_2", one.alpha_3) for one in pycountry.languages if one.scope != "S"
)


def country(value: str) -> str:
    """The code of a country, ISO 3166-1 alpha-2, where it is written in another way as well.

    Raises:
        ValueError: it is none.
    """
    code = _ALSO_WRITTEN.get(value, value)
    if code not in COUNTRIES:
        msg = f"not an ISO 3166-1 alpha-2 country code: {_country_meant(value)}"
        raise ValueError(msg)
    return code


def _country_meant(value: str) -> str:
    """The code of what was written by its name, or in another standard's code."""
    if value.upper() in COUNTRIES:
        return f"{value.upper()} in capitals"
    with suppress(LookupError):
        return f"for this it is {pycountry.countries.lookup(value).alpha_2}"
    name = nearest(value, _COUNTRY_NAMES)
    return f"the nearest is {_COUNTRY_NAMES[name]} ({name})" if name else "such as DE"


@only_refuses
def qualifier(value: str) -> str:
    """Check a subdivision of a country, or an entry of Wikidata or GeoNames.

    Raises:
        ValueError: it is none.
    """
    if value not in _SUBDIVISIONS and not _ENTRY.fullmatch(value):
        msg = (
            "a qualifier is an ISO 3166-2 subdivision (DE-NW), an entry of Wikidata (Q2742) or of"
            " GeoNames (geonames:2867543)"
        )
        raise ValueError(msg)
    return value


def check_qualifier(country: str | None, qualifier: str | None) -> None:
    """Check that a subdivision lies in the country.

    Raises:
        ValueError: it is one of another country.
    """
    is_elsewhere = qualifier and country and not qualifier.startswith(f"{country}-")
    if is_elsewhere and qualifier in _SUBDIVISIONS:
        msg = f"the qualifier {qualifier} is no subdivision of {country}"
        raise ValueError(msg)


@only_refuses
def currency(value: str) -> str:
    """Check a code of ISO 4217.

    Raises:
        ValueError: it is none.
    """
    if value not in _CURRENCIES:
        raise ValueError("not an ISO 4217 currency code")
    return value


@only_refuses
def language(value: str) -> str:
    """Check a tag of BCP 47.

    Raises:
        ValueError: it is none.
    """
    match = _LANGUAGE.fullmatch(value)
    if match is None or match["language"] not in _LANGUAGES or not _is_region(match["region"]):
        msg = (
            "not a language tag such as fr, fil, pt-BR, es-419 or zh-Hant (BCP 47: a language of"
            " ISO 639, of three letters only where it has none of two)"
        )
        raise ValueError(msg)
    return value


@cache
def _is_region(code: str | None) -> bool:
    """Whether it is a country, a region of UN M49 that has no code of letters, or not given."""
    return (
        code is None or code in COUNTRIES or (code.isdigit() and code in Locale("en").territories)
    )
