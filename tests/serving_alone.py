"""A service's HTTP without Kafka or a store, as a process: `python -m tests.serving_alone PORT`."""

from __future__ import annotations

import sys
from typing import Any

import h11
import uvicorn
from pydantic import SecretStr

from services.manifests import MANIFESTS
from services.notifications import subscribing
from shared.pipeline.progress import Progress
from shared.settings import Settings
from shared.web import app as web
from shared.web import server
from shared.web.health import Health
from shared.web.waiting import OutcomeWatcher

TOKEN = "a-token-of-tests"
CONNECTIONS = 20


def main(port: int) -> None:
    """Serve until the process is told to end, with deadlines that a test can wait for."""
    server.SECONDS.update({h11.IDLE: 1, h11.SEND_BODY: 2})
    nobody: Any = None
    settings = Settings(
        token=SecretStr(TOKEN),
        http_port=port,
        http_connections=CONNECTIONS,
        http_per_minute_per_address=1_000_000,
    )
    app = web.build(
        MANIFESTS["membership"],
        settings,
        nobody,
        nobody,
        watcher=OutcomeWatcher(nobody),
        state=Health(Progress()),
    )
    app.include_router(subscribing.routes(nobody, nobody, nobody, nobody, nobody))
    uvicorn.Server(server.configured(app, settings)).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
