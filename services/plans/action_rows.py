"""The table of actions: what cities do for their commitments, with the indicators' readings."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, model_validator

from services.plans.commitment_rows import Links, of_open
from services.plans.domain import MemberCommitments
from services.plans.domain.commitments.state import Action, Reading, find_action
from services.plans.domain.then import holder_at
from shared.contracts.base import EdtfDate, Event, Remark, Slug, Text, Texts
from shared.contracts.numbers import Amount, Number
from shared.contracts.plans import ActionRecorded, ActionStatus, IndicatorRead, Point
from shared.contracts.text import Currency
from shared.tabular.about_members import AboutMember, columns_of
from shared.tabular.rows import READ_ONLY, Table, in_common

if TYPE_CHECKING:
    from services.plans.domain.commitments.state import CommitmentState

_WHOLE: Final = "give all of the action with a later `as_of`; ActionCorrected mends its date"
_INDICATOR: Final = {
    "name": "indicator",
    "unit": "indicator_unit",
    "baseline": "indicator_baseline",
    "target": "indicator_target",
}
"""The column of each field of an indicator."""
_ACTION: Final = (
    "action",
    "point",
    "title",
    "titles",
    "status",
    "as_of",
    "policy",
    "starts",
    "ends",
    "office",
    "partners",
    "evidence",
)


class ActionRow(AboutMember):
    """One action of a member; empty cells change nothing."""

    compared: ClassVar[frozenset[str]] = frozenset({"coalition"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys((*_ACTION, *_INDICATOR.values(), "budget", "currency"), _WHOLE),
        **AboutMember.mended_by,
        "readings": "IndicatorRead gives the value of a date, ReadingCorrected mends the date",
    }

    coalition: Slug | None = Field(
        None, description="The id of its coalition.", json_schema_extra=READ_ONLY
    )
    action: Slug = Field(description="The action's id, of the city's choice.")
    point: Point = Field(description="The number of the commitment that it is for.")
    title: Text = Field(description="Its title in the language of the record.")
    titles: Texts | None = Field(None, description="Its title in other languages, by language tag.")
    status: ActionStatus = Field(description="How far it has come.")
    as_of: EdtfDate = Field(description="When it stood so: YYYY, YYYY-MM or YYYY-MM-DD.")
    policy: Text | None = Field(None, description="The municipal policy that it belongs to.")
    starts: EdtfDate | None = Field(None, description="When it starts, as precise as is known.")
    ends: EdtfDate | None = Field(None, description="When it ends, as precise as is known.")
    office: Remark | None = Field(None, description="The office in charge, never a person.")
    partners: tuple[Text, ...] = Field(
        (), max_length=20, description="Organisations, with semicolons between."
    )
    budget: Amount | None = Field(None, description="Public money for it.")
    currency: Currency | None = Field(None, description="Of the budget, ISO 4217.")
    evidence: Links = Field((), description="Links, with semicolons between.")
    indicator: Text | None = Field(None, description="What it is measured by.")
    indicator_unit: Remark | None = Field(None, description="In which unit.")
    indicator_baseline: Number | None = Field(None, description="The value at the beginning.")
    indicator_target: Number | None = Field(None, description="The value to be reached.")
    readings: tuple[Reading, ...] = Field(
        (), description="The indicator's values by date, as JSON."
    )

    @model_validator(mode="after")
    def _whole(self) -> ActionRow:
        if (self.budget is None) != (self.currency is None):
            raise ValueError("a budget has a currency, in a column of its own")
        if self.indicator is None and (self.readings or _indicator(self.model_dump())):
            raise ValueError("indicator is missing: it says what is measured")
        return self

    @property
    def key(self) -> Hashable:
        """The member and the action's id."""
        return self.aggregate, self.action

    @property
    def named(self) -> str:
        """The member and the action."""
        return f"{self.name or self.aggregate}, {self.title}"

    def events(self, recorded: MemberCommitments | None = None) -> Iterator[tuple[str, Event]]:
        """The action, and what was read of its indicator."""
        commitment, action = find_action(recorded, self.action) if recorded else (None, None)
        before = _cells(commitment, action) if commitment and action else {}
        cells = {**before, **self.given()}
        more: dict[str, Any] = {name: cells[name] for name in _ACTION if name in cells}
        if cells.get("budget") is not None:
            more["budget"] = {"amount": cells["budget"], "currency": cells["currency"]}
        more["indicator"] = _indicator(cells)
        yield "status", ActionRecorded.model_validate({"member": self.ref, **more})
        for reading in self.readings:
            read = {"member": self.ref, "action": self.action, **reading.model_dump()}
            yield "readings", IndicatorRead.model_validate(read)

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; readings that are left out change nothing."""
        if column == "readings":
            return all(one in there for one in given)
        return super().agrees(column, given, there)


def _indicator(cells: Mapping[str, Any]) -> dict[str, Any] | None:
    found = {field: cells.get(column) for field, column in _INDICATOR.items()}
    return found if any(value is not None for value in found.values()) else None


def action_rows(holder: MemberCommitments) -> Iterator[ActionRow]:
    """A row for each action of a member."""
    if holder.into:
        return
    about = columns_of(holder.member) | {"coalition": holder.coalition}
    for commitment in holder.commitments:
        for action in commitment.actions:
            yield ActionRow(**about, **_cells(commitment, action))


def _cells(commitment: CommitmentState, action: Action) -> dict[str, Any]:
    cells = {**in_common(action, ActionRow), "point": commitment.point}
    if action.budget:
        cells |= {"budget": action.budget.amount, "currency": action.budget.currency}
    indicator = action.indicator
    return cells | {c: getattr(indicator, f, None) for f, c in _INDICATOR.items()}


ACTIONS: Final = Table(
    "commitments",
    "Members' actions",
    ActionRow,
    action_rows,
    of_open,
    path="actions",
    as_of=holder_at,
)
