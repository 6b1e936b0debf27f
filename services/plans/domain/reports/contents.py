"""What stands in a report: how each commitment stood on its day, and what is said of it.

Whatever may have happened by that day counts: a city that dates by the year reports in that year.
A text that the city did not write is made from what is recorded: the note of the commitment, how it
stands and stood, and its actions with their partners and indicators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.as_of import commitments_at
from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.state import MAX_NOTE
from shared.contracts.plans import (
    PointText,
    ReportContents,
    ReportedAction,
    ReportSection,
)
from shared.contracts.plans.contents import MAX_REPORTED
from shared.domain.dates import certain_day, possible_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.plans.domain.as_of import CommitmentThen
    from services.plans.domain.commitments.state import Action, CommitmentState, MemberCommitments
    from services.plans.domain.reports.state import MemberReports
    from shared.contracts.plans import Number

_ROOM: Final = 6 * 1024
"""Bytes that a report spends on the actions of one commitment at most: the event that holds all of
it has to be read by all."""
_ELLIPSIS: Final = "…"


def report_before(reports: MemberReports | None, due: str) -> str | None:
    """When the last report before one was submitted."""
    there = reports.reports if reports else ()
    dates = [one.submitted for one in there if one.submitted and one.due < due]
    return dates[-1] if dates else None


def contents_of(
    holder: MemberCommitments, day: str, since: str | None, texts: Iterable[PointText]
) -> ReportContents | None:
    """What stands in a report of a day; None where no commitments were open then.

    Args:
        holder: the member's commitments.
        day: that of the report.
        since: when the report before was submitted.
        texts: what the city has written.
    """
    here = elsewhere.as_of(holder, day)
    then = commitments_at(here, day, possible_day)
    if then is None:
        return None
    earlier = {one.point: one for one in _before(holder, since, here.coalition, then.plan_version)}
    own = {one.point: one.text for one in texts}
    now = {one.point: one for one in here.commitments if then.plan_version == here.plan_version}
    return ReportContents(
        plan_version=then.plan_version,
        since=since,
        sections=tuple(
            _section(
                one,
                earlier.get(one.point),
                own.get(one.point),
                _fitting([*_reported(now.get(one.point), day, since)]),
                _note(now.get(one.point), day),
            )
            for one in then.commitments
        ),
    )


def _before(
    holder: MemberCommitments, since: str | None, coalition: str, version: int
) -> Sequence[CommitmentThen]:
    """How the same commitments stood at the report before; none under another plan."""
    if since is None:
        return ()
    day = certain_day(since)
    before = commitments_at(holder, day, possible_day)
    is_alike = elsewhere.as_of(holder, day).coalition == coalition
    return before.commitments if before and is_alike and before.plan_version == version else ()


def _fitting(actions: Sequence[ReportedAction]) -> tuple[list[ReportedAction], int]:
    """Those that there is room for, and how many are left out."""
    kept, left = list[ReportedAction](), _ROOM
    for action in actions[:MAX_REPORTED]:
        left -= len(action.model_dump_json().encode())
        if left < 0:
            break
        kept.append(action)
    return kept, len(actions) - len(kept)


def _section(
    then: CommitmentThen,
    before: CommitmentThen | None,
    own: str | None,
    reported: tuple[list[ReportedAction], int],
    note: str | None,
) -> ReportSection:
    actions, more = reported
    section = ReportSection(
        point=then.point,
        title=then.title,
        taken_up=then.taken_up,
        status=then.status,
        percent=then.percent,
        as_of=then.as_of,
        status_before=before.status if before else None,
        percent_before=before.percent if before else None,
        text=own or "-",
        written=own is not None,
        actions=tuple(actions),
        more_actions=more,
    )
    return section if own else section.model_copy(update={"text": made_of(section, note)})


def _note(commitment: CommitmentState | None, day: str) -> str | None:
    is_then = commitment and commitment.as_of and possible_day(commitment.as_of) <= day
    return commitment.note if commitment and is_then else None


def _reported(
    commitment: CommitmentState | None, day: str, since: str | None
) -> Iterator[ReportedAction]:
    """Its actions on a day: those first that have changed since, and of them the latest."""
    there = [a for a in commitment.actions if possible_day(a.as_of) <= day] if commitment else []
    facts = [_action(action, day, since) for action in there]
    facts.sort(key=lambda one: possible_day(one.as_of), reverse=True)
    yield from sorted(facts, key=lambda one: not one.changed)


def _action(action: Action, day: str, since: str | None) -> ReportedAction:
    reading = next((r for r in reversed(action.readings) if possible_day(r.as_of) <= day), None)
    dates = [action.as_of, *([reading.as_of] if reading else [])]
    last = max(map(possible_day, dates))
    indicator = action.indicator
    return ReportedAction(
        action=action.action,
        title=action.title,
        status=action.status,
        as_of=action.as_of,
        changed=since is None or last > certain_day(since),
        partners=action.partners,
        indicator=indicator.name if indicator else None,
        unit=indicator.unit if indicator else None,
        target=indicator.target if indicator else None,
        value=reading.value if reading else None,
        read=reading.as_of if reading else None,
    )


# --- in words --------------------------------------------------------------------------------


def made_of(section: ReportSection, note: str | None) -> str:
    """A section's text where the city has written none."""
    lines = [*([note] if note else []), standing(section)]
    lines += [in_words(action) for action in section.actions]
    if section.more_actions:
        lines.append(f"Further actions: {section.more_actions}.")
    text = "\n".join(lines)
    return text if len(text) <= MAX_NOTE else text[: MAX_NOTE - 1] + _ELLIPSIS


def standing(section: ReportSection) -> str:
    """How a commitment stands, and stood at the report before."""
    if section.as_of is None:
        return "Nothing is recorded of this commitment yet."
    now = _with_percent(section.status.capitalize(), section.percent)
    was = section.status_before and _with_percent(section.status_before, section.percent_before)
    is_as_before = (section.status_before, section.percent_before) == (
        section.status,
        section.percent,
    )
    since = " As in the report before." if is_as_before else f" In the report before: {was}."
    return f"{now} as of {section.as_of}.{since if was else ''}"


def _with_percent(status: str, percent: int | None) -> str:
    is_implied = status.casefold() in {"not started", "completed"}
    return status if percent is None or is_implied else f"{status} ({percent} %)"


def in_words(action: ReportedAction) -> str:
    """An action with its partners and what its indicator reads."""
    partners = f", with {', '.join(action.partners)}" if action.partners else ""
    changed = "" if action.changed else ", not changed since the report before"
    said = f"{action.title}: {action.status} as of {action.as_of}{partners}{changed}."
    if action.indicator is None or action.value is None:
        return said
    target = f", to reach {_number(action.target)}" if action.target is not None else ""
    unit = f" {action.unit}" if action.unit else ""
    return f"{said} {action.indicator}: {_number(action.value)}{unit} ({action.read}){target}."


def _number(value: Number | None) -> str:
    return f"{value:,f}" if value is not None else "-"
