"""Facts that the tests of membership share: a city, its twin, and events about them."""

from __future__ import annotations

from typing import Any

from services.membership.domain import DECIDER, Coalition, Member, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionFounded,
    MemberPutOnHold,
    MemberReinstated,
    MemberSuspended,
    MemberWithdrawn,
    StatutesAdopted,
    StepCorrected,
)
from shared.domain.stream import Stream
from tests.unit.fold import Folded

POTSDAM = MemberRef(name="Potsdam", country="DE", kind="city")
TWIN = MemberRef(name="Potsdam (Havel)", country="DE", kind="city")
WHO: dict[str, Any] = {"coalition": "europe", "member": POTSDAM}
FOUNDED = CoalitionFounded(coalition="europe", name="European Coalition", acronym="EC")
DECIDED = CityDecided(**WHO, decided="2006-04-05")
SIGNED = CitySigned(**WHO, signed="2006-09")


def founded() -> Folded[State]:
    folded = Folded(DECIDER)
    folded.tell(FOUNDED)
    return folded


def member(folded: Folded[State], ref: MemberRef = POTSDAM) -> Member:
    state = folded.states[Stream("members", ref.key)]
    assert isinstance(state, Member)
    return state


def coalition(folded: Folded[State], id_: str = "europe") -> Coalition:
    state = folded.states[Stream("coalitions", id_)]
    assert isinstance(state, Coalition)
    return state


def sign(folded: Folded[State], ref: MemberRef = POTSDAM, date: str = "2006-09") -> None:
    folded.tell(CitySigned(coalition="europe", member=ref, signed=date))


def was(folded: Folded[State], day: str) -> str | None:
    then = member(folded).as_of(day)
    return then.state if then else None


def statutes(folded: Folded[State], adopted: str = "2000", **rules: Any) -> None:
    folded.tell(StatutesAdopted(coalition="europe", adopted=adopted, **rules))


def suspended(date: str) -> MemberSuspended:
    return MemberSuspended(**WHO, suspended=date, reason="no report")


def on_hold(date: str, until: str | None = None) -> MemberPutOnHold:
    return MemberPutOnHold(**WHO, on_hold=date, until=until, reason="elections")


def reinstated(date: str) -> MemberReinstated:
    return MemberReinstated(**WHO, reinstated=date)


def withdrawn(date: str) -> MemberWithdrawn:
    return MemberWithdrawn(**WHO, withdrawn=date)


def corrected(step: Any, recorded: str, correct: str | None) -> StepCorrected:
    return StepCorrected(
        **WHO, step=step, recorded=recorded, correct=correct, reason="the minutes say so"
    )
