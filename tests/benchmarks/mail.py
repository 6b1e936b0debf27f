"""E-mail: the real Mailer beside bare aiosmtplib with as many connections, to the same sink."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from services.notifications.deliveries import Deliveries
from services.notifications.subscriptions import Subscriptions
from shared.contracts.notifications import Detail, NotificationQueued, Recipients
from tests.benchmarks.findings import Aim, Findings
from tests.benchmarks.race import rate, running
from tests.containers import free_port
from tests.parts import eventually
from tests.wishes import newcomer

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from tests.benchmarks.race import Stage
    from tests.benchmarks.sizes import Sizes

WORKERS: Final = 4
_PEOPLE: Final = 50
_HEADERS: Final = {
    "PUBLIC_URL": "https://coalition.example",
    "LINK_KEYS": "a-key-of-the-benchmark-0123456789",
    "MAIL_BOUNCE_ADDRESS": "bounces@coalition.example",
}
"""With these an e-mail has all header fields, links of its own, and a sender of its own."""


async def mail(stage: Stage, sizes: Sizes) -> Findings:
    """The same number of e-mails, sent by each."""
    database = f"bench_{uuid.uuid4().hex[:8]}"
    await _queue(stage.client[database], sizes.mails)
    bare = await _sent(stage, "bare", database, sizes.mails)
    own = await _sent(stage, "mailer", database, sizes.mails)
    await stage.client.drop_database(database)
    return Findings(
        f"{sizes.mails:,} e-mails on {WORKERS} connections",
        ("", "deliveries/s"),
        (("bare aiosmtplib", f"{bare:,.0f}"), ("Mailer", f"{own:,.0f}")),
        aims=(Aim("Mailer to bare aiosmtplib", 0.4, own / bare),),
    )


async def _queue(database: AsyncDatabase[dict[str, Any]], count: int) -> None:
    """Have deliveries queued as the engine does."""
    deliveries, subscriptions = Deliveries(database), Subscriptions(database)
    await deliveries.prepare()
    await subscriptions.prepare()
    people = []
    for number in range(_PEOPLE):
        wanted = newcomer(f"p{number}@example.org", f"Person {number}")
        people.append((await subscriptions.add(wanted)).id)
    told = Recipients(how="at once", rule="own-012345678901", subscriptions=tuple(people))
    queued = NotificationQueued(
        notification="bench",
        event_type="coalition.plans.CommitmentUpdated.v1",
        decided=datetime.now(UTC),
        about="de-city-town-1",
        kind="CommitmentUpdated",
        headline="Town 1 reports on its commitment 3",
        details=(Detail(label="Commitment", text="An office for equal treatment"),),
        recipients=(told,),
    )
    for number in range(count // _PEOPLE):
        await deliveries.queue([queued.model_copy(update={"notification": f"bench-{number}"})])


async def _sent(stage: Stage, who: str, database: str, count: int) -> float:
    """Deliveries a second, by the sink's clock."""
    port, out = free_port(), stage.logs / f"{who}.json"
    sink = (sys.executable, "-m", "tests.benchmarks.smtp_sink", str(port), str(out))
    more = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "MAIL_WORKERS": WORKERS, **_HEADERS}
    environment = stage.environment(database, **more)
    sender = (sys.executable, "-m", "tests.benchmarks.senders", who, str(count))
    with running(stage, "sink", sink, [environment]):
        await eventually(lambda: _listens(port))
        with running(stage, who, sender, [environment]) as those:
            await eventually(lambda: _ended(those.processes[0]), 600)
    arrivals = json.loads(out.read_text())
    if len(arrivals) != count:
        msg = f"{who} sent {len(arrivals)} of {count} e-mails: {those.log.read_text()[-2000:]}"
        raise RuntimeError(msg)
    return rate(arrivals, WORKERS)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _ended(process: Any) -> bool:
    return process.poll() is not None
