"""The races: who is how fast at the job, with few and many members, by threes, warm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks import competitors
from tests.benchmarks.findings import Aim, Findings
from tests.benchmarks.job import produce
from tests.benchmarks.race import race, rounds
from tests.collector import collector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.benchmarks.race import Result, Stage
    from tests.benchmarks.sizes import Sizes

_HEAD: Final = ("", "events/s", "ratio", "all done after, s", "peak memory, MB")
_LIMITS: Final = (500, 2000)
_WARM: Final = 1 / 3
_WARM_NOTE: Final = "The first third is not measured."


async def engine(stage: Stage, sizes: Sizes) -> Findings:
    """`limit`, `naive` and `ours`, each at its own best batch size."""
    job = await produce(stage.observer, sizes.events, sizes.members)
    bare = [competitors.bare(batch) for batch in _LIMITS]
    all_ours = {competitors.ours(batch).name: batch for batch in sizes.batches}
    with collector() as spans:
        traced = competitors.traced(sizes.batches[0], spans.url)
        racers = [*bare, *(competitors.ours(batch) for batch in sizes.batches), traced]
        results = await rounds(stage, job, racers, sizes.rounds)
    untraced = results[competitors.ours(sizes.batches[0]).name]
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
            Aim("ours with 1 % traced to ours", 0.95, results[traced.name].rate / untraced.rate),
        ),
        bars=tuple((r.name, r.rate) for r in [naive, *results.values()]),
        note=f"Ratio to limit at 500. Median of {sizes.rounds} rounds; naive once, with "
        f"{sizes.naive:,} events. The traced ones sent {len(spans.spans):,} spans.",
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


async def three(stage: Stage, sizes: Sizes) -> Findings:
    """Three processes of ours against one."""
    job = await produce(stage.observer, sizes.long, sizes.members)
    racers = [competitors.ours(stage.best_batch, processes) for processes in (1, 3)]
    one, all_three = [await race(stage, job, racer, _WARM) for racer in racers]
    return Findings(
        f"Three consumers, {sizes.long:,} events, {sizes.members:,} members",
        _HEAD,
        _rows([one, all_three], one.rate),
        aims=(Aim("three consumers to one", 1.5, all_three.rate / one.rate),),
        note=f"Ratio to one. {_WARM_NOTE}",
    )


async def streams(stage: Stage, sizes: Sizes) -> Findings:
    """Kafka Streams, once it is warm."""
    title = f"Kafka Streams, {sizes.long:,} events, {sizes.members:,} members"
    rival = competitors.streams(stage.parts, stage.logs / "streams")
    if rival is None:
        return Findings(title, _HEAD, (), note="Left out: it needs Java and Maven.")
    job = await produce(stage.observer, sizes.long, sizes.members)
    own = await race(stage, job, competitors.ours(stage.best_batch), _WARM)
    other = await race(stage, job, rival, _WARM)
    return Findings(
        title,
        _HEAD,
        _rows([own, other], other.rate),
        aims=(Aim("ours to streams", 0.35, own.rate / other.rate),),
        bars=tuple((f"{result.name}, warm", result.rate) for result in (own, other)),
        note=f"Ratio to streams. {_WARM_NOTE}",
    )


async def backlog(stage: Stage, sizes: Sizes) -> Findings:
    """A long backlog, and how much memory it takes."""
    job = await produce(stage.observer, sizes.backlog, sizes.members)
    result = await race(stage, job, competitors.ours(stage.best_batch), _WARM)
    return Findings(
        f"A backlog of {sizes.backlog:,} events, {sizes.members:,} members",
        ("", "events/s", "all done after, s", "peak memory, MB"),
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
