"""Keys that e-mails can be sealed with (DKIM), by what a setting has."""

from __future__ import annotations

from typing import Final

from dkim.crypto import parse_pem_private_key

LEAST_BITS: Final = 1024
"""A shorter key is worth nothing to whoever verifies (RFC 8301)."""


class BadKey(ValueError):
    """A key that no e-mail can be sealed with; the reason repeats nothing of it."""


def checked(key: str) -> str:
    """A key, if e-mails can be sealed with it.

    Raises:
        BadKey: it is none, or too short.
    """
    try:
        found = parse_pem_private_key(key.encode())
        modulus = int(found["modulus"])
        whole = modulus == found["prime1"] * found["prime2"]
    except Exception:  # noqa: BLE001 - the library raises anything of what is no key
        whole, modulus = False, 0
    if not whole:
        raise BadKey("no private key of RSA in PEM, as `openssl genrsa 2048` makes it")
    if modulus.bit_length() < LEAST_BITS:
        raise BadKey(f"a key of {LEAST_BITS} bits at least; 2048 are usual")
    return key
