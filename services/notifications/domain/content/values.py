"""What a field of an event is called by people: its values in words, dates, countries, ids."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

from shared.contracts import membership, plans
from shared.contracts.dates import PATTERN, PATTERNS
from shared.contracts.strict import schema_of, within
from shared.contracts.text import Kind

if TYPE_CHECKING:
    from shared.contracts.base import Event

DATE: Final = "date"
COUNTRY: Final = "country"
PERCENT: Final = "percent"
FACT: Final = "fact"
"""What `recorded` and `correct` are follows from the fact that is corrected."""
CONTEXTS: Final[dict[str, tuple[str, ...]]] = {
    "commitment": get_args(plans.Status),
    "action": get_args(plans.ActionStatus),
    "progress": get_args(plans.Basis),
    "review": get_args(plans.Verdict),
    "step of a report": get_args(plans.ReportStep),
    "step of a local plan": get_args(plans.LocalPlanStepName),
    "reminder": plans.CHASED,
    "publication": ("paper", "news"),
    "member": get_args(membership.MemberState),
    "step": get_args(membership.StepName),
    "kind of member": get_args(Kind),
    "decided by": get_args(membership.DecidingBody),
    "organ": get_args(membership.OrganKind),
    "office": get_args(membership.OfficeName),
    "membership by": get_args(membership.MembershipBy),
    "lead cities": get_args(membership.LeadCities),
    "fact of a member": membership.MEMBER_FACTS,
    "fact of a coalition": membership.COALITION_FACTS,
    "fact of a conference": membership.CONFERENCE_FACTS,
}
"""The values that contracts list, by what they are values of: the context of their messages."""
_CONTEXT_OF: Final = {frozenset(values): context for context, values in CONTEXTS.items()}
_IDS: Final = {
    "coalition": "coalitions",
    "coalition_before": "coalitions",
    "represents": "coalitions",
    "conference": "conferences",
    "meeting": "conferences",
    "organ": "organs",
    "elected_by": "organs",
    "decision": "decisions",
    "plan": "local-plans",
    "renews": "local-plans",
}
"""Fields that hold an id, and of what."""
WITHIN_A_COALITION: Final = frozenset({"organs", "decisions"})
"""What has an id that its coalition alone knows."""
_OF_FACTS: Final = {
    "parent": "coalitions",
    "coalition": "coalitions",
    "office": "office",
    "kind": "kind of member",
    "country": COUNTRY,
    **dict.fromkeys(
        ("merged", "merged into", "part of", "member registered", "member attended"), "members"
    ),
}
"""What a corrected value is, where it is neither a date nor a line of text."""


DATES: Final = re.compile(PATTERN)
_MEMBER: Final = re.compile(
    rf"[a-z]{{2,3}}-({'|'.join(CONTEXTS['kind of member'])})-.+".replace(" ", "-")
)


def is_a_member(text: str) -> bool:
    """Whether a text is the id of a member, by its look."""
    return bool(_MEMBER.fullmatch(text))


class What(NamedTuple):
    """What a field holds.

    Attributes:
        is_a: `date`, `country`, `percent`, `fact`, the context of a listed value, or "".
        id_of: of what it is the id, or "".
    """

    is_a: str = ""
    id_of: str = ""


@cache
def what(model: type[Event], field: str) -> What:
    """What a field holds, by the contract of its event; `member.kind` is one within another."""
    last = field.rpartition(".")[2]
    if last in _IDS:
        return What(id_of=_IDS[last])
    if last in {DATE, COUNTRY, PERCENT}:
        return What(last)
    if last in {"recorded", "correct"} and "fact" in model.model_fields:
        return What(FACT)
    return What(_by_schema(_schema(model, field)))


def of_fact(fact: str, value: str) -> What:
    """What the value of a corrected fact is."""
    kind = _OF_FACTS.get(fact, "")
    if kind in CONTEXTS or kind == COUNTRY:
        return What(kind)
    return What(DATE if fact in _DATED and value[:4].isdigit() else "", id_of=kind)


_DATED: Final = frozenset(
    {
        *("in creation", "founded", "launched", "renamed", "statutes adopted", "members counted"),
        *("organ established", "office since", "office until", "office seen", "elected"),
        *("decided", "begins", "ends", "cancelled", "moved", "partner joined", "partner left"),
        *("population counted", "announced"),
    }
)


def _schema(model: type[Event], field: str) -> dict[str, Any]:
    """The schema of a field, or of what a list holds."""
    whole = schema_of(model)
    node = whole
    for name in field.split("."):
        node = within(node.get("properties", {}).get(name, {}), whole)
        if "items" in node:
            node = within(node["items"], whole)
    return node


def listed_values(model: type[Event], field: str) -> frozenset[str]:
    """The values that a contract lists for a field; none where it lists none."""
    return frozenset(_schema(model, field).get("enum", ()))


def _by_schema(schema: dict[str, Any]) -> str:
    if schema.get("pattern") in PATTERNS:
        return DATE
    return _CONTEXT_OF.get(frozenset(schema.get("enum", ())), "")
