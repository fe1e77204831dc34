"""Row 11: the console's pages on a store of years against one of days: time of the whole application."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import postgres
from long_lists import fill_console
from measuring import Row, percentile, print_rows, row, seconds_each
from werkzeug.test import Client

from bot.app import App
from bot.config import load_settings
from bot.core.people import Role
from bot.people.tokens import digest_of
from bot.store import people
from bot.web.console import Console

SIZES = (1_000, 1_000_000)
QUICK_SIZES = (1_000, 20_000)
ROUNDS = 40
ASKED_OF = "http://127.0.0.1"
GOAL, FLAT = "≤ 50 ms", "≤ 1.5"

#: What people ask for first, and the same far down the list, or narrowed.
PAGES: Mapping[str, str] = {
    "today": "/",
    "queue": "/queue",
    "queue, filtered": "/queue?tab=sent&account=invented_one_x&language=ar",
    "calendar, week": "/calendar",
    "calendar, month": "/calendar/month",
    "send log": "/log",
    "send log, filtered": "/log?account=invented_two_x&state=sent",
    "search in the queue": "/queue?tab=all&text=%D8%A7%D8%B3%D8%B1%D9%89",
    "search in the log": "/log?text=%D8%A7%D8%B3%D8%B1%D9%89",
}
#: Where the database has to look far, and a page says how far it looked: bounded like the others.
HARD: Mapping[str, str] = {
    "queue, a language without posts": "/queue?tab=all&language=tr",
    "queue, by change": "/queue?tab=all&order=changed",
    "queue, a rare text": "/queue?tab=all&text=1517+counted",
    "queue, a common text in no post of a language": "/queue?tab=all&language=tr&text=counted",
    "send log, a network without posts": "/log?network=bluesky",
    "decisions": "/log/decisions",
}
#: The same, many pages further down.
FAR: Mapping[str, str] = {"queue, far down": "/queue?tab=sent", "send log, far down": "/log"}
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
#: Pages turned before the one that is measured.
_FAR = 30


class Asker:
    """A viewer's browser, without the network between."""

    def __init__(self, app: App) -> None:
        console = Console(app)
        token, name = secrets.token_urlsafe(16), "An Invented Viewer"
        now = app.clock.now()
        with app.db.write() as tx:
            people.add_user(tx, name, role=Role.VIEWER, nonce="0" * 32, now=now)
            people.begin_session(tx, digest_of(token), who=name, now=now)
        self.known = set(console.pages.view_functions)
        self._client = console.pages.test_client()
        with self._client.session_transaction(base_url=ASKED_OF) as session:
            session["_user_id"], session["_fresh"] = token, True

    @property
    def client(self) -> Client:
        return self._client

    def ask(self, path: str) -> str:
        answer = self._client.get(path, base_url=ASKED_OF, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, f"{path}: {answer.status}"
        return path

    def further(self, path: str, pages: int) -> str:
        """The address of a page far down the list."""
        for _ in range(pages):
            answer = self._client.get(path, base_url=ASKED_OF)
            following = _NEXT.search(answer.text)
            if following is None:
                break
            path = following[1].replace("&amp;", "&")
        return path


def run(*, quick: bool = False) -> list[Row]:
    """Measure every page at both sizes, on both databases."""
    few, many = QUICK_SIZES if quick else SIZES
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        rows = _rows(
            "SQLite", f"sqlite:///{folder}/few.sqlite3", f"sqlite:///{folder}/many.sqlite3", few, many
        )
    try:
        with postgres.server() as server:
            rows += _rows("PostgreSQL", server.database("few"), server.database("many"), few, many)
    except postgres.NotHereError as reason:
        rows.append(row(11, f"PostgreSQL: {reason}", ours=None, peer="", theirs=None, goal="", unit="ms"))
    return rows


def _rows(place: str, few_url: str, many_url: str, few: int, many: int) -> list[Row]:
    with _app(few_url) as small_app, _app(many_url) as large_app:
        fill_console(small_app.db, posts=few)
        fill_console(large_app.db, posts=many)
        small, large = Asker(small_app), Asker(large_app)
        rows = []
        for name, path in {**PAGES, **HARD, **FAR}.items():
            if path.startswith("/calendar") and "calendar.week" not in small.known:
                continue
            paths = [asker.further(path, _FAR if name in FAR else 0) for asker in (small, large)]
            before, after = _side_by_side(small, paths[0], large, paths[1])
            rows += _two_rows(f"{name}, {many:,} posts, {place}", before, after, few, is_flat=name in PAGES)
        return rows


def _side_by_side(
    small: Asker, small_path: str, large: Asker, large_path: str
) -> tuple[list[float], list[float]]:
    """Seconds of each answer, one of each store in turn: what else the machine does hits both."""
    before, after = [], []
    for _ in range(ROUNDS):
        before += seconds_each(lambda: small.ask(small_path), rounds=1)
        after += seconds_each(lambda: large.ask(large_path), rounds=1)
    return before, after


def _two_rows(what: str, before: list[float], after: list[float], few: int, *, is_flat: bool) -> list[Row]:
    p50, p95 = percentile(after, 0.5) * 1000, percentile(after, 0.95) * 1000
    theirs = percentile(before, 0.5) * 1000
    # What has to look far looks farther where there is more: it is bounded, not flat.
    flat = FLAT if is_flat else ""
    return [
        row(11, f"{what}: p95", ours=p95, peer="", theirs=None, goal=GOAL, unit="ms"),
        row(11, f"{what}: p50", ours=p50, peer=f"itself, {few:,}", theirs=theirs, goal=flat, unit="ms"),
    ]


@contextmanager
def _app(url: str) -> Iterator[App]:
    with tempfile.TemporaryDirectory(prefix="campaign-bot-bench-") as folder:
        (Path(folder) / "content").mkdir()
        settings = load_settings(
            {
                "BOT_DATA_DIR": folder,
                "BOT_DATABASE_URL": url,
                "BOT_CONTENT_DIR": f"{folder}/content",
            }
        )
        app = App(settings)
        try:
            yield app
        finally:
            app.db.close()


if __name__ == "__main__":
    print_rows(run())
