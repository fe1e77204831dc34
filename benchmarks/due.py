"""Row 2: finding and claiming what is due among many that wait, against procrastinate and APScheduler 4."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import peers_at_hand
import postgres
from filling import ACCOUNTS, add_due, fill
from measuring import Row, median_seconds, print_rows, row
from query_plans import bad_plans, statements_of
from sqlalchemy import text

from bot.store import claims
from bot.store.database import Database

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)
ROUNDS = 300
#: The peers are slow, and steady.
PEER_ROUNDS = 50
GOAL = "≥ 1000"
PROCRASTINATE, APSCHEDULER = "procrastinate 3.10 (PostgreSQL)", "APScheduler 4.0.0a6 (SQLite)"


@dataclass(frozen=True, kw_only=True)
class Times:
    """Seconds at one size."""

    #: The search alone, on the driver's own cursor.
    search: float
    look: float
    #: A claim up to its commit, and with it: the commit waits for the disk, however few posts wait.
    claim: float
    durable_claim: float
    bad_plans: int


def run(*, quick: bool = False) -> list[Row]:
    """Measure ours on both databases and the peers on theirs, at each size."""
    sizes = QUICK_SIZES if quick else SIZES
    ours = {"SQLite": {size: _on_sqlite(size) for size in sizes}}
    fetch: dict[int, dict[str, float] | str] = {}
    try:
        with postgres.server() as server:
            ours["PostgreSQL"] = {size: _measured(server.database(f"ours_{size}"), size) for size in sizes}
            fetch = {size: _fetch(server, size) for size in sizes}
    except postgres.NotHereError as reason:
        fetch = dict.fromkeys(sizes, str(reason))
    acquire = {size: _acquire(size) for size in sizes}
    rows = []
    for place, times in ours.items():
        for size in sizes:
            rows += _rows(place, size, times[size], fetch[size], acquire[size], last=size == sizes[-1])
        rows += _flat(place, times[sizes[0]], times[sizes[-1]], sizes[0], sizes[-1])
    return rows


def _on_sqlite(size: int) -> Times:
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        return _measured(f"sqlite:///{folder}/campaign-bot.sqlite3", size)


def _measured(url: str, size: int) -> Times:
    db = Database(url)
    try:
        db.prepare()
        now = datetime.now(UTC)
        fill(db, waiting=size)
        add_due(db, 1, start=now - timedelta(minutes=1), apart=timedelta(0))
        earlier = now - timedelta(hours=1)
        claimed = [_claim(db, now=now) for _ in range(ROUNDS)]
        return Times(
            search=_search(db, now=earlier),
            look=median_seconds(lambda: _look(db, now=earlier), rounds=ROUNDS),
            claim=statistics.median(before for before, _ in claimed),
            durable_claim=statistics.median(after for _, after in claimed),
            bad_plans=bad_plans(db, now=now),
        )
    finally:
        db.close()


def _look(db: Database, *, now: datetime) -> None:
    """Ask all that the scheduler asks at each wake: who has something due, and when is the next moment."""
    with db.read() as tx:
        assert claims.accounts_with_due(tx, ACCOUNTS, now=now) == []
    with db.read() as tx:
        assert claims.next_due_at(tx, after=now) is not None


def _claim(db: Database, *, now: datetime) -> tuple[float, float]:
    """Seconds of one claim before and after its commit; the post is ready again afterwards."""
    lease_until = now + timedelta(minutes=2)
    started = time.perf_counter()
    with db.write() as tx:
        post = claims.claim_due(tx, ACCOUNTS[0], now=now, worker="invented", lease_until=lease_until)
        before = time.perf_counter() - started
    after = time.perf_counter() - started
    assert post is not None
    with db.write() as tx:
        tx.execute(text("UPDATE posts SET state = 'ready' WHERE id = :id"), {"id": post.id})
    return before, after


def _search(db: Database, *, now: datetime) -> float:
    """Seconds of the search for one account's first due post, as the store itself words it."""
    with db.read() as tx:
        search = statements_of(tx, lambda: claims.accounts_with_due(tx, ACCOUNTS[:1], now=now))[-1]
        cursor = tx.connection.cursor()
        return median_seconds(lambda: cursor.execute(*search).fetchall(), rounds=ROUNDS)


def _fetch(server: postgres.Server, size: int) -> dict[str, float] | str:
    name = f"procrastinate_{size}"
    try:
        return peers_at_hand.ask(
            "procrastinate", "procrastinate_due.py", server.database(name), size, PEER_ROUNDS
        )
    except peers_at_hand.NotHereError as reason:
        return str(reason)


def _acquire(size: int) -> dict[str, float] | str:
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        try:
            return peers_at_hand.ask(
                "apscheduler4", "apscheduler4_due.py", f"{folder}/4.db", size, PEER_ROUNDS
            )
        except peers_at_hand.NotHereError as reason:
            return str(reason)


def _rows(
    place: str,
    size: int,
    ours: Times,
    fetch: dict[str, float] | str,
    acquire: dict[str, float] | str,
    *,
    last: bool,
) -> list[Row]:
    among = f"among {size:,}, {place}"
    rows = [
        _against(f"search {among}", ours.search, PROCRASTINATE, fetch, "find", GOAL if last else ""),
        _against(f"a whole look {among}", ours.look, APSCHEDULER, acquire, "find", ""),
    ]
    if last:
        rows += [
            _against(f"claim on disk {among}", ours.durable_claim, PROCRASTINATE, fetch, "claim", ""),
            _against(f"claim on disk {among}", ours.durable_claim, APSCHEDULER, acquire, "claim", ""),
        ]
    return rows


def _against(what: str, ours: float, peer: str, theirs: dict[str, float] | str, which: str, goal: str) -> Row:
    if isinstance(theirs, str):
        peer, seconds = f"{peer}: {theirs}", None
    else:
        seconds = theirs[which] * 1000
    return row(2, what, ours=ours * 1000, peer=peer, theirs=seconds, goal=goal, unit="ms", faster=True)


def _flat(place: str, small: Times, large: Times, fewest: int, most: int) -> list[Row]:
    def flat(what: str, before: float, after: float) -> Row:
        what, peer = f"{what} among {most:,}, {place}", f"itself among {fewest:,}"
        return row(2, what, ours=after * 1000, peer=peer, theirs=before * 1000, goal="≤ 1.5", unit="ms")

    bad = f"plans that read more posts than they have to, {place}"
    return [
        flat("search", small.search, large.search),
        flat("a whole look", small.look, large.look),
        flat("claim before its commit", small.claim, large.claim),
        row(2, bad, ours=large.bad_plans, peer="", theirs=None, goal="≤ 0 plans", unit="plans"),
    ]


if __name__ == "__main__":
    print_rows(run())
