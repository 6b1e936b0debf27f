"""The table of plans: a row for each version, with its ten commitments."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from pydantic import Field

from services.plans.domain import Plan
from services.plans.domain.then import plan_at
from shared.contracts.base import EdtfDate, Event, Slug, Text
from shared.contracts.plans import (
    PlanDrafted,
    PlanPoint,
    PlanPublished,
    PointMove,
    Version,
)
from shared.contracts.sources import Source
from shared.tabular.rows import ImportedRow, Table
from shared.web.parameters import Id

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

_POINTS: Final = tuple(f"point_{number}" for number in range(1, 11))
_NEW_VERSION: Final = "a published text stays: PlanPointCorrected mends it, and what was decided"


class PlanRow(ImportedRow):
    """One version of a coalition's Ten-Point Plan of Action."""

    dates: ClassVar[frozenset[str]] = frozenset({"adopted"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(_POINTS, f"{_NEW_VERSION} anew is a new version"),
        "adopted": "PlanDateCorrected mends it",
        "mapping": "PlanMappingCorrected mends it",
        "state": "a version that is published stays so; a newer one supersedes it",
    }

    coalition: Slug = Field(description="The id of the coalition.")
    version: Version = Field(description="The number of the version, from 1.")
    state: Literal["draft", "published", "superseded"] = Field(
        description="'draft' while it is discussed, 'published' once it binds."
    )
    adopted: EdtfDate | None = Field(
        None, description="When it was adopted: YYYY, YYYY-MM or YYYY-MM-DD."
    )
    point_1: Text = Field(description="The title of its first commitment.")
    point_2: Text = Field(description="The title of its second commitment.")
    point_3: Text = Field(description="The title of its third commitment.")
    point_4: Text = Field(description="The title of its fourth commitment.")
    point_5: Text = Field(description="The title of its fifth commitment.")
    point_6: Text = Field(description="The title of its sixth commitment.")
    point_7: Text = Field(description="The title of its seventh commitment.")
    point_8: Text = Field(description="The title of its eighth commitment.")
    point_9: Text = Field(description="The title of its ninth commitment.")
    point_10: Text = Field(description="The title of its tenth commitment.")
    points: tuple[PlanPoint, ...] = Field(
        (), description="Areas, policies and instruments of each, in their order, as JSON."
    )
    mapping: tuple[PointMove, ...] = Field(
        (), description="Which points of the version before live on in which, as JSON."
    )
    source: Source | None = Field(None, description="Where it is read, as JSON.")

    @property
    def key(self) -> Hashable:
        """The coalition and the number of the version."""
        return self.coalition, self.version

    @property
    def aggregate(self) -> str:
        """The coalition's id."""
        return self.coalition

    @property
    def named(self) -> str:
        """The coalition and the number of the version."""
        return f"{self.coalition}, version {self.version}"

    def events(self, recorded: Plan | None = None) -> Iterator[tuple[str, Event]]:
        """The version, drafted or published."""
        del recorded
        text = {
            "coalition": self.coalition,
            "version": self.version,
            "commitments": tuple(getattr(self, point) for point in _POINTS),
            "points": self.points or None,
            "mapping": self.mapping or None,
            "source": self.source,
        }
        if self.state == "draft":
            yield "state", PlanDrafted.model_validate(text)
        else:
            yield "state", PlanPublished.model_validate({**text, "adopted": self.adopted})

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; whether a version was superseded follows from the others."""
        if column == "state":
            return "draft" not in {given, there} or given == there
        return super().agrees(column, given, there)


def plan_rows(plan: Plan) -> Iterator[PlanRow]:
    """A row for each version of a plan."""
    for version in plan.versions:
        yield PlanRow(
            coalition=plan.id,
            version=version.number,
            state=version.state,
            adopted=version.adopted,
            points=version.points or (),
            mapping=version.mapping or (),
            source=version.source,
            **dict(zip(_POINTS, version.commitments, strict=True)),
        )


def _where(coalition: Id | None = None) -> Document:
    return {"_id": coalition} if coalition else {}


PLANS: Final = Table(
    "plans", "The coalitions' plans, in versions", PlanRow, plan_rows, _where, as_of=plan_at
)
