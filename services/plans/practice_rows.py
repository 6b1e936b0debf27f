"""The table of good practices, with who adopted them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field

from services.plans.commitment_rows import Links
from services.plans.domain import Practice
from services.plans.domain.practices.state import Adoption
from services.plans.domain.then import practice_at
from services.plans.sharing import with_sharing
from shared.contracts.base import EdtfDate, Event, LongText, Remark, Slug, Text, Texts
from shared.contracts.plans import Point, PracticeAdopted, PracticeShared
from shared.tabular.about_members import OfMember, columns_of
from shared.tabular.rows import Table, in_common
from shared.web.parameters import Id, People, given, of_size

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document, Snapshots

_SHARED: Final = (
    "coalition",
    "shared",
    "title",
    "titles",
    "summary",
    "points",
    "evidence",
    "office",
)


class PracticeRow(OfMember):
    """One good practice; empty cells change nothing."""

    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            _SHARED,
            "give all of the practice with a later date in `shared`; PracticeCorrected"
            " mends its date",
        ),
        **OfMember.mended_by,
        "member": "a practice stays with the member that shared it",
        "adoptions": "PracticeAdopted says how it went, PracticeAdoptionCorrected mends the date",
    }

    coalition: Slug = Field(description="The coalition of the member that shares it.")
    shared: EdtfDate = Field(description="When it was shared.")
    title: Text = Field(description="Its title in the language of the record.")
    titles: Texts | None = Field(None, description="Its title in other languages, by language tag.")
    summary: LongText = Field(description="What was done, and what came of it.")
    points: tuple[Point, ...] = Field(
        (), max_length=10, description="The commitments that it serves, with semicolons between."
    )
    evidence: Links = Field((), description="Links, with semicolons between.")
    office: Remark | None = Field(None, description="The office to ask, never a person.")
    adoptions: tuple[Adoption, ...] = Field(
        (), description="The members that adopted it, when, and how it went, as JSON."
    )

    @property
    def named(self) -> str:
        """The practice's title."""
        return self.title

    def events(self, recorded: Practice | None = None) -> Iterator[tuple[str, Event]]:
        """What was shared, and who adopted it."""
        before = {name: getattr(recorded, name) for name in _SHARED} if recorded else {}
        what = {**before, **{n: v for n, v in self.given().items() if n in _SHARED}}
        about = {"practice": self.id, "member": self.full_ref}
        yield "shared", PracticeShared.model_validate({**about, **what})
        for one in self.adoptions:
            yield (
                "adoptions",
                PracticeAdopted(
                    practice=self.id, member=one.member, adopted=one.adopted, outcome=one.outcome
                ),
            )

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; adoptions that are left out change nothing."""
        if column == "adoptions":
            adopted = {(one.member.key, one.adopted, one.outcome) for one in there}
            return {(one.member.key, one.adopted, one.outcome) for one in given} <= adopted
        return super().agrees(column, given, there)


def practice_rows(practice: Practice) -> Iterator[PracticeRow]:
    """A practice's row; none of one that was shared by mistake."""
    if not practice.withdrawn:
        fields = in_common(practice, PracticeRow) | columns_of(practice.member)
        yield PracticeRow(**fields)


def _where(
    coalition: Id | None = None,
    point: Point | None = None,
    population_from: People = None,
    population_to: People = None,
) -> Document:
    size = of_size(population_from, population_to)
    return given({"coalition": coalition, "points": point, "population": size})


async def _sharing(snapshots: Snapshots[Any], where: Document) -> Document:
    return await with_sharing(snapshots.database, where)


PRACTICES: Final = Table(
    "practices",
    "Good practices",
    PracticeRow,
    practice_rows,
    _where,
    narrowed=_sharing,
    as_of=practice_at,
)
