"""Which ports the lane's parts listen on."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Final

from embedded.errors import LaneError, PortInUse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HIGHEST: Final = 65535


def choose(
    host: str,
    defaults: Mapping[str, int],
    given: Mapping[str, int],
    report: Callable[[str], None],
) -> dict[str, int]:
    """A port for each part: the one that is given, else its default, else a free one.

    Args:
        host: the address to listen on.
        defaults: what is used where nothing is given; a free port takes the place of a taken one.
        given: what somebody asked for; 0 asks for a free one.
        report: gets a line for each default that is taken.

    Raises:
        PortInUse: a port that was asked for is taken.
        LaneError: a port that was asked for is none, or cannot be listened on.
    """
    _check(given)
    wanted = {name: given.get(name, port) for name, port in defaults.items()}
    bound: dict[str, socket.socket] = {}
    try:
        # Those that are asked for first, or a free one could be one of them. All stay bound
        # until all are known, so that no two are the same.
        for name in sorted(wanted, key=lambda name: (not wanted[name], name not in given)):
            bound[name] = _bind(host, name, wanted[name], is_given=name in given)
        chosen = {name: bound[name].getsockname()[1] for name in wanted}
    finally:
        for one in bound.values():
            one.close()
    for name, port in chosen.items():
        if wanted[name] not in {0, port}:
            report(f"port {wanted[name]}, for {name}, is taken: using {port}")
    return chosen


def _check(given: Mapping[str, int]) -> None:
    names: dict[int, str] = {}
    for name, port in given.items():
        if not 0 <= port <= _HIGHEST:
            msg = f"{port}, for {name}, is no port: 1 to {_HIGHEST}, or 0 for a free one."
            raise LaneError(msg)
        if port and names.setdefault(port, name) != name:
            msg = f"port {port} is given twice, for {names[port]} and for {name}."
            raise LaneError(msg)


def _bind(host: str, name: str, port: int, *, is_given: bool) -> socket.socket:
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            msg = f"{name} cannot listen on {host}, port {port}: {error.strerror}."
            raise LaneError(msg) from error
        if not is_given:
            return _bound(host, 0)
        msg = (
            f"port {port}, for {name}, is taken by another program; nothing was started. "
            f"Choose another with --port {name}=N (0 picks a free one)."
        )
        raise PortInUse(msg) from None


def _bound(host: str, port: int) -> socket.socket:
    probe = socket.socket()
    # Connections of an earlier lane that the system still waits for are no reason to refuse.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host, port))
        # Bound alone, a second socket of ours could have it too.
        probe.listen(1)
    except OSError:
        probe.close()
        raise
    return probe
