"""The licence of exported data: an SPDX name, and where its text is."""

from __future__ import annotations

from typing import Final

NO_LICENCE: Final = "NOASSERTION"
"""What SPDX has for data of which nobody has said under which licence they are."""


def licence_page(licence: str) -> str | None:
    """Where the text of a licence is; None where nobody has given one."""
    return None if licence == NO_LICENCE else f"https://spdx.org/licenses/{licence}"
