"""Upserts as some servers do them: an update, and then an insert if there was nothing."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from tests.op_msg import Document

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

Between = Callable[[Document], Awaitable[None]]
"""What happens between the two, with the document that is to be inserted."""

_TAKEN = {"code": 11000, "codeName": "DuplicateKey", "errmsg": "E11000 duplicate key error"}


def upserts(command: Document) -> bool:
    """Whether a command holds an upsert."""
    return any(one.get("upsert") for one in (command, *command.get("updates", ())))


async def do(database: AsyncDatabase[Document], command: Document, between: Between) -> Document:
    """Do an `update` or a `findAndModify`, and give the answer."""
    if "updates" in command:
        return await _update(database, command, between)
    return await _find_and_modify(database, command, between)


async def _update(
    database: AsyncDatabase[Document], command: Document, between: Between
) -> Document:
    answer: Document = {"ok": 1.0, "n": 0, "nModified": 0}
    for index, statement in enumerate(command["updates"]):
        only = {name: value for name, value in statement.items() if name != "upsert"}
        done = await database.command("update", command["update"], updates=[only])
        answer["n"] += done["n"]
        answer["nModified"] += done["nModified"]
        if done["n"] or not statement.get("upsert"):
            continue
        created = await _created(database, statement["q"], statement["u"])
        await between(created)
        if await _inserted(database, command["update"], created):
            answer["n"] += 1
            answer.setdefault("upserted", []).append({"index": index, "_id": created["_id"]})
        else:
            answer.setdefault("writeErrors", []).append({"index": index, **_TAKEN})
    return answer


async def _find_and_modify(
    database: AsyncDatabase[Document], command: Document, between: Between
) -> Document:
    wanted = ("findAndModify", "query", "update", "new", "fields", "sort")
    only = {name: command[name] for name in wanted if name in command}
    done: Document = await database.command(only)
    if done["lastErrorObject"]["n"]:
        return {name: done[name] for name in ("ok", "value", "lastErrorObject")}
    created = await _created(database, command["query"], command["update"])
    await between(created)
    if not await _inserted(database, command["findAndModify"], created):
        return {"ok": 0.0, **_TAKEN}
    last = {"n": 1, "updatedExisting": False, "upserted": created["_id"]}
    return {"ok": 1.0, "value": created if command.get("new") else None, "lastErrorObject": last}


async def _inserted(database: AsyncDatabase[Document], collection: str, created: Document) -> bool:
    try:
        await database[collection].insert_one(created)
    except DuplicateKeyError:
        return False
    return True


async def _created(database: AsyncDatabase[Document], where: Document, change: Any) -> Document:
    """What an upsert inserts, by the server's own rules."""
    aside = f"aside_{uuid.uuid4().hex}"
    statement = {"q": where, "u": change, "upsert": True}
    await database.command("update", aside, updates=[statement])
    (document,) = await database[aside].find().to_list()
    await database[aside].drop()
    return document
