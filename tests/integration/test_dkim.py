"""E-mails sealed with DKIM, as a mail server gets them and another library verifies them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from tests.clients import dkim_go
from tests.post import post
from tests.seals import SELECTOR, sealing_key
from tests.smtp import scripted_server

if TYPE_CHECKING:
    from tests.parts import Parts

KEY: Final = sealing_key()
NAME: Final = f"{SELECTOR}._domainkey.coalition.example"
SETTINGS: Final[dict[str, Any]] = {
    "mail_from": "Coalition <news@coalition.example>",
    "mail_dkim_key": KEY.pem,
    "mail_dkim_selector": SELECTOR,
    "mail_bounce_address": "bounces@coalition.example",
    "public_url": "https://coalition.example",
    "link_keys": "k" * 32,
}


async def test_another_library_verifies_what_a_mail_server_got(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        odd = ["Bonn signed", ".\n..\n.x", "تونس وقّعت", "x " * 200]
        for number, headline in enumerate(odd):
            await here.due(number, headline=headline)
        sent = await here.send_due(here.mailer(smtp_port=server.port, **SETTINGS))
        assert sent == {"sent": len(odd)}

    for content in server.contents:
        (found,) = await asyncio.to_thread(dkim_go, content, NAME, KEY.record)
        assert (found["Domain"], found["Wrong"]) == ("coalition.example", "")
        fields = {name.lower() for name in found["Fields"]}
        # What RFC 8058 wants: both under the signature.
        assert {"list-unsubscribe", "list-unsubscribe-post", "from", "date"} <= fields
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content
    one = next(content for content in server.contents if b"Bonn signed" in content)
    forged = one.replace(b"Bonn signed", b"Bonn sighed")
    (found,) = await asyncio.to_thread(dkim_go, forged, NAME, KEY.record)
    assert found["Wrong"]


async def test_without_a_key_the_relay_may_seal_them(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        await here.due(1)
        assert await here.send_due(here.mailer(smtp_port=server.port)) == {"sent": 1}
    assert not any(b"DKIM-Signature" in content for content in server.contents)
