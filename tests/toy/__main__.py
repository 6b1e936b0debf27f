"""`python -m tests.toy`: run the service."""

from __future__ import annotations

import asyncio

from shared.service import run
from tests.toy.manifest import MANIFEST

asyncio.run(run(MANIFEST, MANIFEST.settings()))
