"""A member that was in several coalitions, one after another: the rules by which it was in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.membership import JoiningRule
from shared.domain.dates import certain_day, in_force

if TYPE_CHECKING:
    from services.membership.domain.members.state import Move
    from services.membership.domain.members.way import Rules


def rules_through(moves: tuple[Move, ...], rules: Rules) -> Rules:
    """The statutes' rules of a member: of each coalition for the time in which it was in there.

    Args:
        moves: from other coalitions, the last one last.
        rules: of the coalition that it is in now.
    """
    if not moves:
        return rules
    last = moves[-1]
    day = certain_day(last.moved)
    then = in_force(rules, lambda rule: rule.since, day)
    return (
        *(rule for rule in last.joining_rules if certain_day(rule.since) < day),
        JoiningRule(since=last.moved, by=then.by if then else "signed"),
        *(rule for rule in rules if certain_day(rule.since) > day),
    )
