"""What an outside producer sends, made from a seed, and what must become of it.

Order per member is kept by the key, so what must come out does not depend on how the partitions
interleave: the pure domain, told the same events in the same order, says it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from services.plans.domain import DECIDER
from shared import cloudevents
from shared.contracts import catalogue
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import CommitmentUpdated, PlanPublished
from shared.domain.decider import Refused
from shared.journal.entry import Outcome
from shared.kafka.producer import Outgoing
from shared.pipeline.headers import JUDGED_AS_HEADER, OURS, REPLAY_HEADER
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka import ConsumerRecord

    from services.plans.domain import State
    from shared.cloudevents import Headers
    from shared.contracts.base import Event
    from shared.domain.stream import Stream

SOURCE: Final = "urn:test:load"
INBOX: Final = catalogue.inbox("plans")
COALITION: Final = "load"
DUPLICATES: Final = 0.02
POISON: Final = 0.01
OUT_OF_ORDER: Final = 0.1
STATUSES: Final = ("planned", "in progress", "substantially done", "completed", "stalled")
PLAN: Final = PlanPublished(
    coalition=COALITION, version=1, commitments=tuple(f"Commitment {n}" for n in range(1, 11))
)


def event_record(event: Event, id_: str, topic: str = INBOX) -> Outgoing:
    """An event of ours as a record, keyed by its subject."""
    body = event.model_dump_json(exclude_none=True).encode()
    source = SOURCE if topic == INBOX else catalogue.source("membership")
    said = {"subject": event.subject, "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
    named = {} if topic == INBOX else said  # as their owner says it
    headers = cloudevents.binary_headers(source=source, id_=id_, type_=event.type, extensions=named)
    return Outgoing(topic, event.subject.encode(), body, headers)


def signed(town: str) -> CitySigned:
    """A town is a member, as membership tells it."""
    ref = MemberRef(name=town, country="DE", kind="city")
    return CitySigned(coalition=COALITION, member=ref, signed="2019", state="member")


def just_signed(town: str) -> CitySigned:
    """Likewise, since today: of what is older people hear in a digest."""
    return signed(town).model_copy(update={"signed": f"{datetime.now(UTC):%Y-%m-%d}"})


def poison(number: int) -> dict[str, tuple[bytes | None, Headers]]:
    """One record of every kind that cannot be accepted, as body and headers."""
    update: dict[str, Any] = {
        "member": {"id": "de-city-town-0"},
        "point": 1,
        "status": "planned",
        "as_of": "2020",
    }

    def told(changed: dict[str, Any], **headers: bytes | None) -> tuple[bytes | None, Headers]:
        base = dict(
            cloudevents.binary_headers(
                source=SOURCE, id_=f"poison-{number}", type_=CommitmentUpdated.type
            )
        )
        # aiokafka's producer takes a null header, though its types do not say so.
        all_headers: Any = list({**base, **headers}.items())
        return json.dumps({**update, **changed}).encode(), all_headers

    return {
        "no JSON": (b"\x00\xff unparsable", []),
        "tombstone": (None, []),
        "no event": (b"{}", []),
        "header no text": told({}, ce_id=b"\xff\xfe"),
        "header null": told({}, ce_source=None),
        "control character": told({}, ce_id=b"a\x00b"),
        "too large": (b"x" * (300 * 1024), []),
        "unknown type": told({}, ce_type=b"coalition.plans.NoSuchThing.v1"),
        "breaks its contract": told({"point": 11}),
        "number too large": told({"point": 2**70}),
        "half a character": told({"note": "\ud800"}),
        "refused by a rule": told({"member": {"id": "de-city-nowhere"}}),
        "from the future": told({"as_of": "9999"}),
    }


class Load:
    """Makes records and folds what must become of them.

    Args:
        seed: the same one makes the same records.
        towns: how many members report.
        duplicates: the share of records that repeat an earlier one.
        poison: the share of records that cannot be accepted.

    Attributes:
        outcomes: how many must be accepted, unchanged and rejected.
        duplicates: how many are a publisher's repetitions.
        told: what must be published about each subject, in order.
    """

    def __init__(
        self,
        seed: int,
        towns: int = 300,
        duplicates: float = DUPLICATES,
        poison: float = POISON,
    ) -> None:
        self._shares = (duplicates, poison)
        self.outcomes: Counter[Outcome] = Counter()
        self.duplicates = 0
        self.told: dict[str, list[Event]] = defaultdict(list)
        self.made = 0
        self._random = Random(seed)  # noqa: S311 - nothing secret
        self._folded: Folded[State] = Folded(DECIDER)
        self._towns = [f"Town {n}" for n in range(towns)]
        self._replayed: set[str] = set()
        self._sent: deque[Outgoing] = deque(maxlen=2000)

    @property
    def states(self) -> dict[Stream, State]:
        """How each aggregate must be in the end, by its stream."""
        return self._folded.states

    def plan(self) -> Outgoing:
        """The plan under which all towns report."""
        return self._say(PLAN, "plan")

    def signatures(self) -> list[Outgoing]:
        """All towns join; to be sent when the plan is known."""
        topic = catalogue.events("membership")
        return [
            self._say(signed(town), f"signed-{town}".replace(" ", "-"), topic)
            for town in self._towns
        ]

    def more(self, count: int) -> list[Outgoing]:
        """The next records, to be sent in this order."""
        return [self._next() for _ in range(count)]

    def poisoned(self, count: int) -> list[Outgoing]:
        """Nothing but poison, of every kind in turn."""
        return [self._poison() for _ in range(count)]

    def replayed(self, rejected: Sequence[ConsumerRecord]) -> list[Outgoing]:
        """What plans sends itself for `coalition rejected replay` of each of these records."""
        return [self._replay(record) for record in rejected]

    def _replay(self, record: ConsumerRecord) -> Outgoing:
        said = {k: v.decode(errors="replace") for k, v in record.headers if k.startswith(OURS)}
        origin = said["coalition-rejected-origin"]
        if said["coalition-rejected-code"] not in {"rule", "reused"}:
            self.outcomes[Outcome.REJECTED] += 1  # what cannot be read has no identity
        elif origin in self._replayed:
            self.duplicates += 1
        else:
            self._replayed.add(origin)
            self._tell(CommitmentUpdated.model_validate_json(record.value))
        kept = [(k, v) for k, v in record.headers if not k.startswith(OURS)]
        kept += [
            (REPLAY_HEADER, origin.encode()),
            (JUDGED_AS_HEADER, origin.rsplit("/", 2)[0].encode()),
        ]
        return Outgoing(catalogue.self_topic("plans"), record.key, record.value, kept)

    def _next(self) -> Outgoing:
        dice, (duplicates, poison) = self._random.random(), self._shares
        if dice < duplicates and self._sent:
            return self._again()
        if dice < duplicates + poison:
            return self._poison()
        event = self._update()
        record = self._say(event, f"update-{self.made}")
        self._sent.append(record)
        return record

    def _update(self) -> CommitmentUpdated:
        day = date(2020, 1, 1) + timedelta(days=min(self.made // 20, 1800))
        if self._random.random() < OUT_OF_ORDER:
            day -= timedelta(days=self._random.randrange(400))
        return CommitmentUpdated.model_validate(
            {
                "member": {"id": signed(self._random.choice(self._towns)).subject},
                "point": self._random.randint(1, 10),
                "status": self._random.choice(STATUSES),
                "as_of": day.isoformat(),
                "note": f"Figures are in the yearly report of the city, number {self.made}.",
            }
        )

    def _say(self, event: Event, id_: str, topic: str = INBOX) -> Outgoing:
        self.made += 1
        self._tell(event)
        return event_record(event, id_, topic)

    def _tell(self, event: Event) -> None:
        try:
            told: Sequence[Event] = self._folded.tell(event)
        except Refused:
            self.outcomes[Outcome.REJECTED] += 1
        else:
            self.outcomes[Outcome.ACCEPTED if told else Outcome.UNCHANGED] += 1
            self.told[event.subject].extend(told)

    def _again(self) -> Outgoing:
        self.made += 1
        self.duplicates += 1
        return self._random.choice(self._sent)

    def _poison(self) -> Outgoing:
        self.made += 1
        self.outcomes[Outcome.REJECTED] += 1
        kinds = list(poison(self.made).values())
        chosen = self.made % (len(kinds) + 1)
        if chosen == len(kinds) and self._sent:
            return self._reused()
        body, headers = kinds[chosen % len(kinds)]
        return Outgoing(INBOX, str(self.made).encode(), body, headers)

    def _reused(self) -> Outgoing:
        """An id that was used before, with another body."""
        first = self._random.choice(self._sent)
        body = json.dumps({**json.loads(first.value or b""), "note": f"Reused {self.made}"})
        return Outgoing(first.topic, first.key, body.encode(), first.headers)
