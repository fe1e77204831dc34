"""Row 5: publishing for many accounts at once, while each call takes its time at the network."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fast_x
import peers_at_hand
from filling import add_due
from measuring import Row, print_rows, row

from bot.app import App
from bot.core.post import State
from bot.sending import Worker, worker_of
from installation import installed, places

ACCOUNTS = tuple(f"invented_{number}_x" for number in range(1, 33))
CALL_MS = 100
#: What the accounts could publish at best, in posts a second: each waits for one call at a time.
IDEAL = len(ACCOUNTS) * 1000 / CALL_MS
EACH, QUICK_EACH = 30, 10
OBVIOUS = "ORM + APScheduler 3.11 date jobs + tweepy"


def run(*, quick: bool = False) -> list[Row]:
    """Measure the bot on each database, and the obvious stack."""
    count = len(ACCOUNTS) * (QUICK_EACH if quick else EACH)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-bot-bench-")))
        x_url = stack.enter_context(fast_x.serving(delay_ms=CALL_MS))
        urls = stack.enter_context(places(folder))
        ours: dict[str, float] = {}
        for place, url in urls.items():
            own = folder / place
            own.mkdir()
            app = installed(own, url, accounts=ACCOUNTS, x_api_url=x_url)
            stack.callback(app.db.close)
            with worker_of(app) as worker:
                ours[place] = _ours(app, worker, count)
        theirs = _theirs(x_url, count)
    rows = []
    for place, rate in ours.items():
        what = f"{len(ACCOUNTS)} accounts, {CALL_MS} ms a call, {place}"
        ideal = f"no work at all: {len(ACCOUNTS)} calls at once"
        peer, other = (f"{OBVIOUS}: {theirs}", None) if isinstance(theirs, str) else (OBVIOUS, theirs)
        rows += [
            row(5, what, ours=rate, peer=ideal, theirs=IDEAL, goal="≥ 0.9", unit="posts/s"),
            row(5, what, ours=rate, peer=peer, theirs=other, goal="", unit="posts/s"),
        ]
    return rows


def _ours(app: App, worker: Worker, count: int) -> float:
    """Posts a second, from the look for what is due to the last outcome on disk."""
    start = datetime.now(UTC) - timedelta(minutes=10)
    add_due(app.db, count, start=start, apart=timedelta(milliseconds=1), accounts=ACCOUNTS)
    started = time.perf_counter()
    done = worker.sender.send_due()
    seconds = time.perf_counter() - started
    wrong = [one.reason for one in done if one.state is not State.SENT]
    assert not wrong, f"{len(wrong)} posts were not sent; the first: {wrong[0]}"
    assert len(done) == count, f"{len(done)} of {count} posts were sent"
    return count / seconds


def _theirs(x_url: str, count: int) -> float | str:
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        arguments = ("side_by_side", folder, x_url, len(ACCOUNTS), count)
        try:
            return peers_at_hand.ask("obvious", "obvious_stack.py", *arguments)["per_second"]
        except peers_at_hand.NotHereError as reason:
            return str(reason)


if __name__ == "__main__":
    print_rows(run())
