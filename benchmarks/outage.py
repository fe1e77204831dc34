"""Row 3: what becomes of the posts that became due while nothing ran, and how long it takes."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import peers_at_hand
from filling import ACCOUNTS, add_due
from measuring import Row, print_rows, row
from sqlalchemy import func, select

from bot.app import App
from bot.core.post import State
from bot.sending import worker_of
from bot.store.tables import posts
from installation import installed, places

OVERDUE, QUICK_OVERDUE = 10_000, 400
#: The grace of these posts is an hour: half of them are past it when the bot comes back.
OUTAGE, BACK = timedelta(hours=2), timedelta(minutes=1)
PATIENCE_SECONDS = 600
PEER = "APScheduler 3.11, job store and misfire time as shipped"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where the overdue posts stand at the end."""

    sent: int
    missed: int
    #: Missed without a word about it.
    silent: int
    seconds: float


def run(*, quick: bool = False) -> list[Row]:
    """Measure the bot on each database and APScheduler's job store."""
    # It says of each missed post that somebody should look.
    logging.getLogger("bot").setLevel(logging.ERROR)
    overdue = QUICK_OVERDUE if quick else OVERDUE
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as name:
        folder = Path(name)
        with places(folder) as urls:
            ours = {place: _ours(folder, url, overdue) for place, url in urls.items()}
    theirs = _theirs(overdue)
    return [one for place, outcome in ours.items() for one in _rows(place, outcome, theirs, overdue)]


def _ours(folder: Path, url: str, overdue: int) -> Outcome:
    """Start the bot on a store with overdue posts, as `run` does, and wait until each is settled."""
    app = installed(folder, url, accounts=ACCOUNTS)
    try:
        start = datetime.now(UTC) - OUTAGE
        add_due(app.db, overdue, start=start, apart=(OUTAGE - BACK) / overdue, accounts=ACCOUNTS)
        stop = threading.Event()
        with worker_of(app) as worker:
            started = time.perf_counter()
            running = threading.Thread(
                target=worker.run, args=(stop,), kwargs={"on_started": lambda: None}, daemon=True
            )
            running.start()
            seconds = _until_settled(app, started)
            stop.set()
            running.join()
        return _outcome(app, seconds)
    finally:
        app.db.close()


def _until_settled(app: App, started: float) -> float:
    unsettled = select(func.count()).where(
        posts.c.state.in_([State.READY, State.CLAIMED, State.SENDING]), posts.c.due_at < datetime.now(UTC)
    )
    left: int | None = None
    while left != 0 and time.perf_counter() - started < PATIENCE_SECONDS:
        time.sleep(0.2)
        with app.db.read() as tx:
            left = tx.execute(unsettled).scalar()
    return time.perf_counter() - started


def _outcome(app: App, seconds: float) -> Outcome:
    with app.db.read() as tx:
        found = tx.execute(select(posts.c.state, posts.c.reason).where(posts.c.due_at < datetime.now(UTC)))
        stands = Counter((row.state, bool(row.reason)) for row in found)
    missed = stands[State.MISSED, True], stands[State.MISSED, False]
    sent = stands[State.SENT, True] + stands[State.SENT, False]
    return Outcome(sent=sent, missed=sum(missed), silent=missed[1], seconds=seconds)


def _theirs(overdue: int) -> dict[str, float] | str:
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        # Nothing is sent, or next to nothing: an address where nobody listens would do as well.
        arguments = ("outage", folder, "http://127.0.0.1:9", 1, overdue)
        try:
            return peers_at_hand.ask("obvious", "obvious_stack.py", *arguments)
        except peers_at_hand.NotHereError as reason:
            return str(reason)


def _rows(place: str, ours: Outcome, theirs: dict[str, float] | str, overdue: int) -> list[Row]:
    known = {} if isinstance(theirs, str) else theirs
    peer = f"{PEER}: {theirs}" if isinstance(theirs, str) else PEER
    lost = overdue - ours.sent - ours.missed + ours.silent
    lost_by_them = overdue - known["run"] if known else None
    after = f"after an outage with {overdue:,} overdue, {place}"
    return [
        row(
            3,
            f"lost or without a reason {after}",
            ours=lost,
            peer=peer,
            theirs=lost_by_them,
            goal="≤ 0 posts",
            unit="posts",
        ),
        row(
            3,
            f"sent within their grace {after}",
            ours=ours.sent,
            peer=peer,
            theirs=known.get("run"),
            goal="",
            unit="posts",
        ),
        row(
            3,
            f"missed, with the reason {after}",
            ours=ours.missed - ours.silent,
            peer=peer,
            theirs=0 if known else None,
            goal="",
            unit="posts",
        ),
        row(
            3,
            f"until all are settled {after}",
            ours=ours.seconds,
            peer=peer,
            theirs=known.get("seconds"),
            goal="",
            unit="s",
        ),
    ]


if __name__ == "__main__":
    print_rows(run())
