"""The least that FastAPI can do to read a member's commitments."""

from __future__ import annotations

from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, HTTPException
from pymongo import AsyncMongoClient

from shared.process import collect_rarely
from shared.settings import Settings


async def main(settings: Settings) -> None:
    """Serve until SIGTERM, configured as the services are."""
    app = FastAPI()
    async with AsyncMongoClient[dict[str, Any]](settings.mongodb.get_secret_value()) as client:
        collection = client[settings.database or "bench"]["commitments"]

        @app.get("/members/{id_}/commitments")
        async def of_member(id_: str) -> dict[str, Any]:
            if found := await collection.find_one({"_id": id_}):
                return found
            raise HTTPException(404)

        config = uvicorn.Config(
            app, host=settings.http_host, port=settings.http_port, log_config=None
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    collect_rarely()
    uvloop.run(main(Settings()))
