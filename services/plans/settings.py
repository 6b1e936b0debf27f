"""Settings of plans, besides those that every service has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.settings import Seconds, Settings


class PlansSettings(Settings):
    """What plans needs to know, besides.

    Attributes:
        sweep_seconds: how often the sweeper looks at what may be due.
    """

    sweep_seconds: Annotated[Seconds, Field(le=86_400)] = 30
