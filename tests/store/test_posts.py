"""Posts as they stand, and who may move them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.core.errors import NotAllowedError, NotFoundError
from bot.core.post import MOVES, Part, State
from bot.store import claims, posts
from bot.store.database import Database
from bot.store.tables import parts
from posting import NOW, force_state, new_post, put_post

PAIRS = [(before, after) for before in State for after in State]


def test_every_pair_of_states_is_moved_or_refused_as_the_moves_say(db: Database):
    with db.write() as tx:
        numbers = {
            pair: put_post(tx, new_post(due_at=NOW + timedelta(minutes=place), account=f"invented_{place}"))
            for place, pair in enumerate(PAIRS)
        }
        for (before, _), number in numbers.items():
            force_state(tx, number, before)
        for (_, after), number in numbers.items():
            try:
                posts.move(tx, posts.read_post(tx, number), after, reason="invented", now=NOW)
            except NotAllowedError:
                continue

    with db.read() as tx:
        ended = {pair: posts.read_post(tx, number).state for pair, number in numbers.items()}
    assert ended == {(before, after): after if after in MOVES[before] else before for before, after in PAIRS}


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param({"state": "held"}, id="another-state"),
        pytest.param({"epoch": 1}, id="claimed-and-back"),
        pytest.param({"digest": "1" * 64}, id="another-text-or-moment"),
    ],
)
def test_a_post_that_changed_since_it_was_read_is_not_moved(db: Database, meanwhile):
    with db.write() as tx:
        read = posts.read_post(tx, put_post(tx, new_post()))
        force_state(tx, read.id, State(meanwhile.get("state", "ready")), **_without_state(meanwhile))

        with pytest.raises(NotAllowedError, match="look again"):
            posts.move(tx, read, State.MISSED, reason="invented", now=NOW)

        assert posts.read_post(tx, read.id).state is not State.MISSED


def _without_state(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "state"}


def test_a_post_that_is_not_there_is_named(db: Database):
    with db.read() as tx, pytest.raises(NotFoundError, match="post 77: there is no such post"):
        posts.read_post(tx, 77)


def test_a_rewritten_post_has_the_new_parts_and_no_approval(db: Database):
    with db.write() as tx:
        number = put_post(tx, new_post(texts=("One.", "Two."), state=State.HELD, approval_needed=True))
        posts.approve(tx, posts.read_post(tx, number), who="An Approver", now=NOW)
        held = posts.read_post(tx, number)
        changed = replace(
            new_post(due_at=NOW + timedelta(hours=1), texts=("Other.",)),
            content_warning="about prisons",
            cost_usd_micros=200_000,
        )

        posts.rewrite(tx, held, changed, state=State.READY, reason="", now=NOW)

        after = posts.read_post(tx, number)
        written = claims.read_parts(tx, number)
    assert written == [Part(number=1, text="Other.", length=6)]
    assert (after.text, after.due_at, after.content_warning) == (
        "Other.",
        NOW + timedelta(hours=1),
        "about prisons",
    )
    assert (after.cost_usd_micros, after.approved_by, after.approved_digest) == (200_000, None, None)


def test_only_a_waiting_or_missed_post_is_rewritten(db: Database):
    with db.write() as tx:
        read = posts.read_post(tx, put_post(tx, new_post()))
        refused = set()
        for state in State:
            force_state(tx, read.id, state)
            try:
                posts.rewrite(
                    tx, posts.read_post(tx, read.id), new_post(), state=State.READY, reason="", now=NOW
                )
            except NotAllowedError:
                refused.add(state)

    assert refused == set(State) - {State.HELD, State.READY, State.MISSED}


def test_a_post_of_which_a_part_is_public_gets_another_moment_but_no_other_text(db: Database):
    with db.write() as tx:
        read = posts.read_post(tx, put_post(tx, new_post(texts=("One.", "Two."))))
        tx.execute(update(parts).where(parts.c.number == 1).values(remote_id="11"))

        with pytest.raises(NotAllowedError):
            posts.rewrite(tx, read, new_post(texts=("Other.",)), state=State.READY, reason="", now=NOW)

        later = new_post(texts=("One.", "Two."), due_at=NOW + timedelta(hours=1))
        posts.rewrite(tx, read, later, state=State.READY, reason="", now=NOW)

        kept = tx.execute(select(parts.c.remote_id).order_by(parts.c.number)).scalars().all()
        assert kept == ["11", None]
        assert posts.read_post(tx, read.id).due_at == NOW + timedelta(hours=1)
        assert [part.text for part in claims.read_parts(tx, read.id)] == ["One.", "Two."]


def test_an_approval_of_another_text_binds_nothing(db: Database):
    with db.write() as tx:
        read = posts.read_post(tx, put_post(tx, new_post(state=State.HELD, approval_needed=True)))
        posts.rewrite(tx, read, new_post(texts=("Other.",)), state=State.HELD, reason="", now=NOW)

        posts.approve(tx, read, who="An Approver", now=NOW)

        assert posts.read_post(tx, read.id).approved_by is None


def test_posts_are_read_page_by_page_in_the_order_of_their_moments(db: Database):
    with db.write() as tx:
        for minutes in (30, 20):
            put_post(tx, new_post(due_at=NOW + timedelta(minutes=minutes)))
        first = put_post(tx, new_post(due_at=NOW + timedelta(minutes=10), account="invented_a"))
        second = put_post(tx, new_post(due_at=NOW + timedelta(minutes=10), account="invented_b"))

    pages = []
    after = None
    with db.read() as tx:
        while page := posts.read_posts(tx, after=after, limit=1):
            pages += page
            after = (page[-1].due_at, page[-1].id)
        whole = posts.read_posts(tx)
    assert pages == whole
    assert [post.id for post in whole[:2]] == [first, second]
    assert [post.due_at - NOW for post in whole] == [timedelta(minutes=m) for m in (10, 10, 20, 30)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({}, {"a", "b", "c"}, id="all"),
        pytest.param({"states": (State.HELD,)}, {"b"}, id="state"),
        pytest.param({"states": (State.HELD, State.READY)}, {"a", "b", "c"}, id="states"),
        pytest.param({"account": "c"}, {"c"}, id="account"),
        pytest.param({"language": "ar"}, {"c"}, id="language"),
        pytest.param({"item": "other"}, {"b"}, id="item"),
        pytest.param({"campaign": "another"}, set(), id="campaign"),
        pytest.param({"start": NOW + timedelta(hours=1)}, {"b", "c"}, id="start-included"),
        pytest.param({"end": NOW + timedelta(hours=1)}, {"a"}, id="end-excluded"),
    ],
)
def test_posts_are_filtered(db: Database, wanted, found):
    with db.write() as tx:
        put_post(tx, new_post(account="a"))
        put_post(tx, new_post(account="b", due_at=NOW + timedelta(hours=1), state=State.HELD, item="other"))
        put_post(tx, new_post(account="c", due_at=NOW + timedelta(hours=2), language="ar"))

    with db.read() as tx:
        assert {post.account for post in posts.read_posts(tx, **wanted)} == found
