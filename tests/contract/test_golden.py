"""What was once published must be readable for ever, and come out as it went in."""

from __future__ import annotations

import json

import pytest

from cli.contracts.generate import GOLDEN
from services import manifests


@pytest.mark.parametrize("type_", sorted(manifests.EVENTS))
def test_the_golden_example_is_read_and_written_unchanged(type_: str) -> None:
    text = (GOLDEN / f"{type_}.json").read_text()
    event = manifests.EVENTS[type_].model_validate_json(text)
    assert event.model_dump(mode="json", exclude_none=True) == json.loads(text)
    assert event.subject


@pytest.mark.parametrize("type_", sorted(manifests.EVENTS))
def test_a_field_of_a_newer_publisher_is_ignored(type_: str) -> None:
    document = json.loads((GOLDEN / f"{type_}.json").read_text())
    event = manifests.EVENTS[type_].model_validate({**document, "of_a_newer_version": 1})
    assert event == manifests.EVENTS[type_].model_validate(document)
