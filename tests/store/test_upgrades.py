"""A database of an older program goes on where it stood: posts keep their digests and approvals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text

from bot.core.campaign import Account, Campaign, Hashtags, Item, Kind, Network, PostingTime, Wording
from bot.core.clock import FixedClock
from bot.core.post import Post, State, digest_of
from bot.pipeline.outcome import Sent
from bot.pipeline.send import Sender
from bot.publishing.protocol import PublishRequest
from bot.store import claims, codec, contents, migrate, posts
from bot.store.database import Database
from bot.store.log_reading import LogFilter, open_log
from posting import OpenOutlets, ScriptedPublisher, force_state, receipt

DUE = datetime(2026, 3, 1, 9, tzinfo=UTC)
AT = "2026-03-01T09:00:00.000000Z"
WORDS = "Invented words."
#: Posts that migration 0006 reads and writes at once.
_STEP = 1000
#: What the programs before pictures stored, to the letter, each with its digest.
CAMPAIGN = (
    '{"accounts":[{"dry_run":false,"languages":["en"],"links":true,"name":"invented_x","network":"x",'
    '"pace":{"gap":null,"per_day":null,"per_hour":null,"quiet":null},"send_again":false}],"approval":true,'
    '"arabic_digits":false,"bursts":[],"calls_share":0.25,"cooldown":"P2D","end":null,"grace":"PT900S",'
    '"hashtags":{"en":{"optional":[],"required":[]}},"key":"invented","languages":["en"],'
    '"languages_at_slot":"turn","mentions":[],"occasions":[],"organisers":{"en":["Nobody"]},'
    '"posting_times":[{"at":"09:00:00","weekdays":[]}],"start":null,"title":{"en":"Invented"},"zone":"UTC"}',
    "6c7ac04e8c519a80d4b00523b0ea10a6e2709ff58d46f66d00b6f0545d8c2835",
)
ITEM = (
    '{"campaign":"invented","content_warning":{},"figures":{},"key":"invented","kind":"call","occasions":[],'
    '"period":null,"plain_numbers":[],"recheck_on":null,"source":null,"sums":[],'
    '"wordings":{"en":{"short":null,"text":"Invented words."}}}',
    "27dff1c3dce06a5e7addddbd1a85012c1d0a0c2c1f1f9ee31cba6c73d3f195b6",
)
DIGEST = "5f35df3d5a5107001e84ec0112d2e0ceaaabcd6c795bf5fb0ef7b6cc7e2e2ecf"
#: The same words as a post that is to leave behind a warning, which digests of before did not bind.
WARNING = "Invented: distressing"
_APPROVED, _SENT, _WARNED, _WARNED_SENT, _FORGED, _VOID = 1, 2, 3, 4, 5, 6

_CAMPAIGN = (
    "INSERT INTO campaigns (key, document, digest, changed_at) VALUES ('invented', :doc, :digest, :at)"
)
_ITEM = """INSERT INTO items (campaign, key, position, kind, document, digest, origin, changed_at)
    VALUES ('invented', 'invented', 1, 'call', :doc, :digest, 'file', :at)"""
_SLOT = """INSERT INTO slots (id, campaign, key, kind, due_at, wall_time, zone, item, why, planned_at)
    VALUES (:id, 'invented', :key, 'regular', :at, '2026-03-01T09:00:00', 'UTC', 'invented', '', :at)"""
_POST = """INSERT INTO posts (id, slot_id, campaign, account, network, language, kind, item, item_digest,
    due_at, grace_until, state, reason, why, text, content_warning, length, cost_usd_micros, digest, author,
    approval_needed, approved_by, approved_digest, approved_at, epoch, attempts, absent_reads, changed_at)
    VALUES (:id, :id, 'invented', 'invented_x', 'x', 'en', 'call', 'invented', :item, :at,
    '2026-03-01T09:15:00.000000Z', :state, '', '', :words, :warning, 15, 15000, :digest, 'content files',
    true, 'Huda', :approved, :at, :attempts, :attempts, 0, :at)"""
_PART = """INSERT INTO parts (post_id, number, text, length, remote_id)
    VALUES (:id, 1, :words, 15, :remote_id)"""
_ATTEMPT = """INSERT INTO attempts (post_id, part, number, key, mode, worker, epoch, campaign, account,
    network, language, kind, item, due_at, text, started_at, not_after, ended_at, state, remote_id)
    VALUES (:id, 1, 1, 'invented-key', 'live', 'invented', 1, 'invented', 'invented_x', 'x', 'en', 'call',
    'invented', :at, :words, :at, :at, :at, 'sent', '77')"""


def _fill(tx: Connection) -> None:
    """An approved post that waits, and one that left."""

    def put(statement: str, **values: object) -> None:
        known = {"at": AT, "words": WORDS, "digest": DIGEST, "approved": DIGEST, "item": ITEM[1]}
        known |= {"warning": None} | values
        tx.execute(text(statement), {name: value for name, value in known.items() if f":{name}" in statement})

    put(_CAMPAIGN, doc=CAMPAIGN[0], digest=CAMPAIGN[1])
    put(_ITEM, doc=ITEM[0], digest=ITEM[1])
    for number, state, remote_id in ((_APPROVED, "ready", None), (_SENT, "sent", "77")):
        put(_SLOT, id=number, key=f"slot-{number}")
        put(_POST, id=number, state=state, attempts=int(state == "sent"))
        put(_PART, id=number, remote_id=remote_id)
    put(_ATTEMPT, id=_SENT)
    for number, state, values in (
        (_WARNED, "held", {}),
        (_WARNED_SENT, "sent", {}),
        (_FORGED, "held", {"digest": "f" * 64, "approved": "f" * 64}),
        (_VOID, "held", {"approved": "e" * 64}),
    ):
        put(_SLOT, id=number, key=f"slot-{number}")
        put(_POST, id=number, state=state, attempts=0, warning=WARNING, **values)
        put(_PART, id=number, remote_id=None)


@pytest.fixture(params=["0004", "0005"])
def upgraded(
    empty_url: str, open_database: Callable[[str], Database], request: pytest.FixtureRequest
) -> Database:
    """A database that an older program filled, brought up to date."""
    database = open_database(empty_url)
    _upgrade(empty_url, database, request.param, _fill)
    return database


def _upgrade(empty_url: str, database: Database, version: str, fill: Callable[[Connection], None]) -> None:
    if database.is_sqlite:
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    engine = create_engine(empty_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), version)
        fill(connection)
    engine.dispose()
    database.prepare()


def _post(database: Database, number: int) -> Post:
    with database.read() as tx:
        return posts.read_post(tx, number)


def _send(upgraded: Database, tmp_path: Path) -> tuple[Sent | None, list[PublishRequest]]:
    """The account's next post leaves, a minute after its moment; what its network was asked."""
    publisher = ScriptedPublisher()
    publisher.then(receipt("78"))
    sender = Sender(
        upgraded,
        FixedClock(DUE + timedelta(minutes=1)),
        OpenOutlets({"invented_x": publisher}),
        worker="invented",
        pause_file=tmp_path / "PAUSE",
    )
    return sender.send_next("invented_x"), publisher.requests


