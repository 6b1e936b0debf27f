from __future__ import annotations

from typing import TYPE_CHECKING

from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.settings import Settings
from shared.web import outcomes
from tests.toy.domain import DECIDER, DOORS, Door
from tests.toy.manifest import MANIFEST
from tests.toy.subscribers import subscribe

if TYPE_CHECKING:
    from fastapi import APIRouter


def build(parts: Parts[Settings]) -> Service[Door]:
    """Wire the service of the parts it is given."""
    routes: APIRouter = outcomes.history(parts.journal, DOORS.kind)
    snapshots = Snapshots(parts.database, DECIDER.states)
    return Service(MANIFEST, subscribe, DECIDER, snapshots, routes)
