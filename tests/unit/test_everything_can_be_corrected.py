"""Each dated fact that is recorded wrongly can be mended, or it is written why not.

The table is in `corrected_by.py`. Which facts of a coalition, a conference and a member these are,
walks `test_everything_of_…_can_be_corrected`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from shared.contracts import plans
from tests.unit.corrected_by import CORRECTED, CORRECTION, OF_MEMBERSHIP, OF_PLANS
from tests.unit.domains import SERVICES, decider_of, published

if TYPE_CHECKING:
    from shared.contracts.base import Event

TABLE: Final = "tests/unit/corrected_by.py"


@pytest.mark.parametrize("service", SERVICES)
def test_each_event_is_corrected_by_another_or_it_is_said_why_not(service: str) -> None:
    missing = published(service) - CORRECTED.keys()
    names = sorted(event.__name__ for event in missing)
    assert not missing, f"what corrects {names}, or why nothing? say so in {TABLE}"


def test_nothing_is_in_the_table_that_nobody_publishes() -> None:
    assert not CORRECTED.keys() - {event for one in SERVICES for event in published(one)}


@pytest.mark.parametrize("service", SERVICES)
def test_what_corrects_is_taken_in_by_the_aggregate_that_published_the_wrong(service: str) -> None:
    decider = decider_of(service)
    for event in published(service):
        mends = CORRECTED[event]
        for correction in () if isinstance(mends, str) else mends:
            (aggregate,) = (
                a for a in decider.aggregates.values() if event in {row.event for row in a.rows}
            )
            rows = {row.event: row for row in aggregate.rows}
            assert rows[correction].decide, correction
            assert rows[correction].evolve, correction


def test_every_correction_of_plans_corrects_something() -> None:
    used = {one for mends in OF_PLANS.values() if not isinstance(mends, str) for one in mends}
    assert used == {*plans.CORRECTIONS}


OF_MEMBERS: Final = [event for event, why in OF_MEMBERSHIP.items() if why is CORRECTION]


@pytest.mark.parametrize(
    "correction", [*plans.CORRECTIONS, *OF_MEMBERS], ids=lambda event: event.__name__
)
def test_a_correction_has_one_shape(correction: type[Event]) -> None:
    """What was recorded, what is right, and why; a mapping has no date, so it is given whole."""
    fields = correction.model_fields.keys()
    assert "reason" in fields
    assert {"recorded", "correct"} <= fields or "mapping" in fields
