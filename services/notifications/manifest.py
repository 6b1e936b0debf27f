"""What notifications is."""

from __future__ import annotations

from typing import Final

from services.notifications import restoring
from services.notifications.checks import MailboxCheck, MailCheck
from services.notifications.domain import NOTIFIED, ONLY_LISTED
from services.notifications.settings import NotificationsSettings
from shared.contracts.notifications import BY_ITSELF, EVENTS, INBOX
from shared.manifest import Manifest

MANIFEST: Final = Manifest(
    name="notifications",
    package="services.notifications",
    takes=INBOX,
    tells_itself=BY_ITSELF,
    publishes=EVENTS,
    reads={"membership": (*NOTIFIED, *ONLY_LISTED), "plans": (*NOTIFIED, *ONLY_LISTED)},
    port=8003,
    settings=NotificationsSettings,
    checks=(MailCheck, MailboxCheck),
    after_restore=restoring.doubt,
)
