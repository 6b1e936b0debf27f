"""Ids of members are in every journal: a library that writes a name otherwise changes none."""

from __future__ import annotations

import importlib.util

import pytest

from shared.contracts.identity import member_id

IDS = [
    ("DE", "Nürnberg", "de-city-nurnberg"),
    ("FR", "Saint-Étienne", "fr-city-saint-etienne"),
    ("ES", "A Coruña", "es-city-a-coruna"),
    ("TR", "Şanlıurfa", "tr-city-sanliurfa"),
    ("PL", "Łódź", "pl-city-lodz"),
    ("RO", "Iași", "ro-city-iasi"),
    ("IS", "Reykjavík", "is-city-reykjavik"),
    ("DK", "Ærø", "dk-city-aero"),
    ("NL", "'s-Hertogenbosch", "nl-city-s-hertogenbosch"),
    ("US", "Winston-Salem", "us-city-winston-salem"),
    ("VN", "Thành phố Hồ Chí Minh", "vn-city-thanh-pho-ho-chi-minh"),
    ("GR", "Θεσσαλονίκη", "gr-city-thessalonike"),
    ("RU", "Нижний Новгород", "ru-city-nizhnii-novgorod"),
    ("UA", "Харків", "ua-city-kharkiv"),
    ("GE", "თბილისი", "ge-city-t-bilisi"),
    ("AM", "Երևան", "am-city-erewan"),
    ("IL", "תל אביב-יפו", "il-city-tl-byb-ypv"),
    ("EG", "القاهرة", "eg-city-lqhr"),
    ("IR", "تهران", "ir-city-thrn"),
    ("IN", "मुंबई", "in-city-munbii"),
    ("LK", "කොළඹ", "lk-city-keaallmb"),
    ("TH", "กรุงเทพมหานคร", "th-city-krungethphmhaankhr"),
    ("ET", "አዲስ አበባ", "et-city-adise-ababaa"),
    ("KR", "서울", "kr-city-seoul"),
    ("JP", "なごや", "jp-city-nakoya"),
    ("JP", "名古屋", "jp-city-ming-gu-wu-e4986414"),
    ("CN", "上海", "cn-city-shang-hai-4d8c59d3"),
]


@pytest.mark.parametrize(("country", "name", "id_"), IDS)
def test_a_name_has_the_id_that_it_always_had(country: str, name: str, id_: str) -> None:
    assert member_id(country, "city", name) == id_


def test_nothing_takes_the_place_of_what_transliterates() -> None:
    """Where `Unidecode` is installed, python-slugify takes it, and writes names otherwise."""
    assert importlib.util.find_spec("unidecode") is None
