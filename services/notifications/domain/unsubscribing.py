"""What a person's own rules are once they change how they are told of something, or end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from services.notifications.domain.rules import Rule
from shared.contracts.notifications import Frequency

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from services.notifications.domain.preferences import Preference
    from shared.contracts.notifications import How

OF_A_KIND: Final = "kind-"
"""Begins what a link ends that was sent by no rule, such as an announcement: its kind follows."""
OWN: Final = "own-"
"""Begins the id of a rule of a person's own."""
_FREQUENCIES: Final = get_args(Frequency)


def without(preference: Preference, ended: str) -> tuple[Rule, ...]:
    """A person's own rules after what brought an e-mail ended; what another brings still comes.

    Args:
        preference: what the person wants.
        ended: the id of a rule, the frequency of a digest, or a kind.
    """
    if ended.startswith(OF_A_KIND):
        return put_first(
            Rule(kinds=(ended.removeprefix(OF_A_KIND),), how="never"), preference.rules
        )
    if ended in _FREQUENCIES:
        meant = [id_ for id_, rule in lines(preference) if rule.how == ended]
        return with_hows(preference, dict.fromkeys(meant, "never"))
    # Of the role once, it may have become their own since; what it is about tells that.
    about = ended.partition("-")[2]
    found = next((id_ for id_, rule in lines(preference) if rule.fingerprint == about), "")
    return with_hows(preference, {found: "never"})


def put_first(first: Rule, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules with another before them, which leaves nothing to those about the same."""
    return (first, *(rule for rule in rules if rule.fingerprint != first.fingerprint))


def with_hows(
    preference: Preference, hows: Mapping[str, How], dropped: Collection[str] = ()
) -> tuple[Rule, ...]:
    """A person's own rules after some say something else, and others are dropped.

    Where one of the role's is among them, it becomes their own, and so do those before it: else it
    would count before these.
    """
    ruled = lines(preference)
    own = sum(id_.startswith(OWN) for id_, _ in ruled)
    places = [place for place, (id_, rule) in enumerate(ruled) if _says(hows, id_, rule)]
    until = max([own - 1, *places]) + 1
    return tuple(
        Rule.model_validate({**rule.model_dump(), "how": hows.get(id_, rule.how)})
        for id_, rule in ruled[:until]
        if id_ not in dropped
    )


def lines(preference: Preference) -> list[tuple[str, Rule]]:
    """The rules with their ids, in their order; of those about the same the first alone counts."""
    first: dict[str, tuple[str, Rule]] = {}
    for id_, rule in preference.ruled:
        first.setdefault(rule.fingerprint, (id_, rule))
    return [*first.values()]


def _says(hows: Mapping[str, How], id_: str, rule: Rule) -> bool:
    """Whether a rule is to say something else."""
    return hows.get(id_, rule.how) != rule.how
