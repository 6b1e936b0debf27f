"""What the failure of a connection says of the settings by which it was made."""

from __future__ import annotations

import socket
import ssl
from typing import Final, NamedTuple

from shared.checks.fault import Fault

SECONDS: Final = 5
"""How long one answer may take."""
_NO_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE", "HTTP_REQUEST"}
)
_WRONG_NAME: Final = frozenset({62, 64})
"""The certificate is another host's (`X509_V_ERR_HOSTNAME_MISMATCH`, `…_IP_ADDRESS_MISMATCH`)."""


class Names(NamedTuple):
    """The variables that a connection was made by.

    Attributes:
        address: where it goes.
        trust: whom it trusts.
        tls: whether it is encrypted.
    """

    address: str
    trust: str
    tls: str

    @property
    def with_tls(self) -> str:
        """Those of the address and of its encryption."""
        return ", ".join(dict.fromkeys((self.address, self.tls)))


def fault_of(error: BaseException, names: Names, where: str) -> Fault:
    """What is wrong where a connection failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error, names, where)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return _no_tls(error, names, where)
    if isinstance(error, socket.gaierror):
        host = where.rpartition(":")[0]
        reason = f"there is no host {host!r}, or its name is not known yet"
    elif isinstance(error, ConnectionRefusedError):
        reason = f"nothing listens at {where}: wrong port, or not up yet"
    elif isinstance(error, TimeoutError):
        reason = f"{where} gives no answer: wrong address, or not up yet"
    elif isinstance(error, (ConnectionError, EOFError, ssl.SSLEOFError)):
        reason = f"{where} ends the connection: is it encrypted on one side only?"
        return Fault(names.with_tls, reason, passes=True)
    else:
        reason = f"{where} is not reached: {getattr(error, 'strerror', '') or error}"
    return Fault(names.address, reason, passes=True)


def _untrusted(error: ssl.SSLCertVerificationError, names: Names, where: str) -> Fault:
    if error.verify_code in _WRONG_NAME:
        reason = f"the certificate of {where} is for another name: {error.verify_message}"
        return Fault(names.address, reason)
    return Fault(
        names.trust, f"it does not trust the certificate of {where}: {error.verify_message}"
    )


def _no_tls(error: ssl.SSLError, names: Names, where: str) -> Fault:
    if error.reason in _NO_TLS:
        return Fault(names.with_tls, f"{where} does not speak TLS on this port")
    return Fault(names.tls, f"{where} agrees on no TLS: {error.reason or error}")
