"""`make contracts` writes the first example of a type; what it cannot think of, it names."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from cli.contracts import drafts, generate
from services import manifests
from shared.contracts.base import Event
from shared.contracts.membership import MemberRenamed, MembersMerged

EXAMPLES = {manifests.EVENTS[name]: document for name, document in generate.golden().items()}


class Unheard(Event):
    """Something with a field that no other event has."""

    pitch: Literal["high", "low"]


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: str(model.__name__))
def test_a_draft_is_one_of_its_type(model: type[Event]) -> None:
    others: dict[type[Event], Any] = {m: d for m, d in EXAMPLES.items() if m is not model}
    try:
        made = drafts.draft(model, others)
    except drafts.NoDraft:
        return
    assert model.model_validate_json(json.dumps(made)).subject


def test_most_types_can_be_drafted() -> None:
    def can_be(model: type[Event]) -> bool:
        try:
            drafts.draft(model, {m: d for m, d in EXAMPLES.items() if m is not model})
        except drafts.NoDraft:
            return False
        return True

    assert sum(map(can_be, EXAMPLES)) > len(EXAMPLES) / 2
    assert can_be(MemberRenamed)


def test_what_cannot_be_drafted_names_the_field() -> None:
    with pytest.raises(drafts.NoDraft, match="'pitch'"):
        drafts.draft(Unheard, EXAMPLES)


def test_values_that_do_not_fit_together_are_not_written() -> None:
    with pytest.raises(drafts.NoDraft, match="not merged with itself"):
        drafts.draft(MembersMerged, {MemberRenamed: EXAMPLES[MemberRenamed]})
