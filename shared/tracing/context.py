"""W3C Trace Context: in which trace an event stands, and below which span of it.

It is read here, and not by OpenTelemetry's propagator: of each record, also where nothing is
traced, since a context is carried on in any case. What is malformed is no context, and no error.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PARENT: Final = "traceparent"
STATE: Final = "tracestate"
NAMES: Final = frozenset({PARENT, STATE})
"""Of Kafka's and HTTP's headers, and of the attributes of CloudEvents' extension for tracing."""
_IDS: Final = r"-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_PARENT: Final = re.compile(f"00{_IDS}")
_LATER: Final = re.compile(f"(?!00|ff)[0-9a-f]{{2}}({_IDS})(-.{{0,200}})?")
"""What a later version says first is the same."""
_STATE: Final = re.compile(r"[\x20-\x7e]{1,512}")
_VERSION: Final = "00"
_SAMPLED: Final = 1


class TraceContext(NamedTuple):
    """In which trace something stands, and below which span of it.

    Attributes:
        parent: the trace, the span and whether it is sampled, as `traceparent` has it.
        state: what tracing systems add to it, as `tracestate` has it.
    """

    parent: str
    state: str = ""

    @classmethod
    def of(cls, parent: str, state: str = "") -> TraceContext | None:
        """Read a context; None where it is none. A state that is malformed is left out."""
        if not _PARENT.fullmatch(parent):
            if not (later := _LATER.fullmatch(parent)):
                return None
            parent = f"{_VERSION}{later[1]}"
        if state and not _STATE.fullmatch(state):
            state = ""
        return cls(parent, state)

    @classmethod
    def at(cls, trace: str, span: str, state: str = "") -> TraceContext:
        """That of a span in a trace that is sampled."""
        return cls(f"{_VERSION}-{trace}-{span}-01", state)

    @property
    def trace(self) -> str:
        """The trace's id: 32 hexadecimal digits."""
        return self.parent[3:35]

    @property
    def span(self) -> str:
        """The span's id: 16 hexadecimal digits."""
        return self.parent[36:52]

    @property
    def is_sampled(self) -> bool:
        """Whether whoever began the trace wants to see it."""
        return bool(int(self.parent[53:55], 16) & _SAMPLED)

    def fields(self) -> dict[str, str]:
        """The context by name, as documents have it."""
        return {PARENT: self.parent, **({STATE: self.state} if self.state else {})}

    def headers(self) -> list[tuple[str, bytes]]:
        """Kafka's headers: as transports have them, and as attributes of the CloudEvent."""
        fields = [(name, text.encode()) for name, text in self.fields().items()]
        return [*fields, *((f"ce_{name}", text) for name, text in fields)]


REQUEST: Final[ContextVar[TraceContext | None]] = ContextVar("REQUEST", default=None)
"""That of the request over HTTP that is answered in this moment, if it has one."""


def of_headers(headers: Iterable[tuple[str, bytes | None]]) -> TraceContext | None:
    """The context that headers of a transport have, or, where they have none, of the event."""
    found = {PARENT: "", STATE: "", f"ce_{PARENT}": "", f"ce_{STATE}": ""}
    for name, raw in headers:
        if (lowered := name.lower().replace("-", "_")) in found:
            found[lowered] = (raw or b"").decode("ascii", errors="replace")
    return TraceContext.of(found[PARENT], found[STATE]) or TraceContext.of(
        found[f"ce_{PARENT}"], found[f"ce_{STATE}"]
    )
