"""What the command line prints of JSON."""

from __future__ import annotations

from rich.console import Console

from cli.tables import show, table, text_of


def printed(what: object) -> str:
    console = Console(width=200, force_terminal=False)
    with console.capture() as caught:
        console.print(what)
    return caught.get()


def test_whatever_json_holds_reads_as_text() -> None:
    steps = [{"step": "signed", "date": "2006-08", "reason": None}, {"step": "admitted"}]
    assert text_of(steps) == "step signed, date 2006-08\nstep admitted"
    said = {None: "-", True: "yes", 3: "3", "الرباط": "الرباط"}
    assert [text_of(value) for value in said] == list(said.values())
    assert (text_of([]), text_of({})) == ("-", "-")


def test_a_column_reaches_into_what_is_nested() -> None:
    columns = {"Name": "member.name", "Of": "points.#", "Titles": "points.title", "None": "x.y"}
    row = {"member": {"name": "[red]Hof[/red]"}, "points": [{"title": "One"}, {"title": "Two"}]}
    text = printed(table(columns, [row]))
    assert "[red]Hof[/red]" in text
    assert all(word in text for word in ("2", "One", "Two", "-"))


def test_one_document_shows_only_what_it_says() -> None:
    console = Console(width=200)
    with console.capture() as caught:
        show(console, {"name": "Hof", "steps": [{"step": "signed"}], "website": None, "names": {}})
    text = caught.get()
    assert "step signed" in text
    assert "website" not in text
