"""A simulated year in six zones of both hemispheres, three days down: exactly the golden list.

The list is for people to check: `tests/unit/a_year_of_email.txt` says of each e-mail when it comes
by its reader's clock, what it tells, and why it comes at an odd time. A rule that changes it is
seen there; `WRITE_GOLDEN=1 pytest tests/unit/test_a_year_of_email.py` writes it anew.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.unit import year

if TYPE_CHECKING:
    from tests.unit.year import Row

GOLDEN: Final = Path(__file__).parent / "a_year_of_email.txt"
HEAD: Final = """\
# The e-mails of 2024, as tests/unit/year.py simulates it. Each line: when by the reader's clock,
# what it is, what it tells; behind # why it comes when it does. All readers are focal points of one
# city, told of admissions at once, of signatures in daily digests, of actions in weekly ones, and
# at once of what is critical (in capitals). It is quiet from 03:30 to 06:30. Weekly digests come on
# the first of their days. From 8 to 10 June (UTC) nothing ran. Where nothing stands, nothing
# happened. WRITE_GOLDEN=1 pytest tests/unit/test_a_year_of_email.py writes it anew.

"""


@pytest.fixture(scope="module")
def simulated() -> dict[str, list[Row]]:
    return year.simulated()


def test_a_year_is_exactly_the_golden_list(simulated: dict[str, list[Row]]) -> None:
    found = HEAD + year.written(simulated)
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()


def test_each_is_told_of_everything_once(simulated: dict[str, list[Row]]) -> None:
    happened = Counter(one.label for one in year.news())
    for rows in simulated.values():
        assert Counter(label for row in rows for label in row.tells) == happened


def test_the_list_has_what_it_is_for(simulated: dict[str, list[Row]]) -> None:
    whys = Counter(
        row.why.partition(":")[0] for rows in simulated.values() for row in rows if row.why
    )
    assert {why for why, _ in whys.items()} == {
        "that hour is skipped",
        "that hour comes twice",
        "it was quiet until then",
        "nothing ran for three days",
    }
    for reader, rows in simulated.items():
        after = [row for row in rows if row.why.startswith("nothing ran")]
        assert Counter(row.what for row in after)["at once"] == 2, reader
        assert len(after) == 3, "one digest, and not one for each day"
