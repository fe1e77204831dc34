"""`selftest`: the proof, on this machine."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.documents import write_document
from bot.cli.session import Session, pass_session

if TYPE_CHECKING:
    from bot.selftest.proof import Proof
    from bot.selftest.verdict import Tally

#: How many violations are told one by one.
_TOLD = 20


@click.command(name="selftest")
@click.option("--kills", type=click.IntRange(1), default=2000, metavar="N", help="How many workers to kill.")
@click.option(
    "--seed", type=click.IntRange(0), metavar="S", help="Where its dice begin; by chance if left out."
)
@click.option(
    "--networks", metavar="LIST", help="Which networks are played, e.g. x,telegram; all unless given."
)
@click.option("--database", metavar="URL", help="An empty PostgreSQL database; SQLite unless given.")
@options.as_json
@pass_session
def selftest(
    session: Session,
    *,
    kills: int,
    seed: int | None,
    networks: str | None,
    database: str | None,
    as_json: bool,
) -> int:
    """Kill workers in the middle of sending; see that nothing is sent twice, lost, or falsely called sent.

    Everything happens in a folder of its own that is gone afterwards, against fake networks on this machine;
    two in five of their requests fail. No setting is read and no data is touched. 2,000 kills take about a
    minute.

    \b
    Example:
      campaign-bot selftest --kills 2000
    """
    from bot.selftest.client import run_proof
    from bot.selftest.proof import Plan

    if database is not None and not database.startswith("postgresql"):
        raise click.BadParameter("name a PostgreSQL database, postgresql://…", param_hint="--database")
    seed = secrets.randbelow(2**31) if seed is None else seed
    plan = Plan(times=kills, seed=seed, networks=_named(networks), database_url=database)
    with session.progress("killing workers", total=kills) as advance:
        proof = run_proof(plan, on_time=advance)
    if as_json:
        write_document(_document(proof))
    else:
        _print(session, proof)
    for violation in proof.verdict.violations[:_TOLD]:
        session.complain(str(violation))
    if len(proof.verdict.violations) > _TOLD:
        session.complain(f"… and {len(proof.verdict.violations) - _TOLD} more")
    return 1 if proof.verdict.violations else 0


def _named(networks: str | None) -> tuple[str, ...]:
    from bot.selftest.networks import NETWORKS

    if networks is None:
        return tuple(NETWORKS)
    named = tuple(dict.fromkeys(name.strip() for name in networks.split(",") if name.strip()))
    if unknown := [name for name in named if name not in NETWORKS]:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(NETWORKS)}", param_hint="--networks")
    if not named:
        raise click.BadParameter(f"name one of {', '.join(NETWORKS)}", param_hint="--networks")
    return named


def _print(session: Session, proof: Proof) -> None:
    page, verdict = session.page, proof.verdict
    rows = [
        ("kills", f"{proof.times:,}"),
        ("deliveries", f"{verdict.deliveries:,}"),
        *(
            (_LABELS.get(state, f"posts {state}"), f"{count:,}")
            for state, count in verdict.posts_by_state.items()
        ),
        ("unknown, of deliveries", f"{verdict.unknown / max(verdict.deliveries, 1):.1%}"),
        ("seconds", f"{proof.seconds_in_all:.0f}"),
        ("seed", str(proof.plan.seed)),
    ]
    page.table(("what", "number"), rows, right=(1,))
    page.line()
    page.table(
        (
            "network",
            "deliveries",
            "posts sent",
            "with a picture",
            "with a warning",
            "unknown",
            "harmless repeats",
        ),
        [(name, *(f"{n:,}" for n in _figures_of(one))) for name, one in verdict.networks.items()],
        right=(1, 2, 3, 4, 5, 6),
    )
    page.line()
    at_kill = sorted(verdict.states_at_kill.items())
    page.table(
        ("where posts stood at a kill", "number"), [(what, f"{n:,}") for what, n in at_kill], right=(1,)
    )
    page.line()
    faults = sorted(verdict.faults.items())
    page.table(
        ("what a network did to a request", "number"), [(what, f"{n:,}") for what, n in faults], right=(1,)
    )
    page.line()
    page.line(_sentence(proof))


def _figures_of(one: Tally) -> tuple[int, ...]:
    return one.deliveries, one.sent, one.pictures, one.warned, one.unknown, one.repeats


_LABELS = {"sent": "posts sent, each exactly once"}


def _sentence(proof: Proof) -> str:
    verdict = proof.verdict
    twice, lost, false = (verdict.count(kind) for kind in ("twice", "lost", "false sent"))
    said = (
        f"{twice} sent twice, {lost} lost, {false} falsely called sent "
        f"in {verdict.deliveries:,} deliveries with {proof.times:,} kills"
    )
    if verdict.violations:
        return f"{said}: {len(verdict.violations)} promises were broken."
    bound = 3 / max(verdict.deliveries, 1)
    return f"{said}: 0 in N bounds the rate at 3/N, here {bound:.3%} (at 95 %)."


def _document(proof: Proof) -> dict[str, Any]:
    verdict = proof.verdict
    return {
        "ok": not verdict.violations,
        "seed": proof.plan.seed,
        "kills": proof.times,
        "deliveries": verdict.deliveries,
        "twice": verdict.count("twice"),
        "lost": verdict.count("lost"),
        "false_sent": verdict.count("false sent"),
        "unknown": verdict.unknown,
        "networks": {name: asdict(tally) for name, tally in verdict.networks.items()},
        "violations": [asdict(violation) for violation in verdict.violations],
        "posts": dict(verdict.posts_by_state),
        "states_at_kill": dict(verdict.states_at_kill),
        "faults": dict(verdict.faults),
        "seconds": round(proof.seconds_in_all, 1),
    }
