from __future__ import annotations

from typing import Final

from shared.manifest import Manifest
from tests.toy.contracts import DoorClosed, DoorOpened

MANIFEST: Final = Manifest(
    name="doors",
    package="tests.toy",
    takes=(DoorOpened, DoorClosed),
    publishes=(DoorOpened, DoorClosed),
    port=8009,
)
