"""Members: their names, their steps, what they are because of them, and what mends the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, computed_field

from services.membership.domain import corrections, partners, steps
from services.membership.domain.corrections import Correction
from services.membership.domain.dates import agree, by_date, certain_day, in_force, replaced
from services.membership.domain.partners import Partner
from services.membership.domain.steps import Standing, Steps
from shared.contracts.base import (
    Country,
    EdtfDate,
    Kind,
    Link,
    MemberRef,
    Model,
    Slug,
    Text,
    Texts,
    member_id,
)
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    ConditionMet,
    JoiningRule,
    MemberAbsorbed,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberDescribed,
    MemberEvent,
    MemberReinstated,
    MemberRenamed,
    MembersMerged,
    MemberState,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
    PartnerJoined,
    PartnerLeft,
    Step,
    StepCorrected,
    StepName,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from typing import Final

STEP_NAMES: Final[dict[type[MemberStep], StepName]] = {
    MemberApplied: "applied",
    CityDecided: "decided",
    ConditionMet: "condition met",
    CitySigned: "signed",
    MemberAcceded: "acceded",
    MemberAdmitted: "admitted",
    MemberSuspended: "suspended",
    MemberReinstated: "reinstated",
    MemberWithdrawn: "withdrawn",
}
_BEGINNINGS: Final = frozenset({"applied", "decided", "signed", "acceded", "admitted"})


class MemberName(Model):
    """What a member was called, and of which kind it was, from a date on."""

    since: EdtfDate | None = None
    name: Text
    local_name: Text | None = None
    names: Texts = Field(default_factory=dict)
    kind: Kind


class Member(Model):
    """A member, or one on its way to be; what it is follows from its steps.

    Attributes:
        steps: what stands, in the order in which it happened.
        corrections: what was said and does not stand.
        called: all names it had, in order; empty as long as it has its first one.
        joining_rules: which step makes a member of its coalition, by the coalition's statutes.
        absorbed: the ids of its duplicates; merged_into: of what it is a duplicate.
    """

    id: Slug
    name: Text
    local_name: Text | None = None
    names: Texts = Field(default_factory=dict)
    country: Country | None = None
    kind: Kind
    coalition: Slug
    coalition_name: Text | None = None
    latitude: float | None = None
    longitude: float | None = None
    website: Link | None = None
    steps: Steps = ()
    corrections: tuple[Correction, ...] = ()
    called: tuple[MemberName, ...] = ()
    partners: tuple[Partner, ...] = ()
    joining_rules: tuple[JoiningRule, ...] = ()
    absorbed: tuple[Slug, ...] = ()
    merged_into: Slug | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def state(self) -> MemberState:
        """What it is now, by all that was told."""
        if self.merged_into:
            return "merged"
        way = steps.walk(self.steps, self.joining_rules)
        return way[-1].after if way else "none"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def standings(self) -> tuple[Standing, ...]:
        """What it was from which day on; a duplicate never was anything."""
        return () if self.merged_into else steps.standings(self.steps, self.joining_rules)

    @property
    def ref(self) -> MemberRef:
        """Its full reference, under the name it has now."""
        return MemberRef(
            id=self.id,
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
        )

    def as_of(self, day: str) -> Member | None:
        """What of it was so for certain on a day (`YYYY-MM-DD`); None if nothing yet."""
        known = steps.known_by(self.steps, day)
        if not steps.standings(known, self.joining_rules) or self.merged_into:
            return None
        name = in_force(self.called, lambda n: n.since, day)
        then = {
            **_named(name),
            "called": tuple(n for n in self.called if not n.since or certain_day(n.since) <= day),
            "steps": known,
            "partners": tuple(p for p in self.partners if certain_day(p.joined) <= day),
        }
        return self.model_copy(update=then)


def told(  # noqa: PLR0911 - one line for each kind of event
    member: Member | None, event: MemberEvent
) -> Member:
    """A member after an event; equal to what it was where the event says nothing new.

    Raises:
        Refused: the event contradicts what is known, or does not fit it.
    """
    if member is None:
        member = _begun(event)
    member = of_coalition(member, event)
    match event:
        case MemberStep():
            return _stepped(event, member)
        case StepCorrected():
            return _corrected(event, member)
        case MemberRenamed():
            return _renamed(event, member)
        case MemberDescribed():
            return _described(event, member)
        case MembersMerged():
            return _merged(event, member)
        case MemberAbsorbed():
            return member.model_copy(update={"merged_into": event.into.key})
        case PartnerJoined():
            return _with(member, partners=partners.joined(member.partners, event))
        case PartnerLeft():
            return _with(member, partners=partners.left(member.partners, event))
        case _:
            return member


def of_coalition(member: Member, event: MemberEvent) -> Member:
    """A member with what an event says of its coalition: that alone is no news of the member."""
    name = event.coalition_name or member.coalition_name
    return _with(member, coalition_name=name, joining_rules=event.joining_rules or ())


def step_of(event: MemberStep) -> Step:
    """What an event says of a step."""
    details = event.model_dump(include=set(Step.model_fields), exclude_none=True)
    return Step(step=STEP_NAMES[type(event)], date=event.date, **details)


def _with(member: Member, **update: object) -> Member:
    return member.model_copy(update=update)


def _begun(event: MemberEvent) -> Member:
    """A member of whom nothing was told before.

    Raises:
        Refused: the event is no beginning, or does not name the member in full.
    """
    ref = event.member
    if not isinstance(event, MemberStep):
        raise Refused(f"the member {event.subject!r} is not known")
    if (step := STEP_NAMES[type(event)]) not in _BEGINNINGS:
        raise Refused(f"the member {event.subject!r} is not known, so it cannot be {step}")
    if ref.name is None or ref.kind is None:
        raise Refused("a new member is given by name, kind and country")
    if member_id(ref.country, ref.kind, ref.name, ref.local_name) != event.subject:
        raise Refused(f"the id {event.subject!r} is not that of {ref.name!r}")
    return Member(
        id=ref.key,
        name=ref.name,
        local_name=ref.local_name,
        country=ref.country,
        kind=ref.kind,
        coalition=event.coalition,
        coalition_name=event.coalition_name,
    )


# --- steps ------------------------------


def _stepped(event: MemberStep, member: Member) -> Member:
    step = step_of(event)
    corrections.refuse_corrected(member.steps, member.corrections, step)
    if step.step == "condition met" and not any(s.condition for s in member.steps):
        raise Refused(f"no decision of {member.name} on a condition is known")
    return _with(member, steps=steps.told(member.steps, step, member.joining_rules))


def _corrected(event: StepCorrected, member: Member) -> Member:
    standing, kept = corrections.corrected(
        member.steps, member.corrections, event, member.joining_rules
    )
    return _with(member, steps=standing, corrections=kept)


def _merged(event: MembersMerged, member: Member) -> Member:
    absorbed = dict.fromkeys((*member.absorbed, event.merged.key))
    standing = steps.taken_over(member.steps, event.steps or (), member.joining_rules)
    return _with(member, steps=standing, absorbed=tuple(absorbed))


# --- names and descriptions ------------------------------


def _renamed(event: MemberRenamed, member: Member) -> Member:
    """The name in force is the one with the last date; no kind said means that it stays."""
    called = member.called or (_name_now(member),)
    before = in_force(called, lambda n: n.since, certain_day(event.renamed)) or called[0]
    kind = event.kind or before.kind
    if kind != "association" and member.country is None:
        raise Refused("only an association may be without a country")
    held = next((n for n in called if _is_same(n, event)), None)
    new = MemberName(
        since=max(event.renamed, held.since or "", key=len) if held else event.renamed,
        name=event.name,
        local_name=event.local_name or (held.local_name if held else None),
        names=event.names or (held.names if held else {}),
        kind=event.kind or (held.kind if held else kind),
    )
    called = by_date(replaced(called, held, new), lambda n: n.since)
    return _with(member, **_named(called[-1]), called=called)


def _is_same(name: MemberName, event: MemberRenamed) -> bool:
    return bool(name.since and name.name == event.name and agree(name.since, event.renamed))


def _name_now(member: Member) -> MemberName:
    return MemberName(
        name=member.name, local_name=member.local_name, names=member.names, kind=member.kind
    )


def _named(name: MemberName | None) -> dict[str, object]:
    return name.model_dump(exclude={"since"}) if name else {}


def _described(event: MemberDescribed, member: Member) -> Member:
    """The last word stands, since these facts have no date."""
    names = {**member.names, **(event.names or {})}
    facts = event.model_dump(include={"latitude", "longitude", "website"}, exclude_none=True)
    if member.called:
        last = member.called[-1].model_copy(update={"names": names})
        facts["called"] = (*member.called[:-1], last)
    return _with(member, names=names, **facts)
