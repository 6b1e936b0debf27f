"""`docs/secretariat.md`, walked by a clerk who has nothing else: each command as it stands there.

Only names and ids have a word of the test's own behind them, since all tests share the services.
"""

from __future__ import annotations

import csv
import re
import shlex
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from openpyxl import Workbook

from tests.e2e.command import found, run
from tests.e2e.region import TITLES, Region
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.system import System

PAGE: Final = Path("docs/secretariat.md")
BLOCK: Final = re.compile(r"```(sh|csv|)\n(.*?)```", re.DOTALL)
COMMAND: Final = re.compile(r"`(coalition [^`]+)`")
COALITIONS: Final = ("europe", "africa", "arab-region")
AN_ID: Final = re.compile(r"\b((de|be|ma|eg)-city-[a-z]+|assembly-2027)\b")
A_NAME: Final = re.compile(r"\b(Bonn|Ulm|Ghent|Potsdam|Nuremberg|Nuremburg)\b")


@dataclass(slots=True)
class Clerk:
    """Somebody with the page, a folder and the command."""

    system: System
    folder: Path
    word: str = field(default_factory=lambda: f"q{uuid.uuid4().hex[:6]}")

    def mine(self, text: str) -> str:
        """A text of the page with the test's own names and ids."""
        text = A_NAME.sub(rf"\1 {self.word}", AN_ID.sub(rf"\1-{self.word}", text))
        for coalition in COALITIONS:
            text = re.sub(rf"(?<![-\w]){coalition}(?![-\w])", f"{coalition}-{self.word}", text)
        return text

    def region(self, coalition: str) -> Region:
        return Region(self.system, f"{coalition}-{self.word}")

    def types(self, command: str) -> str:
        """What the command answers to what stands on the page."""
        _, *words = shlex.split(command.replace("\\\n", " "), comments=True)
        words = [A_NAME.sub(rf"\1 {self.word}", word) for word in words]
        words = [AN_ID.sub(rf"\1-{self.word}", word) for word in words]
        words = [f"{word}-{self.word}" if word in COALITIONS else word for word in words]
        files = {".xlsx", ".csv"}
        words = [str(self.folder / w) if Path(w).suffix in files else w for w in words]
        answer = run(self.system, *words)
        assert answer.returncode in {0, 1}, (command, answer.stdout, answer.stderr[-2000:])
        return answer.stdout + ("" if answer.returncode == 0 else "\n(refused)")


def section(title: str) -> str:
    _, _, rest = PAGE.read_text().partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


def blocks(title: str, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(section(title)) if kind == language]


def commands(title: str) -> Iterator[str]:
    for text in blocks(title, "sh"):
        lines = text.replace("\\\n", " ").splitlines()
        yield from (line for line in lines if line.startswith("coalition"))


@pytest.fixture
def clerk(coalition: System, tmp_path: Path) -> Clerk:
    """With what the page takes for recorded: coalitions, their plan, Nuremberg, Rabat, Cairo."""
    clerk = Clerk(coalition, tmp_path)
    for name in COALITIONS:
        clerk.region(name).tell("membership", "CoalitionFounded", name=f"{name} {clerk.word}")
    icerd = {"instruments": [{"name": f"ICERD {clerk.word}"}, {"name": "ICERD"}]}
    points = [icerd, *({} for _ in TITLES[1:])]
    europe = clerk.region("europe")
    europe.tell("plans", "PlanPublished", version=1, commitments=TITLES, points=points)
    for coalition_, name, own, country in (
        ("europe", "Nuremberg", "Nürnberg", "DE"),
        ("arab-region", "Rabat", None, "MA"),
        ("arab-region", "Cairo", None, "EG"),
    ):
        member = {"name": f"{name} {clerk.word}", "country": country, "kind": "city"}
        member |= {"local_name": f"{own} {clerk.word}"} if own else {}
        clerk.region(coalition_).tell("membership", "MemberApplied", member=member, applied="2010")
    return clerk


# --- record, correct, move ------------------------------


def records_and_corrects(clerk: Clerk) -> None:
    for command in (*commands("Record something"), *commands("Correct something")):
        answer = clerk.types(command)
        assert answer.startswith("Accepted."), (command, answer)
    bonn = found(clerk.system, "members", "show", f"de-city-bonn-{clerk.word}")
    dates = [(one["step"], one["date"]) for one in bonn["steps"]]
    assert dates == [("signed", "2016-07"), ("admitted", "2017")]
    rabat = found(clerk.system, "members", "show", f"ma-city-rabat-{clerk.word}")
    cairo = found(clerk.system, "members", "show", f"eg-city-cairo-{clerk.word}")
    africa = clerk.region("africa").id
    assert (rabat["coalition"], rabat["moves"]) == (africa, [])
    assert (cairo["coalition"], [one["moved"] for one in cairo["moves"]]) == (africa, ["2024-05"])


# --- a sheet ------------------------------


def rows_of_the_page(clerk: Clerk) -> list[list[Any]]:
    """The sheet as the page draws it, the title of its table first."""
    lines = [line for line in section("Bring a sheet in").splitlines() if line.startswith("|")]
    drawn = [[c.strip().strip("*") for c in line.strip("|").split("|")] for line in lines]
    rows: list[list[Any]] = [row for row in drawn if row[0] != "---"]
    for row in rows[2:]:
        row[0], row[1] = f"{row[0]}-{clerk.word}", f"{row[1]} {clerk.word}"
    return rows


