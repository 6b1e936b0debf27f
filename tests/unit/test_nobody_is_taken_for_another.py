"""Wherever an event names a member: one whose name is only transliterated alike is not meant."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.membership.domain import DECIDER as MEMBERSHIP
from services.plans.domain import DECIDER as PLANS
from shared.contracts import membership, plans
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import (
    CitySigned,
    CoalitionFounded,
    ConferenceAnnounced,
    OfficeTaken,
    OrganEstablished,
)
from shared.contracts.plans import (
    LocalPlanStep,
    PlanPublished,
    PracticeAdopted,
    PracticeAdoptionCorrected,
    PracticeShared,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import FOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES: Final = Path("shared/contracts/examples")
MUNSTER: Final = {"name": "Munster", "country": "DE", "kind": "city"}
"""In Lower Saxony; recorded is the one in Westphalia, whose id is the same."""
RECORDED: Final = MemberRef(name="Münster", country="DE", kind="city")
OTHER: Final = MemberRef(name="Bonn", country="DE", kind="city")
OTHERS: Final = ("latin-america-caribbean", "africa")
FILLED_IN: Final = {"former_holders", "admitted"}
"""What the service fills in itself, whatever a publisher says."""


NOT_THERE: Final[dict[type[Event], dict[str, None]]] = {
    PracticeShared: {"report_due": None},
    OfficeTaken: {"decision": None},
}
"""What an example says that is not recorded here."""


def example(event: type[Event]) -> Any:
    return json.loads((EXAMPLES / f"{event.type}.json").read_text())


def refs(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where an event's data names a member."""
    if isinstance(data, dict):
        if {"country", "kind", "name"} <= data.keys() and path:
            yield path
        for name, value in data.items():
            yield from refs(value, (*path, name))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from refs(value, (*path, number))


def naming(data: Any, path: tuple[Any, ...]) -> Any:
    """The data with the city of that name at a place, and another member at all others."""
    data = deepcopy(data)
    for one in refs(data):
        place = data
        for step in one[:-1]:
            place = place[step]
        place[one[-1]] = MUNSTER if one == path else OTHER.model_dump(exclude_none=True)
    return data


def cases() -> Iterator[Any]:
    for events in (membership.INBOX, plans.INBOX):
        for event in events:
            for path in refs(example(event)):
                is_step = issubclass(event, LocalPlanStep) and path[0] == "holders"
                if path[0] not in FILLED_IN and not is_step:
                    yield pytest.param(event, path, id=f"{event.__name__} {path[0]}")


def test_the_walk_finds_them() -> None:
    assert len(list(cases())) > 50


def of_membership() -> Folded[Any]:
    folded: Folded[Any] = Folded(MEMBERSHIP)
    announced = example(ConferenceAnnounced)
    organs = {example(OfficeTaken)[name] for name in ("organ", "elected_by")}
    for event in (
        FOUNDED,
        *(CoalitionFounded(coalition=one, name=one) for one in OTHERS),
        *(
            OrganEstablished(coalition="europe", organ=one, kind="steering committee", name=one)
            for one in sorted(organs)
        ),
        *(CitySigned(coalition="europe", member=ref, signed="2006") for ref in (RECORDED, OTHER)),
        ConferenceAnnounced.model_validate({**announced, "host": None}),
    ):
        folded.tell(event)
    return folded


def of_plans() -> Folded[Any]:
    folded: Folded[Any] = Folded(PLANS)
    points = tuple(f"Point {n}" for n in range(1, 11))
    folded.tell(PlanPublished(coalition="europe", version=1, commitments=points))
    for ref in (RECORDED, OTHER):
        signed = {"coalition": "europe", "member": ref, "signed": "2006", "state": "member"}
        folded.tell(CitySigned.model_validate(signed))
    for event in (PracticeAdopted, PracticeAdoptionCorrected):
        shared = {"practice": example(event)["practice"], "title": "T", "summary": "S"}
        whose = {"coalition": "europe", "member": OTHER, "shared": "2010"}
        folded.tell(PracticeShared.model_validate({**shared, **whose}))
    corrected = example(PracticeAdoptionCorrected)
    adopted = {"practice": corrected["practice"], "adopted": corrected["recorded"]}
    folded.tell(PracticeAdopted.model_validate({**adopted, "member": RECORDED}))
    return folded


@pytest.mark.parametrize(("event", "path"), list(cases()))
def test_one_is_not_taken_for_another(event: type[Event], path: tuple[Any, ...]) -> None:
    folded = of_membership() if event in membership.INBOX else of_plans()
    data = naming(example(event), path) | NOT_THERE.get(event, {})
    with pytest.raises(Refused, match="qualifier"):
        folded.tell(event.model_validate(data))
