"""`coalition say`, `coalition subscribe`: whatever can be recorded, without JSON."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from cli import endpoints, tables
from cli.confirming import is_somebody_there
from cli.reading import AsJson
from cli.running import run
from cli.saying import events, sending
from cli.saying.asking import completed
from cli.saying.fields import Field
from cli.saying.options import Unclear, data_of
from cli.saying.sending import NotAccepted
from services.notifications.subscription import NewSubscription
from shared.contracts import catalogue
from shared.contracts.strict import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

console = Console()

_ANY_FIELD: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
_EVENTS: Final = {"Event": "event", "Taken by": "owner", "It says": "says"}
_FIELDS: Final = {"Field": "field", "Needed": "needed", "What": "what"}
_CHANGES: Final = {"Field": "field", "Before": "before", "After": "after"}

EventName = Annotated[
    str | None, typer.Argument(help="CitySigned, say; left out: all that there are")
]
Fields = Annotated[bool, typer.Option("--fields", help="only list what can be given")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only show what would become of it")]
OverKafka = Annotated[
    str | None, typer.Option("--kafka", help="send it over Kafka, as this CloudEvents source")
]
Again = Annotated[
    str | None, typer.Option("--id", help="of its own: said twice under one id, it is one event")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(context_settings=_ANY_FIELD)(say)
    app.command(context_settings=_ANY_FIELD)(subscribe)


def say(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    event: EventName = None,
    *,
    fields: Fields = False,
    dry_run: DryRun = False,
    kafka: OverKafka = None,
    id_: Again = None,
    as_json: AsJson = False,
) -> None:
    """Record one event, and wait for what becomes of it.

    Its fields are options: --signed 2006-08, --member.name Bonn; `--fields` lists them. A list's
    are given again for each. What is missing is asked for, where somebody sits at a terminal.
    """
    if event is None:
        console.print(tables.table(_EVENTS, events.listed()))
        return
    with _refusals():
        model = events.named(event)
        if fields:
            _print_fields(model)
            return
        data = _filled(model, context.args, catalogue.called(model.type))
    name = events.service_of(model)
    if dry_run:
        _print_rehearsed(run(sending.rehearse(endpoints.load(), name, model, data)), as_json)
        return
    id_ = id_ or str(uuid.uuid4())
    with _refusals():
        outcome = run(sending.send(endpoints.load(), name, model, data, id_, kafka))
    tables.as_json(outcome) if as_json else _print_outcome(outcome)


def subscribe(context: typer.Context, *, fields: Fields = False, as_json: AsJson = False) -> None:
    """Have somebody told by e-mail: --name, --address, --role "focal point", --members fr-city-x.

    `--fields` lists all that can be given. `coalition subscriptions change` changes it later.
    """
    if fields:
        _print_fields(NewSubscription)
        return
    with _refusals():
        data = _filled(NewSubscription, context.args, NewSubscription.__name__)
    subscription = run(sending.subscribe(endpoints.load(), data))
    tables.as_json(subscription) if as_json else tables.show(console, subscription)


class _refusals:  # noqa: N801 - used as a function
    """Ends what was typed wrongly with one line and 2, and what is refused with 1."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Unclear | Unfit | NotAccepted):
            console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1 if isinstance(error, NotAccepted) else 2) from None


def _filled(model: type[BaseModel], words: list[str], name: str) -> dict[str, Any]:
    contract = Field.of(model)
    data = data_of(contract, words, name)
    return completed(model, contract, data, _asker())


def _asker() -> Callable[[str], str] | None:
    """Asks whoever sits at the terminal; nobody in a script."""
    if not is_somebody_there():
        return None
    return lambda question: str(typer.prompt(question, default="", show_default=False)).strip()


def _print_fields(model: type[BaseModel]) -> None:
    # What all events of its kind have comes after what this one says.
    own = model.__annotations__
    found = sorted(
        Field.of(model).names(), key=lambda one: (not one[2], one[0].partition(".")[0] not in own)
    )
    rows = (
        {"field": f"--{name}", "needed": "yes" if needed else "", "what": field.meaning}
        for name, field, needed in found
    )
    console.print(tables.table(_FIELDS, rows, title=(model.__doc__ or "").partition("\n")[0]))


def _print_outcome(outcome: dict[str, Any]) -> None:
    match outcome["outcome"]:
        case "accepted":
            console.print("Accepted.", highlight=False)
        case "unchanged":
            console.print("Unchanged: the record says so already.", highlight=False)
        case _:
            console.print(f"On its way; later {outcome['href']} tells what became of it.")
    _print_published(outcome)
    _print_warnings(outcome)


def _print_warnings(outcome: dict[str, Any]) -> None:
    for warning in outcome.get("warnings", ()):
        text = f"Look: {warning}."
        console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _print_published(outcome: dict[str, Any]) -> None:
    for line in sending.in_words(outcome):
        console.print(line, markup=False, highlight=False)


def other_items(change: dict[str, Any]) -> dict[str, Any]:
    """A change of a list with only those items that are not in both."""
    before, after = change["before"], change["after"]
    if not isinstance(before, list) or not isinstance(after, list):
        return change
    gone, new = (
        [one for one in these if one not in others]
        for these, others in ((before, after), (after, before))
    )
    return {**change, "before": gone, "after": new}


def _print_rehearsed(rehearsed: dict[str, Any], as_json: bool) -> None:  # noqa: FBT001 - as it came
    if as_json:
        tables.as_json(rehearsed)
    elif rehearsed["outcome"] == "accepted":
        console.print("It would be accepted; nothing is recorded yet.", highlight=False)
        _print_published(rehearsed)
        console.print(tables.table(_CHANGES, map(other_items, rehearsed["changes"])))
        _print_warnings(rehearsed)
    elif rehearsed["outcome"] == "unchanged":
        console.print("It would change nothing: the record says so already.", highlight=False)
    else:
        why = f"It would be refused: {rehearsed['reason']}"
        console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    if rehearsed["outcome"] == "rejected":
        raise typer.Exit(1)
