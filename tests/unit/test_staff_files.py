"""A secretariat's list of people as a table: what is wrong in it is named, with what is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from cli.staff_files import Faulty, people
from services.notifications.subscription import NewSubscription

if TYPE_CHECKING:
    from pathlib import Path

HEADINGS = "name,address,role,coalitions,members,language,zone,digest_hour,quiet_from,quiet_until"
ADA = "Ada,ada@example.org,focal point,,de-city-bonn,en,Europe/Berlin,8,22:00,06:30"


def table(directory: Path, *rows: str, headings: str = HEADINGS, name: str = "staff.csv") -> Path:
    file = directory / name
    file.write_text("\n".join([headings, *rows]) + "\n")
    return file


def faults(file: Path) -> dict[tuple[int, str | None], str]:
    with pytest.raises(Faulty) as found:
        people(file)
    return {(error.row, error.column): error.reason for error in found.value.errors}


def test_a_row_is_a_subscription_and_empty_cells_are_as_in_a_new_one(tmp_path: Path) -> None:
    bob = 'Bob,Bob@Example.org,secretariat,"europe;africa",,,,,,'
    ada, second = people(table(tmp_path, ADA, "", bob))
    wanted = NewSubscription.model_validate(ada.says)
    assert (wanted.role, wanted.members, wanted.digest_hour) == (
        "focal point",
        ("de-city-bonn",),
        8,
    )
    assert wanted.quiet_hours
    assert (wanted.quiet_hours.start, wanted.quiet_hours.end) == ("22:00", "06:30")
    assert second.says == {
        "name": "Bob",
        "address": "Bob@example.org",
        "role": "secretariat",
        "coalitions": ["europe", "africa"],
    }
    assert second.where == "row 4, Bob@example.org"


def test_every_error_is_named_by_row_and_column_with_what_to_write_instead(tmp_path: Path) -> None:
    found = faults(
        table(
            tmp_path,
            "Ada,ada@example.org,focal pont,,,en,Europe/Berln,25,,",
            "Bob,bob at example.org,observer,,,de,,,,",
            "Cid,cid@example.org,observer,,,,,,22:00,",
            ADA,
            ADA.replace("ada@", "ADA@"),
        )
    )
    assert "'focal point'" in found[2, "role"]
    assert "'Europe/Berlin'" in found[2, "zone"]
    assert "23 or less" in found[2, "digest_hour"]
    assert "@" in found[3, "address"]
    assert "'fr'" in found[3, "language"]
    assert "quiet_until" in next(why for (row, _), why in found.items() if row == 4)
    assert "row 5" in found[6, "address"]


def test_a_column_that_there_is_not_is_named_with_the_nearest(tmp_path: Path) -> None:
    headings = HEADINGS.replace("language", "languge")
    assert "'language'" in faults(table(tmp_path, ADA, headings=headings))[1, "languge"]


def test_what_is_neither_a_list_nor_a_table_is_refused_with_what_would_be(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match=r"no JSON.*\.csv, \.tsv, \.xlsx"):
        people(table(tmp_path, ADA, name="staff.txt"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_is_read_as_an_editor_saved_it(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "staff.json"
    file.write_text('[{"name": "Zoë"}]', encoding)
    assert people(file)[0].says == {"name": "Zoë"}
