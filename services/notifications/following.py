"""Whoever is subscribed for a member that turns out to be a duplicate is so for the one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.membership import MemberAbsorbed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.subscriptions import Subscriptions
    from shared.pipeline.inbound import InboundMessage


class FollowedMembers:
    """Has subscriptions name the member that a duplicate was merged into; a keeper.

    All that is published of it from then on is published of that one.
    """

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Follow mergers; again it changes nothing."""
        for one in read:
            if isinstance(one.event, MemberAbsorbed):
                await self._subscriptions.follow(one.event.member.key, one.event.into.key)
