"""`python -m tests.toy`: run the service."""

from __future__ import annotations

import asyncio

from shared.process import run
from tests.toy.manifest import MANIFEST

asyncio.run(run(MANIFEST, MANIFEST.settings()))
