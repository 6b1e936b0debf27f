"""The facts of a report that can be corrected: their names, and where their dates are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.plans.domain.reports.state import Report
    from shared.contracts.plans import ReportStep

FIELDS: Final[dict[ReportStep, str]] = {
    "extension requested": "requested_until",
    "extended": "extended",
    "submitted": "submitted",
    "reviewed": "reviewed",
    "accepted": "accepted",
    "waived": "waived",
}


def fact(step: ReportStep, due: str) -> str:
    """The name of a step of the report that is due on a date."""
    return f"{step}, of the report due on {due},"


def date_of(report: Report, step: ReportStep) -> str | None:
    """The date of a step as it is recorded."""
    date: str | None = getattr(report, FIELDS[step])
    return date
