"""Databases of any size, filled by the database itself: a million waiting posts in half a minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, text, update

from bot.core.campaign import Account, Campaign, Hashtags, Item, Kind, Network, PostingTime, Source, Wording
from bot.core.dates import Period
from bot.core.post import digest_of
from bot.store import codec, contents
from bot.store.database import Database
from bot.store.tables import parts, posts

#: Whose posts wait; those that become due while it is measured are the first one's.
ACCOUNTS = ("invented_one_x", "invented_two_x", "invented_three_x", "invented_four_x")
#: As long as most posts are.
TEXT = "According to the Invented Network for Measuring, 1,234 people are counted here and nowhere else. " * 2
#: Far enough that none of the waiting posts becomes due while it is measured.
FAR = timedelta(days=2)

#: The numbers from :first to :last, on either database.
_NUMBERS = (
    """WITH RECURSIVE n(i) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"""
)


def campaign(accounts: Sequence[str] = ACCOUNTS) -> Campaign:
    """The invented campaign that all of it belongs to."""
    return Campaign(
        key="invented",
        title={"en": "An invented campaign"},
        organisers={"en": ("The Invented Network for Measuring",)},
        languages=("en",),
        zone="Asia/Damascus",
        hashtags={"en": Hashtags(required=("#Invented",))},
        accounts=tuple(Account(name=name, network=Network.X, languages=("en",)) for name in accounts),
        posting_times=(PostingTime(at=datetime(2026, 1, 1, 9, 0).time()),),
    )


def item() -> Item:
    """The invented item that every post is of."""
    return Item(
        campaign="invented",
        key="invented-count",
        kind=Kind.FACT,
        wordings={"en": Wording(text=TEXT)},
        source=Source(publisher={"en": "Invented Network for Measuring"}, url="https://example.org/invented"),
        period=Period.parse("2011-03/2020-06"),
    )


def fill(db: Database, *, waiting: int, accounts: Sequence[str] = ACCOUNTS) -> None:
    """Write that many posts of the far future, in turn for each account."""
    now = datetime.now(UTC)
    with db.write() as tx:
        contents.save_campaign(tx, campaign(accounts), now=now)
        contents.save_item(tx, item(), position=0, origin=contents.Origin.FILE, now=now)
        indexes = _drop_indexes(tx)
        _add(tx, first=1, last=waiting, start=now + FAR, apart=timedelta(seconds=30), accounts=accounts)
        for statement in indexes:
            tx.execute(text(statement))
    analyse(db)


def add_due(
    db: Database,
    count: int,
    *,
    start: datetime,
    apart: timedelta,
    accounts: Sequence[str] = ACCOUNTS[:1],
) -> None:
    """Queue posts from `start` on, in turn for each account, last of all, as if written on the spot.

    Each has its own text, as a network demands, and the digest that a claim asks for.
    """
    with db.write() as tx:
        last = tx.execute(select(func.max(posts.c.id))).scalar() or 0
        _add(tx, first=last + 1, last=last + count, start=start, apart=apart, accounts=accounts)
        added = tx.execute(select(posts.c.id, posts.c.account, posts.c.due_at).where(posts.c.id > last))
        own = [
            {
                "post": one.id,
                "own_text": (own_text := f"{TEXT}{one.id}"),
                "own_digest": digest_of(
                    account=one.account, language="en", due_at=one.due_at, texts=(own_text,)
                ),
            }
            for one in added
        ]
        new, digest = bindparam("own_text"), bindparam("own_digest")
        tx.execute(update(parts).where(parts.c.post_id == bindparam("post")).values(text=new), own)
        changed = update(posts).where(posts.c.id == bindparam("post")).values(text=new, digest=digest)
        tx.execute(changed, own)


def fill_log(db: Database, *, attempts: int) -> None:
    """Write that many posts that were sent, a minute apart, each with its attempt."""
    start = datetime(2026, 1, 1, tzinfo=UTC) - attempts * timedelta(minutes=1)
    with db.write() as tx:
        contents.save_campaign(tx, campaign(), now=start)
        contents.save_item(tx, item(), position=0, origin=contents.Origin.FILE, now=start)
        indexes = _drop_indexes(tx)
        _add(tx, first=1, last=attempts, start=start, apart=timedelta(minutes=1), accounts=ACCOUNTS)
        tx.execute(text("UPDATE posts SET state = 'sent', attempts = 1, epoch = 1"))
        tx.execute(
            text(
                f"""{_NUMBERS} INSERT INTO attempts (post_id, part, number, key, mode, worker, epoch,
                campaign, account, network, language, kind, item, due_at, text, started_at, not_after,
                ended_at, state, remote_id)
                SELECT id, 1, 1, 'key-' || id, 'dry-run', 'invented-worker', 1, campaign, account, network,
                language, kind, item, due_at, text, due_at, grace_until, due_at, 'sent', 'dry-run-' || id
                FROM n JOIN posts ON posts.id = n.i"""
            ),
            {"first": 1, "last": attempts},
        )
        for statement in indexes:
            tx.execute(text(statement))
    analyse(db)


def analyse(db: Database) -> None:
    """Let PostgreSQL count its rows now, as its autovacuum does after such a load."""
    if not db.is_sqlite:
        with db.write() as tx:
            for table in ("slots", "posts", "parts", "attempts"):
                tx.execute(text(f"ANALYZE {table}"))


def _add(
    tx: Connection, *, first: int, last: int, start: datetime, apart: timedelta, accounts: Sequence[str]
) -> None:
    """Write the posts `first` to `last`, each with its slot and its one part."""
    names = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(accounts))
    if tx.dialect.name == "postgresql":
        due = "CAST(:start AS timestamptz) + (i - :first) * CAST(:seconds AS float) * interval '1 second'"
        grace = f"{due} + interval '1 hour'"
    else:
        julian = "julianday(:start) + (i - :first) * :seconds / 86400.0"
        due = f"strftime('%Y-%m-%dT%H:%M:%f', {julian}) || '000Z'"
        grace = f"strftime('%Y-%m-%dT%H:%M:%f', {julian} + 1.0 / 24) || '000Z'"
    values = {
        "first": first,
        "last": last,
        "start": f"{start:%Y-%m-%dT%H:%M:%S.%f}" if tx.dialect.name == "sqlite" else start,
        "seconds": apart.total_seconds(),
        "text": TEXT,
        "digest": codec.digest(codec.encode(item())),
    }
    for statement in (
        f"""INSERT INTO slots (id, campaign, key, kind, due_at, wall_time, zone, item, why, planned_at)
        {_NUMBERS} SELECT i, 'invented', 'slot-' || i, 'regular', {due}, '2026-01-01T09:00:00',
        'Asia/Damascus', 'invented-count', 'invented', {due} FROM n""",
        f"""INSERT INTO posts (id, slot_id, campaign, account, network, language, kind, item, item_digest,
        due_at, grace_until, state, reason, why, text, length, cost_usd_micros, digest, author,
        approval_needed, epoch, attempts, absent_reads, changed_at)
        {_NUMBERS} SELECT i, i, 'invented', CASE i % {len(accounts)} {names} END, 'x', 'en', 'fact',
        'invented-count', :digest, {due}, {grace}, 'ready', '', 'invented', :text, 200, 0, :digest,
        'invented', false, 0, 0, 0, {due} FROM n""",
        f"INSERT INTO parts (post_id, number, text, length) {_NUMBERS} SELECT i, 1, :text, 200 FROM n",
    ):
        tx.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})


def _drop_indexes(tx: Connection) -> list[str]:
    """Drop the posts', slots' and attempts' own indexes; returns the statements that make them again."""
    if tx.dialect.name == "postgresql":
        found = tx.execute(
            text(
                """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
                AND tablename IN ('posts', 'slots', 'attempts')
                AND (indexname LIKE 'ix%' OR indexname = 'uq_posts_in_flight')"""
            )
        )
    else:
        found = tx.execute(
            text(
                """SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
                AND tbl_name IN ('posts', 'slots', 'attempts')"""
            )
        )
    indexes = [(str(name), str(statement)) for name, statement in found]
    for name, _ in indexes:
        tx.execute(text(f'DROP INDEX "{name}"'))
    return [statement for _, statement in indexes]
