"""Who leads now, as the command line shows it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cli.leading import leading

DAY = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("since", "until", "is_leading"),
    [
        ("2008", None, True),
        ("2008", "2012", False),
        ("2008", "2026", True),
        ("2008", "2026-06", True),
        ("2008", "2026-06-14", False),
        ("2008", "2026-06-15", True),
        ("2026", None, True),
        ("2026-07", None, False),
        ("2027", "2029", False),
    ],
)
def test_a_term_that_is_over_or_lies_ahead_is_not_shown_as_current(
    since: str, until: str | None, *, is_leading: bool
) -> None:
    term: dict[str, Any] = {"city": {"name": "Bonn"}, "since": since, "until": until, "area": None}
    assert leading([term], DAY) == (["Bonn"] if is_leading else [])


def test_a_city_that_leads_an_area_is_shown_with_it() -> None:
    term = {"city": {"name": "Bonn"}, "since": "2008", "until": None, "area": "the Rhine"}
    assert leading([term], DAY) == ["Bonn (the Rhine)"]
