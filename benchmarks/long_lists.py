"""A store as the console finds it after years: posts that were sent, their attempts, and some to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import filling
from sqlalchemy import Connection, insert, text

from bot.store import contents
from bot.store.database import Database
from bot.store.tables import texts
from bot.text.searching import remembered

#: So many texts are there, each said again and again by the rotation.
TEXTS = 2_000
#: One post in so many is still to come, and at least as many: a page then has as many rows at any size.
TO_COME = 100
#: Told apart by their number, which people search for.
_WORDS = "{text} Of these, {number} were counted as أسرى in {word}."
_WORDS_OF = ("Homs", "Daraa", "حماة", "Aleppo")


def fill_console(db: Database, *, posts: int) -> None:
    """Write that many posts, a minute apart, one in a hundred of them to come; attempts and entries, too."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    sent = posts - max(posts // TO_COME, TO_COME)
    with db.write() as tx:
        contents.save_campaign(tx, filling.campaign(), now=now)
        contents.save_item(tx, filling.item(), position=0, origin=contents.Origin.FILE, now=now)
        indexes = filling._drop_indexes(tx)
        filling._add(
            tx,
            first=1,
            last=posts,
            start=now - sent * timedelta(minutes=1),
            apart=timedelta(minutes=1),
            accounts=filling.ACCOUNTS,
        )
        _say(tx)
        _leave(tx, sent)
        _log(tx, sent)
        for statement in indexes:
            tx.execute(text(statement))
    _tidy(db)


def _tidy(db: Database) -> None:
    """Let PostgreSQL count its rows, and note which of its pages all may see, as its autovacuum does."""
    if not db.is_sqlite:
        with db._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("slots", "posts", "parts", "attempts", "send_log", "texts"):
                connection.execute(text(f"VACUUM ANALYZE {table}"))


def words_of(number: int) -> str:
    """The text of that number."""
    return _WORDS.format(text=filling.TEXT, number=number, word=_WORDS_OF[number % len(_WORDS_OF)])


def _say(tx: Connection) -> None:
    """Give each post its text, in turn, and its language."""
    tx.execute(
        insert(texts),
        [
            {"id": number, "digest": f"{number:064x}", "words": remembered(words_of(number))}
            for number in range(1, TEXTS + 1)
        ],
    )
    tx.execute(text("CREATE TEMPORARY TABLE said (id integer PRIMARY KEY, words text)"))
    tx.execute(
        text("INSERT INTO said VALUES (:id, :words)"),
        [{"id": number, "words": words_of(number)} for number in range(1, TEXTS + 1)],
    )
    tx.execute(
        text(
            f"""UPDATE posts SET text_id = 1 + id % {TEXTS},
            text = (SELECT words FROM said WHERE said.id = 1 + posts.id % {TEXTS}),
            language = CASE WHEN id % 3 = 0 THEN 'ar' ELSE 'en' END"""
        )
    )


def _leave(tx: Connection, sent: int) -> None:
    """Send the first posts; of those to come, some wait for a person."""
    tx.execute(
        text("UPDATE posts SET state = 'sent', attempts = 1, epoch = 1 WHERE id <= :sent"), {"sent": sent}
    )
    for every, state in ((7, "held"), (1_000, "missed"), (50_001, "unknown"), (3_001, "rejected")):
        where = "id > :sent" if state == "held" else "id <= :sent"
        tx.execute(
            text(f"UPDATE posts SET state = '{state}' WHERE id % {every} = 0 AND {where}"), {"sent": sent}
        )
    tx.execute(
        text(
            """INSERT INTO attempts (post_id, part, number, key, mode, worker, epoch, campaign, account,
            network, language, kind, item, due_at, text, started_at, not_after, ended_at, state, remote_id)
            SELECT id, 1, 1, 'key-' || id, 'dry-run', 'invented-worker', 1, campaign, account,
            network, language, kind, item, due_at, text, due_at, grace_until, due_at, state, 'dry-run-' || id
            FROM posts WHERE id <= :sent AND state <> 'missed' ORDER BY id"""
        ),
        {"sent": sent},
    )


def _log(tx: Connection, sent: int) -> None:
    """Write what a log of so many sent posts has: two entries each, and now and then a decision."""
    body = """'{"who":"An Invented Person","covers":"everything","reason":"invented"}'"""
    zeros = "0" * 64
    tx.execute(
        text(
            f"""INSERT INTO send_log (seq, at, event, post_id, attempt_id, body, previous, digest)
            SELECT 2 * id, due_at, CASE WHEN id % 500 = 0 THEN 'paused' ELSE 'outcome' END,
            CASE WHEN id % 500 = 0 THEN NULL ELSE id END, id, {body}, '{zeros}', '{zeros}'
            FROM posts WHERE id <= :sent
            UNION ALL SELECT 2 * id - 1, due_at, 'intent', id, id, {body}, '{zeros}', '{zeros}'
            FROM posts WHERE id <= :sent ORDER BY 1"""
        ),
        {"sent": sent},
    )
    tx.execute(text("UPDATE send_log_head SET seq = :seq"), {"seq": 2 * sent})
