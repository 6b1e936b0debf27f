"""The load of `make faults` on a cluster: poured by an outside producer, and counted in the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx

from services.notifications.subscription import NewSubscription, Wish
from services.notifications.subscriptions import Subscriptions
from shared.contracts import catalogue
from tests.fakes.load import COALITION, Load, just_signed
from tests.faults import figures
from tests.faults.invariants import account, compare
from tests.faults.watch import watching
from tests.faults.world import World
from tests.parts import Parts, eventually
from tests.post import Post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from shared.kafka.producer import Outgoing
    from tests.faults.watch import Watch
    from tests.kube.cluster import Cluster

PEOPLE: Final = 2
TOWNS: Final = 300
_CHUNK: Final = 500
_JOINING: Final = 5
"""Towns that join with each chunk: of each of them every person gets one e-mail."""
_AHEAD: Final = 4000
"""Records that may lie before plans: always some, so that whatever breaks meets work."""


class Joining(Load):
    """The load, in which towns join all the while; of these nothing is reported."""

    joined = 0

    def join(self, count: int) -> list[Outgoing]:
        """The next towns join, as membership publishes it."""
        names = [f"Late {self.joined + n}" for n in range(count)]
        self.joined += count
        topic = catalogue.events("membership")
        return [self._say(just_signed(name), name.replace(" ", "-"), topic) for name in names]


@dataclass(slots=True)
class Pouring:
    """A load under way, and the model of what it must come to."""

    world: World
    load: Joining
    watch: Watch
    mail: str
    _before: Counter[str] = field(default_factory=Counter[str])

    async def begin(self) -> None:
        """Have people subscribe, the plan published, and all towns of the load join."""
        await eventually(self._topics_are_there, 60, every=1)
        async with self.world.database("notifications") as database:
            subscriptions = Subscriptions(database)
            for number in range(PEOPLE):
                person = NewSubscription(
                    name="Somebody",
                    address=f"person-{number}@example.org",
                    role="observer",
                    rules=(
                        Wish(coalitions=(COALITION,), kinds=("CitySigned",), how="at once"),
                        Wish(how="never"),
                    ),
                )
                await subscriptions.add(person)
        await self.world.produce([self.load.plan()])
        await self.world.read_down("plans")
        await self.world.produce(self.load.signatures())
        await self.world.read_down("plans")

    async def pour(self, count: int, ahead: int = _AHEAD) -> None:
        """Send so many records, in step with plans."""
        for start in range(0, count, _CHUNK):
            await self.world.produce(self.load.join(_JOINING))
            await self.world.produce(self.load.more(min(_CHUNK, count - start)))
            await self.world.read_down("plans", ahead)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pour all the while that the block runs; in it nobody else may, or their order is lost."""
        ended = asyncio.Event()

        async def go_on() -> None:
            while not ended.is_set():
                await self.pour(_CHUNK)

        async with asyncio.TaskGroup() as group:
            group.create_task(go_on())
            try:
                yield
            finally:
                ended.set()

    async def passed(self, count: int) -> None:
        """Wait until so many more records were made, while the load is `running`."""
        enough = self.load.made + count

        async def so() -> bool:
            return self.load.made >= enough

        await eventually(so, 240)

    async def check(self, scenario: str, faults: str, began: float) -> None:
        """Wait until all is read and sent, and check all that must hold; the figures are kept."""
        for service in ("plans", "notifications"):
            await self.world.read_down(service)
        await eventually(self._all_ended, 240, every=1)
        await self.watch.look()
        found = await compare(self.world, self.load)
        found.lost += self.watch.premature
        found.lost += (await account(self.world, "notifications")).lost
        emails, problems = await self._emails()
        found.lost += problems
        now = Counter(
            events=found.produced,
            repeated=found.repeated,
            duplicates=found.duplicates,
            rejected=found.outcomes["rejected"],
        )
        new, self._before = now - self._before, now
        figures.note(
            figures.Row(
                scenario=scenario,
                faults=faults,
                lost=len(found.lost),
                emails=emails,
                seconds=time.monotonic() - began,
                **{name: new[name] for name in now},
            )
        )
        assert not found.lost, found.lost[:10]

    async def _topics_are_there(self) -> bool:
        wanted = {
            topic for s in ("membership", "plans", "notifications") for topic in catalogue.topics(s)
        }
        return wanted <= set(await self.world.admin.list_topics())

    async def _states(self) -> Counter[str]:
        return Counter(
            one["state"] for one in await self.world.stored("notifications", "deliveries")
        )

    async def _all_ended(self) -> bool:
        states = await self._states()
        return not states["queued"] + states["sending"]

    async def _emails(self) -> tuple[str, list[str]]:
        """How the deliveries ended, and what is wrong with that or with what was caught."""
        states = await self._states()
        caught = await self._caught()
        taken = Counter(message["MessageID"] for message in caught)
        problems = [f"{id_} was mailed {n} times" for id_, n in taken.items() if n > 1]
        problems += await self._told()
        if not states["sent"] <= len(taken) <= states["sent"] + states["unknown"]:
            problems.append(f"{len(taken)} e-mails were caught, {dict(states)} noted")
        return f"{states['sent']:,} sent, {states['unknown']} unknown", problems

    async def _told(self) -> list[str]:
        """Who joined before waits for a digest; of each that joins everybody is told, once."""
        async with self.world.database("notifications") as database:
            told = await Post(database).told()
        wanted = {"waiting": TOWNS * PEOPLE, "told": self.load.joined * PEOPLE}
        found = {"waiting": told["waiting"], "told": told["sent"] + told["unknown"]}
        if found == wanted and told.total() == sum(wanted.values()):
            return []
        return [f"{dict(told)} in the place of {wanted}"]

    async def _caught(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with httpx.AsyncClient() as client:
            while True:
                page = {"start": len(found), "limit": 1000}
                answer = await client.get(f"{self.mail}/api/v1/messages", params=page)
                messages = answer.raise_for_status().json()["messages"]
                found += messages
                if not messages:
                    return found


@asynccontextmanager
async def pouring(cluster: Cluster, logs: Path, kafka_port: int) -> AsyncIterator[Pouring]:
    """A load for this release, over ports of this machine that lead to its parts."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(cluster.forward("kafka", kafka_port, kafka_port))
        store = await stack.enter_async_context(cluster.forward("mongodb", 27017))
        mail = await stack.enter_async_context(cluster.forward("mail", 8025))
        password = await cluster.secret("mongodb", "root")
        uri = f"mongodb://root:{password}@127.0.0.1:{store}/?directConnection=true"
        parts = Parts(f"localhost:{kafka_port}", uri, "", 0, f"http://127.0.0.1:{mail}")
        world = await stack.enter_async_context(World(parts, logs, 10_000).connected())
        watch = await stack.enter_async_context(watching(world, "plans"))
        here = Pouring(world, Joining(seed=1, towns=TOWNS), watch, parts.messages)
        await here.begin()
        yield here
