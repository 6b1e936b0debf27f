"""The publishers file: what it grants, and each thing that is refused in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.contracts.base import MemberRef
from shared.contracts.membership import CoalitionLaunched
from shared.contracts.plans import CommitmentUpdated
from shared.publishers import Publishers, is_reserved

if TYPE_CHECKING:
    from pathlib import Path

LAUNCHED = CoalitionLaunched(coalition="eccar", launched="2004")
UPDATED = CommitmentUpdated(
    member=MemberRef(id="de-city-berlin"), point=1, status="planned", as_of="2024"
)
BERLIN = {
    "name": "berlin",
    "sources": ["urn:berlin:cases", "https://berlin.example/*"],
    "types": [CoalitionLaunched.type],
    "coalitions": ["eccar"],
    "quota": 4096,
}


def load(path: Path, *publishers: dict[str, Any], **more: Any) -> Publishers:
    file = path / "publishers.json"
    file.write_text(json.dumps({"publisher": publishers, **more}))
    return Publishers.load(file)


def test_a_toml_file_says_the_same_as_a_json_file(tmp_path: Path) -> None:
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in BERLIN.items())
    file = tmp_path / "publishers.toml"
    file.write_text(f"[[publisher]]\n{lines}\n")
    assert Publishers.load(file) == load(tmp_path, BERLIN)


def test_a_publisher_speaks_as_its_sources_about_its_types_and_coalitions(tmp_path: Path) -> None:
    (berlin,) = load(tmp_path, BERLIN)
    assert berlin.refusal("urn:berlin:cases", LAUNCHED) is None
    assert berlin.refusal("https://berlin.example/a", LAUNCHED) is None
    other = LAUNCHED.model_copy(update={"coalition": "africa"})
    for source, event, code in (
        ("urn:berlin:cases2", LAUNCHED, "source"),
        ("urn:paris", LAUNCHED, "source"),
        ("urn:berlin:cases", other, "forbidden"),
        ("urn:berlin:cases", UPDATED.model_copy(update={"coalition": "eccar"}), "forbidden"),
    ):
        refusal = berlin.refusal(source, event)
        assert refusal
        assert refusal[0] == code
        assert "berlin" in refusal[1]


def test_an_event_that_names_no_coalition_is_judged_by_what_would_be_published(
    tmp_path: Path,
) -> None:
    types = [CommitmentUpdated.type]
    bound, free = load(
        tmp_path,
        {**BERLIN, "types": types},
        {**BERLIN, "name": "all", "sources": ["urn:all"], "types": types, "coalitions": ["*"]},
    )
    assert bound.refusal("urn:berlin:cases", UPDATED) is None
    assert bound.wrong_coalition("eccar") is None
    for coalition, words in (("africa", "about 'africa'"), (None, "about no coalition")):
        refusal = bound.wrong_coalition(coalition)
        assert refusal is not None
        assert words in refusal[1]
        assert free.wrong_coalition(coalition) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"souces": []}, "souces: no such key; the nearest is 'sources'"),
        ({"sources": ["/coalition/membership"]}, "reserved"),
        ({"sources": ["/c*"]}, "reserved"),
        ({"sources": ["*"]}, "reserved"),
        ({"sources": ["a*b"]}, "only at the end"),
        ({"sources": ["a b"]}, "no blanks"),
        ({"sources": []}, "at least 1"),
        ({"name": "Berlin.x"}, "name"),
        ({"coalitions": ["*", "eccar"]}, "stands alone"),
        ({"quota": 0}, "quota"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason.replace("*", r"\*")):
        load(tmp_path, {**BERLIN, **change})


@pytest.mark.parametrize(
    "theirs", ["urn:berlin:cases", "urn:berlin:*", "https://berlin.example/x", "https://b*"]
)
def test_a_source_belongs_to_one_publisher(tmp_path: Path, theirs: str) -> None:
    with pytest.raises(ValueError, match="overlap"):
        load(tmp_path, BERLIN, {**BERLIN, "name": "paris", "sources": [theirs]})


def test_a_name_belongs_to_one_publisher(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two publishers are called berlin"):
        load(tmp_path, BERLIN, {**BERLIN, "sources": ["urn:other"]})


def test_the_nearest_type_is_named(tmp_path: Path) -> None:
    found = load(tmp_path, {**BERLIN, "types": ["coalition.membership.CitySignd.v1"]})
    with pytest.raises(ValueError, match=r"berlin: .*CitySignd.*CitySigned\.v1"):
        found.check_types({"coalition.membership.CitySigned.v1"})


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for name, content, reason in (
        ("none.toml", None, "cannot be read"),
        ("a.toml", "[[", "a.toml: "),
        ("a.yaml", "", "neither"),
        ("b.toml", "publishers = 1", "publishers: no such key; the nearest is 'publisher'"),
    ):
        file = tmp_path / name
        if content is not None:
            file.write_text(content)
        with pytest.raises(ValueError, match=reason):
            Publishers.load(file)


def test_whose_a_source_is(tmp_path: Path) -> None:
    found = load(tmp_path, BERLIN)
    owner = found.owner("https://berlin.example/a")
    assert owner is found.of("berlin")
    assert owner is not None
    assert found.owner("urn:paris") is None
    assert Publishers().owner("urn:paris") is None


def test_reserved_sources() -> None:
    assert all(map(is_reserved, ("/coalition", "/coalition/x", "record in a/0")))
    assert not any(map(is_reserved, ("/coalitions", "urn:x", "/Coalition/x")))
