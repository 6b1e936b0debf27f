"""Local plans out into sheets and in from them: what was edited is an event, or an error."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from services.plans.domain import State
from services.plans.local_plan_rows import LOCAL_PLANS, LocalPlanRow
from shared.contracts.plans import (
    LocalPlanCorrected,
    LocalPlanEnded,
    LocalPlanRenewed,
    LocalPlanSubmitted,
)
from shared.tabular import spreadsheet
from shared.tabular.rows import columns
from tests.unit.exchanged import checked, events, exported
from tests.unit.local_plan_facts import ADOPTED, about_plan, plan, reviewed
from tests.unit.plans_facts import MONTEVIDEO, QUITO, opened

if TYPE_CHECKING:
    from shared.tabular.report import Checked
    from tests.unit.fold import Folded

EVENT, ERROR = "event", "error"
COLUMNS: dict[str, tuple[str, str]] = {
    "coalition": ("europe", ERROR),
    "member": (QUITO.key, ERROR),
    "name": ("Montevidea", ERROR),
    "local_name": ("Montevidea", ERROR),
    "country": ("AR", ERROR),
    "kind": ("district", ERROR),
    "qualifier": ("Q1", ERROR),
    "further_holders": ('[{"name": "Rivera", "country": "UY", "kind": "city"}]', EVENT),
    "title": ("Another title", EVENT),
    "titles": ('{"es": "Plan"}', EVENT),
    "adopted": ("2009", ERROR),
    "body": ("decree", EVENT),
    "vote": ('{"unanimous": true}', EVENT),
    "starts": ("2008-08", EVENT),
    "ends": ("2013", EVENT),
    "document": ("https://b.example/plan", EVENT),
    "note": ("another", EVENT),
    "plan_version": ("2", ERROR),
    "measures": ('[{"point": 4, "title": "Housing"}]', EVENT),
    "renewals": ('[{"renewed": "2013", "ends": "2019"}]', EVENT),
    "submitted": ("2009-02", ERROR),
    "submission_note": ("another", EVENT),
    "reviewed": ("2009-07", ERROR),
    "reviewer": ("Lead city", EVENT),
    "verdict": ("revise", ERROR),
    "feedback": ("Better", EVENT),
    "revision_until": ("2010-01-01", ERROR),
    "accepted": ("2010", ERROR),
    "ended": ("2016", ERROR),
    "end_reason": ("another", EVENT),
    "source": ('{"title": "The minutes"}', EVENT),
}
"""What each column is edited to, and what becomes of it."""


@pytest.fixture
def folded() -> Folded[State]:
    """A plan of which about every column says something."""
    folded = opened()
    for event in (
        ADOPTED.model_copy(update={"holders": (MONTEVIDEO, QUITO)}),
        about_plan(LocalPlanRenewed, renewed="2012-06", ends="2018"),
        about_plan(LocalPlanSubmitted, submitted="2009-01", note="For review"),
        reviewed("2009-06", feedback="Good"),
        about_plan(LocalPlanEnded, ended="2015", reason="another majority"),
    ):
        folded.tell(event)
    return folded


async def edited(folded: Folded[State], **cells: str) -> Checked:
    rows = list(csv.DictReader(io.StringIO(exported(LOCAL_PLANS, folded))))
    rows[0] |= cells
    lines = [spreadsheet.line(rows[0]), *(spreadsheet.line(one.values()) for one in rows)]
    return await checked(LOCAL_PLANS, folded, "".join(lines))


async def test_what_was_exported_is_no_news_and_comes_back_elsewhere(
    folded: Folded[State],
) -> None:
    text = exported(LOCAL_PLANS, folded)
    again = await checked(LOCAL_PLANS, folded, text)
    assert (again.errors, again.outgoing) == ([], [])
    elsewhere = opened()
    found = await checked(LOCAL_PLANS, elsewhere, text)
    assert found.errors == []
    for event in events(found.outgoing):
        elsewhere.tell(event)
    assert exported(LOCAL_PLANS, elsewhere) == text
    assert plan(elsewhere).standings == plan(folded).standings


async def test_one_that_was_returned_and_submitted_anew_comes_back_awaiting_its_review() -> None:
    folded = opened()
    for event in (
        ADOPTED,
        about_plan(LocalPlanSubmitted, submitted="2009-01"),
        reviewed("2009-02", "revise"),
        about_plan(LocalPlanSubmitted, submitted="2009-04"),
    ):
        folded.tell(event)
    text, elsewhere = exported(LOCAL_PLANS, folded), opened()
    for one in events((await checked(LOCAL_PLANS, elsewhere, text)).outgoing):
        elsewhere.tell(one)
    assert exported(LOCAL_PLANS, elsewhere) == text
    assert plan(elsewhere).state_on("2010-01-01") == "submitted"


def test_every_column_is_tried() -> None:
    assert COLUMNS.keys() == set(columns(LocalPlanRow)) - {"licence", "id"}


@pytest.mark.parametrize("column", COLUMNS)
async def test_an_edited_cell_of_a_local_plan_is_an_event_or_an_error(
    folded: Folded[State], column: str
) -> None:
    value, expected = COLUMNS[column]
    found = await edited(folded, **{column: value})
    if expected == EVENT:
        assert found.errors == []
        assert (found.new, found.changed) == (0, 1)
    else:
        assert found.errors, f"{column} was lost"
        assert all(error.reason for error in found.errors)


async def test_one_that_was_recorded_by_mistake_has_no_row(folded: Folded[State]) -> None:
    why = {"step": "adopted", "recorded": ADOPTED.adopted, "reason": "a draft"}
    folded.tell(about_plan(LocalPlanCorrected, **why))
    assert exported(LOCAL_PLANS, folded).count("\n") == 1
