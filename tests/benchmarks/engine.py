"""The races: who is how fast at the job, alone, with few and many members, in threes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks import competitors
from tests.benchmarks.findings import Aim, Findings
from tests.benchmarks.job import produce
from tests.benchmarks.race import race, rounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.benchmarks.race import Result, Stage
    from tests.benchmarks.sizes import Sizes

_HEAD: Final = ("", "events/s", "to limit at 500", "viewable after, s", "peak memory, MB")
_LIMITS: Final = (500, 2000)
_WARM: Final = 1 / 3


async def engine(stage: Stage, sizes: Sizes) -> Findings:
    """`limit`, `naive` and `ours`, each at its own best batch size."""
    job = await produce(stage.observer, sizes.events, sizes.members)
    bare = [competitors.bare(batch) for batch in _LIMITS]
    all_ours = {competitors.ours(batch).name: batch for batch in sizes.batches}
    racers = [*bare, *(competitors.ours(batch) for batch in sizes.batches)]
    results = await rounds(stage, job, racers, sizes.rounds)
    few = await produce(stage.observer, sizes.naive, sizes.members)
    naive = await race(stage, few, competitors.one_by_one())
    best = max((results[name] for name in all_ours), key=lambda result: result.rate)
    stage.best_batch = all_ours[best.name]
    limits = {batch: results[f"limit at {batch}"].rate for batch in _LIMITS}
    return Findings(
        f"{sizes.events:,} events, {sizes.members:,} members",
        _HEAD,
        _rows([naive, *results.values()], limits[500]),
        aims=(
            Aim("ours to limit at 500", 0.8, best.rate / limits[500]),
            Aim("ours to limit at 2000", 0.6, best.rate / limits[2000]),
            Aim("ours to naive", 50, best.rate / naive.rate),
        ),
        bars=tuple((r.name, r.rate) for r in [naive, *results.values()]),
        note=f"Median of {sizes.rounds} rounds; naive once, with {sizes.naive:,} events.",
    )


async def members(stage: Stage, sizes: Sizes) -> Findings:
    """The same with few members and with many."""
    racers = [competitors.bare(2000), competitors.ours(stage.best_batch)]
    rows: list[tuple[str, ...]] = []
    rates = {}
    for count in (sizes.few, sizes.members, sizes.many):
        job = await produce(stage.observer, sizes.events, count)
        limit, own = (await rounds(stage, job, racers, sizes.rounds)).values()
        rates[count] = own.rate
        figures = (limit.rate, own.rate)
        rows.append((f"{count:,}", *(f"{f:,.0f}" for f in figures), f"{own.rate / limit.rate:.2f}"))
    reached = rates[sizes.many] / rates[sizes.members]
    return Findings(
        f"Few and many members, {sizes.events:,} events",
        ("members", *(f"{racer.name}, events/s" for racer in racers), "ratio"),
        tuple(rows),
        aims=(Aim(f"{sizes.many:,} members to {sizes.members:,}", 0.8, reached),),
        note=f"Median of {sizes.rounds} rounds.",
    )


async def long(stage: Stage, sizes: Sizes) -> Findings:
    """Kafka Streams, and three processes of ours, warm."""
    job = await produce(stage.observer, sizes.long, sizes.members)
    batch = stage.best_batch
    racers = [competitors.bare(500), competitors.ours(batch), competitors.ours(batch, processes=3)]
    results = [await race(stage, job, racer, _WARM) for racer in racers]
    limit, one, three = results
    aims = [Aim("three consumers to one", 1.5, three.rate / one.rate)]
    note = "The first third is not measured."
    if streams := competitors.streams(stage.parts, stage.logs / "streams"):
        results.append(await race(stage, job, streams, _WARM))
        aims.append(Aim("ours to streams", 0.35, one.rate / results[-1].rate))
    else:
        note += " Kafka Streams was left out: it needs Java and Maven."
    return Findings(
        f"{sizes.long:,} events, {sizes.members:,} members, warm",
        _HEAD,
        _rows(results, limit.rate),
        aims=tuple(aims),
        bars=tuple((f"{result.name}, warm", result.rate) for result in results),
        note=note,
    )


async def backlog(stage: Stage, sizes: Sizes) -> Findings:
    """A long backlog, and how much memory it takes."""
    job = await produce(stage.observer, sizes.backlog, sizes.members)
    result = await race(stage, job, competitors.ours(stage.best_batch), _WARM)
    return Findings(
        f"A backlog of {sizes.backlog:,} events, {sizes.members:,} members",
        ("", "events/s", "viewable after, s", "peak memory, MB"),
        (
            (
                result.name,
                f"{result.rate:,.0f}",
                f"{result.behind:.1f}",
                f"{result.peak:,.0f}",
            ),
        ),
        aims=(Aim("resident memory under a backlog, MB", 200, result.peak, at_most=True),),
    )


def _rows(results: Iterable[Result], limit: float) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (r.name, f"{r.rate:,.0f}", f"{r.rate / limit:.3f}", f"{r.behind:.1f}", f"{r.peak:,.0f}")
        for r in results
    )
