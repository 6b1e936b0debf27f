"""`make contracts`: write the generated contracts, and say what changed since the release.

It needs a checkout, so it is no part of the `coalition` command.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.contracts import generate, release


def contracts(
    *,
    as_release: Annotated[
        bool, typer.Option("--release", help="keep them as what was released; breaks are refused")
    ] = False,
) -> None:
    """Generate JSON Schemas, AsyncAPI and OpenAPI into docs/contracts."""
    try:
        for path in generate.draft_missing():
            typer.echo(f"{path} is new, of other examples' values: put in what such an event says.")
        documents = generate.documents()
    except generate.NoExample as error:
        typer.echo(f"Nothing was written: {error}", err=True)
        raise typer.Exit(1) from None
    write(generate.CONTRACTS, documents)
    typer.echo(f"{len(documents)} documents in docs/contracts.")
    broken = _report(dict(generate.read(release.RELEASED)), documents)
    if as_release and not broken:
        write(release.RELEASED, documents)
        typer.echo("They are the released ones now.")
    if broken:
        raise typer.Exit(1)


def write(folder: Path, documents: Mapping[str, dict[str, Any]]) -> None:
    """Write the documents, and remove those that are there and no longer made."""
    for name in {name for name, _ in generate.read(folder)} - documents.keys():
        (folder / name).unlink()
    for name, document in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generate.text(document))


def _report(released: Mapping[str, Any], documents: Mapping[str, Any]) -> bool:
    if not released:
        typer.echo("Nothing was released yet.")
        return False
    found = release.since(released, documents)
    for change in found:
        typer.echo(f"  {'BREAKS' if change.breaks else 'grows '}  {change}")
    return any(change.breaks for change in found)


if __name__ == "__main__":
    typer.run(contracts)
