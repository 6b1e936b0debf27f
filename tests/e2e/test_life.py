"""How a service's process ends: at its start, and told to while its parts are not there."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.containers import free_port
from tests.parts import Parts, eventually
from tests.system import SERVICES, environment

if TYPE_CHECKING:
    from pathlib import Path


def started(parts: Parts, output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services", SERVICES[0]],
            env=environment(parts, free_port()),
            stdout=log,
            stderr=log,
        )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
async def test_told_to_end_during_its_start_it_ends_well_and_at_once(
    parts: Parts, tmp_path: Path, how: signal.Signals
) -> None:
    nowhere = Parts(f"127.0.0.1:{free_port()}", parts.mongodb, "localhost", 9, "")
    output = tmp_path / "log"
    process = started(nowhere, output)

    async def looks_for_kafka() -> bool:
        return b"not_usable" in output.read_bytes()

    try:
        await eventually(looks_for_kafka)
        process.send_signal(how)
        assert process.wait(timeout=20) == 0, output.read_text()
    finally:
        process.kill()
    assert b"Traceback" not in output.read_bytes()