def test_posts_keep_their_digests_and_approvals_and_have_no_picture(upgraded: Database):
    for number, state in ((_APPROVED, State.READY), (_SENT, State.SENT)):
        post = _post(upgraded, number)

        assert (post.state, post.digest, post.approved_digest, post.approved_by) == (
            *(state, DIGEST, DIGEST),
            "Huda",
        )
        assert post.picture is None


def test_posts_with_a_warning_that_may_still_leave_keep_their_approvals(upgraded: Database):
    bound = digest_of(
        account="invented_x", language="en", due_at=DUE, texts=(WORDS,), content_warning=WARNING
    )  # fmt: skip

    for number, digest, approved in (
        (_WARNED, bound, bound),
        (_WARNED_SENT, DIGEST, DIGEST),
        (_FORGED, "f" * 64, "f" * 64),
        (_VOID, bound, "e" * 64),
    ):
        post = _post(upgraded, number)
        assert (number, post.digest, post.approved_digest) == (number, digest, approved)


def test_an_approved_post_with_a_warning_leaves_after_the_upgrade(upgraded: Database, tmp_path: Path):
    with upgraded.write() as tx:
        # Its account lets such texts leave; only now is it ready, so that nothing else is sent before it.
        campaign = contents.read_campaign(tx, "invented")
        assert campaign is not None
        unwarned = tuple(replace(account, unwarned=True) for account in campaign.accounts)
        contents.save_campaign(tx, replace(campaign, accounts=unwarned), now=DUE)
        force_state(tx, _WARNED, State.READY)
        force_state(tx, _APPROVED, State.CANCELLED)

    sent, requests = _send(upgraded, tmp_path)

    assert sent is not None
    assert (sent.post.id, sent.state, sent.post.approved_by) == (_WARNED, State.SENT, "Huda")
    assert [(request.text, request.content_warning) for request in requests] == [(WORDS, WARNING)]


