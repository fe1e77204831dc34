"""Row 4: publishing a backlog through one account, with claim, intent and outcome on disk."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import fast_x
import peers_at_hand
import requests
import tweepy
from filling import TEXT, add_due
from measuring import Row, print_rows, row

from bot.app import App
from bot.core.post import State
from bot.sending import Worker, worker_of
from installation import SECRET_NAMES, installed, places

ACCOUNT = "invented_one_x"
#: Each is measured in turns, so that the machine's moods reach all of them.
TURNS, POSTS = 4, 500
QUICK_TURNS, QUICK_POSTS = 2, 150
OBVIOUS = "SQLAlchemy ORM + tweepy + twitter-text-parser"

#: Posts a second.
Rate = float


def run(*, quick: bool = False) -> list[Row]:
    """Measure the bot on each database, its limits, and the obvious stack, in turn."""
    turns, count = (QUICK_TURNS, QUICK_POSTS) if quick else (TURNS, POSTS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="campaign-bot-bench-")))
        x_url = stack.enter_context(fast_x.serving())
        urls = stack.enter_context(places(folder))
        worlds: dict[str, Callable[[], Rate]] = {
            "tweepy": lambda: _tweepy_alone(x_url, count),
            "plain": lambda: _plain_client(x_url, count),
        }
        for place, url in urls.items():
            own = folder / place
            own.mkdir()
            app = installed(own, url, accounts=[ACCOUNT], x_api_url=x_url)
            stack.callback(app.db.close)
            worker = stack.enter_context(worker_of(app))
            worlds[place] = lambda app=app, worker=worker: _ours(app, worker, count)
            worlds[f"{place} commits"] = lambda app=app: _commits_alone(app, count)
        seen: dict[str, list[Rate]] = {name: [] for name in worlds}
        theirs: list[Rate] | str = []
        for _ in range(turns):
            for name, world in worlds.items():
                seen[name].append(world())
            theirs = _with_obvious(theirs, x_url, count)
    rates = {name: statistics.median(each) for name, each in seen.items()}
    return [one for place in urls for one in _rows(place, rates, theirs)]


def _ours(app: App, worker: Worker, count: int) -> Rate:
    start = datetime.now(UTC) - timedelta(minutes=10)
    add_due(app.db, count, start=start, apart=timedelta(milliseconds=1), accounts=[ACCOUNT])
    started = time.perf_counter()
    done = worker.sender.send_due()
    seconds = time.perf_counter() - started
    wrong = [one.reason for one in done if one.state is not State.SENT]
    assert not wrong, f"{len(wrong)} posts were not sent; the first: {wrong[0]}"
    assert len(done) == count, f"{len(done)} of {count} posts were sent"
    assert len({one.receipt.remote_id for one in done if one.receipt}) == count
    return count / seconds


def _commits_alone(app: App, count: int) -> Rate:
    """Three commits of next to nothing for each post, past everything but the driver."""
    started = time.perf_counter()
    for _ in range(count):
        for _ in range(3):
            with app.db.write() as tx:
                # SQLite writes nothing where the value is the same as before.
                tx.exec_driver_sql(f"UPDATE slots SET why = '{uuid.uuid4()}' WHERE id = 1")
    return count / (time.perf_counter() - started)


class _Here(requests.adapters.HTTPAdapter):
    """Takes what is meant for X to the server of the measurement: tweepy knows one host only."""

    def __init__(self, x_url: str) -> None:
        super().__init__()
        self._x_url = x_url

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://api.twitter.com", self._x_url)
        return super().send(request, **options)


def _tweepy_alone(x_url: str, count: int) -> Rate:
    """tweepy as it is shipped: it keeps its connection, and nothing is written down."""
    keys = [f"invented-{name.lower()}" for name in SECRET_NAMES]
    client = tweepy.Client(None, *keys)
    client.session.mount("https://api.twitter.com", _Here(x_url))
    started = time.perf_counter()
    for number in range(count):
        assert client.create_tweet(text=f"{TEXT}{number}").data["id"]
    return count / (time.perf_counter() - started)


def _plain_client(x_url: str, count: int) -> Rate:
    """As little as a signed request can be: the standard library, one connection kept."""
    line = http.client.HTTPConnection(x_url.removeprefix("http://"))
    started = time.perf_counter()
    for number in range(count):
        headers = {"Content-Type": "application/json", "Authorization": _signed(f"{x_url}/2/tweets")}
        line.request("POST", "/2/tweets", json.dumps({"text": f"{TEXT}{number}"}), headers)
        assert json.loads(line.getresponse().read())["data"]["id"]
    seconds = time.perf_counter() - started
    line.close()
    return count / seconds


def _signed(url: str) -> str:
    """An OAuth 1.0a header (RFC 5849, section 3.4) with invented keys."""
    fields = {
        "oauth_consumer_key": "invented-api-key",
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_token": "invented-access-token",
        "oauth_version": "1.0",
    }
    listed = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(fields.items()))
    base = f"POST&{quote(url, safe='')}&{quote(listed, safe='')}"
    signature = hmac.digest(b"invented-api-secret&invented-access-token-secret", base.encode(), hashlib.sha1)
    fields["oauth_signature"] = base64.b64encode(signature).decode()
    return "OAuth " + ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in fields.items())


def _with_obvious(so_far: list[Rate] | str, x_url: str, count: int) -> list[Rate] | str:
    """One turn more of the obvious stack; in words, why it cannot be had."""
    if isinstance(so_far, str):
        return so_far
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        try:
            answer = peers_at_hand.ask("obvious", "obvious_stack.py", "backlog", folder, x_url, 1, count)
        except peers_at_hand.NotHereError as reason:
            return str(reason)
    return [*so_far, answer["per_second"]]


def _rows(place: str, rates: dict[str, Rate], obvious: list[Rate] | str) -> list[Row]:
    commits = rates[f"{place} commits"]
    # What takes its time one after the other.
    both = 1 / (1 / rates["tweepy"] + 1 / commits)
    theirs = None if isinstance(obvious, str) else statistics.median(obvious)
    peer = f"{OBVIOUS}: {obvious}" if isinstance(obvious, str) else OBVIOUS
    return [
        row(
            4,
            f"backlog of one account, {place}",
            ours=rates[place],
            peer=other,
            theirs=rate,
            goal=goal,
            unit="posts/s",
        )
        for other, rate, goal in (
            ("tweepy alone and the three commits alone", both, "≥ 0.8"),
            (peer, theirs, "≥ 4"),
            ("tweepy alone", rates["tweepy"], ""),
            ("the three commits alone", commits, ""),
            ("a plain signed client alone", rates["plain"], ""),
        )
    ]


if __name__ == "__main__":
    print_rows(run())