def saved(clerk: Clerk, rows: Sequence[Sequence[Any]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    for row in rows:
        sheet.append([cell if cell != "" else None for cell in row])
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str) and "(a date)" in cell.value:
                day = cell.value.partition(" ")[0]
                cell.value = datetime.strptime(day, "%d.%m.%Y").replace(tzinfo=UTC).date()
                cell.number_format = "DD.MM.YYYY"
    book.save(clerk.folder / "applications.xlsx")


async def comes(clerk: Clerk, command: str, *texts: str) -> None:
    """Wait until a command shows something: what is taken is recorded a moment later."""

    async def there() -> bool:
        answer = clerk.types(command)
        return all(text in answer for text in texts)

    await eventually(there)


def shown(text: str) -> set[str]:
    """The words of a table, however wide its columns are."""
    return set(re.findall(r"[\w'’.-]+", text))


async def brings_a_sheet_in(clerk: Clerk) -> None:
    check = next(commands("Bring a sheet in"))
    columns, cells, news = blocks("Bring a sheet in", "")
    rows = rows_of_the_page(clerk)
    saved(clerk, rows)
    assert shown(columns) <= shown(clerk.types(check))
    heads = {"Date signed": "Signed", "Web site": "Website"}
    rows[1] = [heads.get(head, head) for head in rows[1]]
    saved(clerk, rows)
    assert shown(cells) <= shown(clerk.types(check))
    bonn, nuremberg, ghent = rows[2:]
    bonn[4:6] = ["2016-07-26", ""]
    nuremberg[2], ghent[3] = "DE", "city"
    saved(clerk, rows)
    assert shown(clerk.mine(news)) - shown(clerk.types(check)) <= {"New", "Changed"}
    nuremberg[1] = f"Nuremberg {clerk.word}"
    for row, id_ in zip(rows[1:], ("Id", "", f"de-city-nurnberg-{clerk.word}", ""), strict=True):
        row.append(id_)
    saved(clerk, rows)
    take = COMMAND.findall(section("Bring a sheet in").partition("**5. Take it in:**")[2])[0]
    assert "3 rows: 1 new, 2 changed, 0 unchanged, 0 bad" in clerk.types(take)
    await comes(clerk, check, "3 rows: 0 new, 0 changed, 3 unchanged, 0 bad")
    for command in list(commands("Bring a sheet in"))[1:]:
        clerk.types(command)
    assert (clerk.folder / "members.xlsx").stat().st_size > 0


# --- a conference, questions, people ------------------------------


async def registers_participants(clerk: Clerk) -> None:
    (text,) = blocks("Who takes part in a conference", "csv")
    (clerk.folder / "list.csv").write_text(clerk.mine(text))
    check, take, show, participants, change = commands("Who takes part in a conference")
    assert "3 rows: 3 new, 0 changed, 0 unchanged, 0 bad. Only checked." in clerk.types(check)
    assert "3 rows: 3 new, 0 changed, 0 unchanged, 0 bad" in clerk.types(take)
    await comes(clerk, show, "General Assembly")
    await comes(clerk, participants, "Potsdam", "Ghent", "UNESCO")
    assert clerk.types(change).startswith("Accepted.")
    assert "Bologna" in clerk.types(show)


async def asks(clerk: Clerk) -> None:
    await clerk.system.settled()  # notifications, which is asked, reads it from the others
    asked = COMMAND.findall(section("Ask"))
    assert len(asked) > 10
    for command in asked:
        answer = clerk.types(command)
        assert "(refused)" not in answer, (command, answer)
    await comes(clerk, "coalition changes --coalition europe --text", f"Bonn {clerk.word}")
    await comes(clerk, "coalition members timeline de-city-bonn", "the minutes say July")


def people_of_the_page(clerk: Clerk, address: str) -> None:
    """The table of people as the page draws it, as a file."""
    lines = [line for line in section("Who gets e-mail").splitlines() if line.startswith("|")]
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in lines]
    with (clerk.folder / "staff.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [clerk.mine(cell).replace("ada@example.org", address) for cell in row]
            for row in rows
            if row[0] != "---"
        )


def has_people_told(clerk: Clerk) -> None:
    address = f"ada-{clerk.word}@example.org"
    asked = [one.replace("ada@example.org", address) for one in commands("Who gets e-mail")]
    subscribe, import_, list_, show, change, remove = asked
    people_of_the_page(clerk, address)
    for command in (subscribe, import_, show, change):
        answer = clerk.types(command)
        assert "(refused)" not in answer, (command, answer)
    people = found(clerk.system, *shlex.split(list_)[1:])
    (mine,) = [one for one in people if one["address"] == address]
    assert (mine["role"], mine["language"], mine["digest_hour"]) == ("focal point", "fr", 8)
    assert mine["members"] == [f"de-city-bonn-{clerk.word}"]
    assert "(refused)" not in clerk.types(remove)


async def test_a_clerk_with_nothing_but_the_page(clerk: Clerk) -> None:
    records_and_corrects(clerk)
    await brings_a_sheet_in(clerk)
    await registers_participants(clerk)
    await asks(clerk)
    has_people_told(clerk)
