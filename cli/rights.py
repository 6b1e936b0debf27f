"""`coalition topics` and `coalition acls`: what an installation needs of its Kafka."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import access, endpoints, quotas, tables
from cli.running import run
from services.manifests import MANIFESTS, TAKEN
from shared.kafka import topics as kafka_topics
from shared.kafka.rights import Rights

if TYPE_CHECKING:
    from shared.kafka.rights import Right

console = Console()

Apply = Annotated[bool, typer.Option("--apply", help="make it so; else it is only shown")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(topics)
    app.command()(acls)


def topics(
    *,
    apply: Apply = False,
    as_json: Json = False,
    replication: Annotated[int, typer.Option(help="how many brokers keep each")] = 1,
) -> None:
    """Show the topics of an installation, or create those that are not there."""
    rights = _rights()
    if apply:
        names = [*rights.topics]
        made = run(kafka_topics.create_topics(rights.kafka, (), replication, names))
        console.print(f"{len(made)} topics created, {len(names) - len(made)} were there.")
        return
    found = [
        {"topic": one.name, "partitions": one.num_partitions, "settings": one.topic_configs}
        for one in (
            kafka_topics.described(name, rights.kafka.partitions, replication)
            for name in rights.topics
        )
    ]
    if as_json:
        tables.as_json(found)
        return
    for topic in rights.topics:
        _line(topic)


def acls(
    *,
    apply: Apply = False,
    as_json: Json = False,
    passwords: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="a folder with a file for each user, its secret"
        ),
    ] = None,
    make_passwords: Annotated[
        bool, typer.Option("--make-passwords", help="make the files that the folder lacks")
    ] = False,
) -> None:
    """Show who may do what at Kafka, or make it so, with the users' secrets from a folder.

    What this installation's users have besides is withdrawn; all else is left alone.
    """
    if make_passwords and not (apply and passwords):
        raise typer.BadParameter("--make-passwords needs --apply, and --passwords with the folder")
    rights = _rights()
    if apply:
        _apply(rights, passwords, make=make_passwords)
    elif as_json:
        tables.as_json(
            {
                "users": rights.users,
                "acls": [_document(right) for right in rights.table()],
                "quotas": rights.quotas,
            }
        )
    else:
        for right in rights.table():
            name = f"{right.name}*" if right.prefixed else right.name
            _line(f"{right.principal:<28} {right.operation:<16} {right.kind:<17} {name}")
        _show_quotas(rights)


def _apply(rights: Rights, passwords: Path | None, *, make: bool) -> None:
    try:
        if passwords and make:
            _make_passwords(rights, passwords)
        found = _passwords(rights, passwords) if passwords else {}
        changes = access.Access(rights).apply(found)
        publishers = [rights.publisher(one.name) for one in rights.publishers]
        none = dict.fromkeys([*publishers, *changes.removed])
        run(quotas.apply(rights.kafka, {**none, **rights.quotas}))
    except (access.NotApplied, quotas.QuotasNotSet, OSError, UnicodeDecodeError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"{changes.granted} rights granted, {changes.withdrawn} withdrawn.")
    for what, users in (
        ("Secrets set", changes.users),
        ("Users removed", changes.removed),
        ("Without a secret, so they cannot log in", changes.without),
    ):
        if users:
            console.print(f"{what}: {', '.join(users)}.", highlight=False, soft_wrap=True)
    if rights.quotas:
        console.print("Quotas set:")
        _show_quotas(rights)


def _make_passwords(rights: Rights, folder: Path) -> None:
    """Make a file, for its owner alone, for each user that has none; each is whole or not there."""
    missing = [user for user in rights.users if not (folder / user).exists()]
    for user in missing:
        with NamedTemporaryFile("w", dir=folder, prefix=".new-", delete=False) as file:
            file.write(secrets.token_hex(32))
        Path(file.name).replace(folder / user)
    if missing:
        made = ", ".join(missing)
        console.print(f"Secrets made in {folder}: {made}.", highlight=False, soft_wrap=True)


def _passwords(rights: Rights, folder: Path) -> dict[str, str]:
    files = {user: folder / user for user in rights.users}
    found = {
        user: file.read_text(encoding="utf-8").strip()
        for user, file in files.items()
        if file.is_file()
    }
    if empty := [user for user, secret in found.items() if not secret]:
        raise access.NotApplied(f"the file of {empty[0]} is empty")
    return found


def _show_quotas(rights: Rights) -> None:
    for user, quota in rights.quotas.items():
        _line(f"{user:<28} at most {quota:,} bytes a second")


def _rights() -> Rights:
    here = endpoints.load()
    try:
        here.publishers.check_types(TAKEN)
    except ValueError as error:
        raise typer.BadParameter(f"COALITION_PUBLISHERS_FILE: {error}") from None
    return Rights(here.connection(), tuple(MANIFESTS.values()), here.publishers)


def _document(right: Right) -> dict[str, Any]:
    return right._asdict()


def _line(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
