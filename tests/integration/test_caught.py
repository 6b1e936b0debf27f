"""Names and subjects in any script as another maker's mail server reads them: Mailpit, in Go.

On the embedded lane it is the catcher, which reads with Python's own parser.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx

from tests.post import post
from tests.texts import TEXTS, carried

if TYPE_CHECKING:
    from tests.parts import Parts


def told(message: dict[str, Any]) -> tuple[str, str]:
    """The subject and the one recipient, as either of the two shows them."""
    if "Subject" in message:
        (to,) = message["To"]
        assert not message["Cc"]
        assert not message["Bcc"]
        return message["Subject"], f"{to['Name']} <{to['Address']}>"
    (to,) = message["to"]
    return message["subject"], to


def words(text: str) -> str:
    """A text as a list shows it, where blanks are not counted."""
    return " ".join(text.split())


async def test_any_name_and_subject_is_read_as_it_was_written(parts: Parts) -> None:
    run = uuid.uuid4().hex[:12]
    async with post(parts) as here:
        sent = dict[str, tuple[str, str | None]]()
        for number, text in enumerate(TEXTS.values()):
            if "\ud800" in text:
                continue  # no store holds it
            address = f"{run}-{number}@example.org"
            subject = text[:250] + " ."
            await here.due(number, name=text, headline=subject, address=address)
            # Mailpit decodes a name twice: what looks like an encoded word is one to it.
            name = None if "=?" in text else words(carried(text))
            sent[address] = (words(carried(subject)), name)
        smtp: dict[str, Any] = {"smtp_host": parts.smtp_host, "smtp_port": parts.smtp_port}
        counts = await here.send_due(here.mailer(**smtp, smtp_client_name="tests"))
        assert counts == {"sent": len(sent)}

    async with httpx.AsyncClient() as http:
        answer = await http.get(parts.messages, params={"limit": 1000})
    listed = [told(message) for message in answer.json()["messages"]]
    read = dict[str, tuple[str, str | None]]()
    for subject, to in listed:
        shown, _, address = to.rpartition("<")
        if (address := address.removesuffix(">")) in sent:
            read[address] = (words(subject), sent[address][1] and words(shown))
    assert read == sent
