"""The services that there are. Whatever is listed for each of them elsewhere is made of this."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from services.membership.manifest import MANIFEST as MEMBERSHIP
from services.notifications.manifest import MANIFEST as NOTIFICATIONS
from services.plans.manifest import MANIFEST as PLANS
from shared.access.tokens import Tokens
from shared.contracts import catalogue
from shared.environment import PREFIX, WrongSettings, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import Event
    from shared.manifest import Manifest
    from shared.settings import Settings

MANIFESTS: Final[Mapping[str, Manifest]] = MappingProxyType(
    {manifest.name: manifest for manifest in (MEMBERSHIP, PLANS, NOTIFICATIONS)}
)
EVENTS: Final[Mapping[str, type[Event]]] = catalogue.by_type(
    *(event for manifest in MANIFESTS.values() for event in manifest.publishes)
)
"""Every event type that some service publishes."""
TAKEN: Final[Mapping[str, type[Event]]] = catalogue.by_type(
    *(event for manifest in MANIFESTS.values() for event in manifest.takes)
)
"""Every event type that some inbox takes."""


def settings_of(name: str) -> Settings:
    """A service's settings, from the environment; those of the other services may stand there too.

    Raises:
        WrongSettings: something is wrong with them.
    """
    settings = _loaded(name)
    if settings.tokens_file:
        try:
            Tokens.load(settings.tokens_file).check_services(MANIFESTS)
        except ValueError as error:
            raise WrongSettings([f"{PREFIX}TOKENS_FILE: {error}"]) from None
    return settings


def _loaded(name: str) -> Settings:
    fields = {field.upper() for m in MANIFESTS.values() for field in m.settings.model_fields}
    names = {f"{other.upper()}_URL" for other in MANIFESTS}
    settings = load(MANIFESTS[name].settings, beside=fields | names)
    try:
        settings.publishers.check_types(TAKEN)
    except ValueError as error:
        raise WrongSettings([f"{PREFIX}PUBLISHERS_FILE: {error}"]) from None
    return settings


def inbox_of(event_type: str) -> str | None:
    """The inbox that takes a type of event; None where no service does."""
    return next(
        (catalogue.inbox(m.name) for m in MANIFESTS.values() if event_type in m.inbox), None
    )
