"""Keys for DKIM, made for a test, and the record under which the public half is found."""

from __future__ import annotations

from base64 import b64encode
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SELECTOR: Final = "coalition2026"


class SealingKey(NamedTuple):
    """A private key in PEM, and the TXT record that whoever verifies reads."""

    pem: str
    record: str


def sealing_key(bits: int = 2048, *, old: bool = False) -> SealingKey:
    """A key of RSA, as openssl writes it today (PKCS#8) or wrote it (PKCS#1)."""
    key = rsa.generate_private_key(65537, bits)
    encoding, nothing = serialization.Encoding.PEM, serialization.NoEncryption()
    form = serialization.PrivateFormat
    pem = key.private_bytes(encoding, form.TraditionalOpenSSL if old else form.PKCS8, nothing)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return SealingKey(pem.decode(), f"v=DKIM1; k=rsa; p={b64encode(public).decode()}")