def test_many_posts_with_a_warning_are_taken_step_by_step(
    empty_url: str, open_database: Callable[[str], Database]
):
    database, many = open_database(empty_url), range(10, 10 + 2 * _STEP + 1)

    def fill(tx: Connection) -> None:
        _fill(tx)
        slots = [{"id": number, "key": f"slot-{number}", "at": AT} for number in many]
        tx.execute(text(_SLOT), slots)
        known = {"at": AT, "words": WORDS, "digest": DIGEST, "approved": DIGEST, "item": ITEM[1]}
        known |= {"warning": WARNING, "state": "held", "attempts": 0}
        tx.execute(text(_POST), [known | {"id": number} for number in many])
        tx.execute(text(_PART), [{"id": number, "words": WORDS, "remote_id": None} for number in many])

    _upgrade(empty_url, database, "0005", fill)

    with database.read() as tx:
        found = {post.id: post for post in posts.read_posts(tx, ids=list(many))}
    assert len(found) == len(many)
    assert {(post.digest, post.approved_digest) for post in found.values()} == {
        (_post(database, _WARNED).digest,) * 2
    }


def test_a_digest_of_what_has_no_picture_is_what_it_always_was():
    digest = digest_of(account="invented_x", language="en", due_at=DUE, texts=(WORDS,))

    assert digest == DIGEST


def test_campaigns_and_items_are_not_taken_for_changed(upgraded: Database):
    with upgraded.read() as tx:
        campaign = contents.read_campaign(tx, "invented")
        stored = contents.read_item(tx, "invented", "invented")

    assert campaign is not None
    assert stored is not None
    assert (codec.digest(codec.encode(campaign)), codec.digest(codec.encode(stored.item))) == (
        CAMPAIGN[1],
        ITEM[1],
    )
    assert (campaign.threads, campaign.cards, stored.item.picture) == (False, False, None)


def test_files_that_say_what_they_said_give_the_same_campaign_and_item():
    campaign = Campaign(
        key="invented",
        title={"en": "Invented"},
        organisers={"en": ("Nobody",)},
        languages=("en",),
        zone="UTC",
        hashtags={"en": Hashtags()},
        accounts=(Account(name="invented_x", network=Network.X, languages=("en",)),),
        posting_times=(PostingTime(at=time(9)),),
        approval=True,
    )
    item = Item(
        campaign="invented", key="invented", kind=Kind.CALL, wordings={"en": Wording(text=WORDS)}
    )  # fmt: skip

    assert (codec.encode(campaign), codec.encode(item)) == (CAMPAIGN[0], ITEM[0])


def test_an_approved_post_leaves_after_the_upgrade(upgraded: Database, tmp_path: Path):
    sent, requests = _send(upgraded, tmp_path)

    assert sent is not None
    assert (sent.post.id, sent.state) == (_APPROVED, State.SENT)
    assert [(request.text, request.picture) for request in requests] == [(WORDS, None)]


def test_old_attempts_took_no_picture_along(upgraded: Database, empty_url: str):
    with upgraded.read() as tx:
        attempt = claims.last_attempt(tx, posts.read_post(tx, _SENT))
    with open_log(empty_url) as log:
        assert log is not None
        (logged,) = log.attempts(LogFilter(post=_SENT))

    assert attempt is not None
    assert (attempt.picture, logged.shown) == (None, None)
