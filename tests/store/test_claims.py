"""Claims and attempts: whose turn it is, and what is on disk of it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.core.errors import NotAllowedError
from bot.core.post import Part, Post, Receipt, State
from bot.store import claims, pauses, posts
from bot.store.claims import Attempt
from bot.store.database import Database, Tx
from bot.store.pauses import Pause
from posting import ACCOUNT, CAMPAIGN, NOW, force_state, new_post, put_post, receipt, write

MINUTE = timedelta(minutes=1)


def _claim(
    tx: Tx, account: str = ACCOUNT.name, *, now: datetime = NOW, worker: str = "worker-1"
) -> Post | None:
    return claims.claim_due(tx, account, now=now, worker=worker, lease_until=now + 2 * MINUTE)


def _claimed(tx: Tx, *, texts: tuple[str, ...] = ("One.",)) -> Post:
    put_post(tx, new_post(texts=texts))
    post = _claim(tx)
    assert post is not None
    return post


def _opened(tx: Tx, post: Post, *, key: str = "key-1") -> Attempt:
    next_part = claims.next_part(tx, post.id)
    assert next_part is not None
    return claims.open_attempt(
        tx,
        post,
        next_part.part,
        key=key,
        mode="live",
        worker="worker-1",
        now=NOW,
        not_after=NOW + timedelta(seconds=5),
    )


def test_the_first_due_post_of_the_account_is_claimed(db: Database):
    with db.write() as tx:
        put_post(tx, new_post(due_at=NOW - MINUTE))
        first = put_post(tx, new_post(due_at=NOW - 2 * MINUTE))
        put_post(tx, new_post(due_at=NOW - 3 * MINUTE, account="another_x"))
        put_post(tx, new_post(due_at=NOW - 4 * MINUTE, state=State.HELD))

        post = _claim(tx)

    assert post is not None
    assert (post.id, post.state, post.epoch, post.worker) == (first, State.CLAIMED, 1, "worker-1")


@pytest.mark.parametrize(
    ("due_in", "claimed"),
    [
        pytest.param(timedelta(0), True, id="at-its-moment"),
        pytest.param(timedelta(microseconds=1), False, id="a-microsecond-early"),
    ],
)
def test_nothing_is_claimed_before_its_moment(db: Database, due_in, claimed):
    with db.write() as tx:
        put_post(tx, new_post(due_at=NOW + due_in))

        assert (_claim(tx) is not None) is claimed


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_nothing_is_claimed_while_a_post_of_the_account_is_in_flight(db: Database, state):
    with db.write() as tx:
        force_state(tx, put_post(tx, new_post(due_at=NOW - MINUTE)), state)
        put_post(tx, new_post())

        assert _claim(tx) is None
        assert claims.accounts_with_due(tx, [ACCOUNT.name], now=NOW) == [ACCOUNT.name]


def test_the_database_itself_holds_one_post_in_flight_per_account(db: Database):
    with db.write() as tx:
        numbers = [put_post(tx, new_post(due_at=NOW - n * MINUTE)) for n in range(2)]
        force_state(tx, numbers[0], State.SENDING)

    with pytest.raises(IntegrityError):
        write(db, lambda tx: force_state(tx, numbers[1], State.CLAIMED))


@pytest.mark.parametrize(
    ("pause", "holds"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"campaign": CAMPAIGN.key}, True, id="its-campaign"),
        pytest.param({"account": ACCOUNT.name}, True, id="its-account"),
        pytest.param({"language": "en"}, True, id="its-language"),
        pytest.param({"campaign": CAMPAIGN.key, "language": "en"}, True, id="both-its-own"),
        pytest.param({"campaign": "another"}, False, id="another-campaign"),
        pytest.param({"account": "another_x"}, False, id="another-account"),
        pytest.param({"language": "ar"}, False, id="another-language"),
        pytest.param({"campaign": CAMPAIGN.key, "language": "ar"}, False, id="one-of-two"),
    ],
)
def test_a_pause_holds_what_it_names_until_it_is_lifted(db: Database, pause, holds):
    named = {"campaign": None, "account": None, "language": None, **pause}
    with db.write() as tx:
        number = put_post(tx, new_post())
        pauses.pause(tx, Pause(**pause, reason="invented", who="A Person", paused_at=NOW))
        due = claims.accounts_with_due(tx, [ACCOUNT.name], now=NOW)
        holding = pauses.holding(tx, campaign=CAMPAIGN.key, account=ACCOUNT.name, language="en")

        claimed = _claim(tx)

        lifted = pauses.resume(tx, **named, who="A Person", now=NOW)
        later = claimed or _claim(tx)
    assert (due == []) is holds
    assert (holding is not None) is holds
    assert (claimed is None) is holds
    assert len(lifted) == 1
    assert later is not None
    assert later.id == number


def test_resuming_lifts_exactly_what_is_named(db: Database):
    with db.write() as tx:
        for named in ({}, {"account": "a"}, {"account": "a", "language": "en"}):
            pauses.pause(tx, Pause(**named, reason="invented", who="A Person", paused_at=NOW))

        lifted = pauses.resume(tx, campaign=None, account="a", language=None, who="A Person", now=NOW)

        left = pauses.active(tx)
    assert [pause.covers() for pause in lifted] == ["account a"]
    assert [pause.covers() for pause in left] == ["everything", "account a, language en"]


def test_an_account_that_is_asked_to_wait_is_left_alone_until_then(db: Database):
    with db.write() as tx:
        put_post(tx, new_post())
        claims.note_account(tx, ACCOUNT.name, last_sent_at=NOW)
        claims.note_account(tx, ACCOUNT.name, not_before=NOW + MINUTE)

        early = (_claim(tx), claims.accounts_with_due(tx, [ACCOUNT.name], now=NOW))
        late = claims.accounts_with_due(tx, [ACCOUNT.name], now=NOW + MINUTE)
        post = _claim(tx, now=NOW + MINUTE)

    assert early == (None, [])
    assert late == [ACCOUNT.name]
    assert post is not None


def test_many_workers_at_once_claim_one_post_of_an_account(db: Database):
    with db.write() as tx:
        for n in range(8):
            put_post(tx, new_post(due_at=NOW - n * MINUTE))
    start = threading.Barrier(8)
    claimed: list[Post | None] = []
    errors: list[Exception] = []

    def work(number: int) -> None:
        start.wait()
        try:
            with db.write() as tx:
                claimed.append(_claim(tx, worker=f"worker-{number}"))
        except NotAllowedError:
            claimed.append(None)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len([post for post in claimed if post is not None]) == 1


def test_parts_leave_one_after_another_each_answering_the_one_before(db: Database):
    with db.write() as tx:
        post = _claimed(tx, texts=("One.", "Two."))

        first = claims.next_part(tx, post.id)
        claims.keep_receipt(tx, _opened(tx, post), receipt("11"), now=NOW)
        second = claims.next_part(tx, post.id)
        claims.keep_receipt(tx, _opened(tx, _claimed_again(tx, post), key="key-2"), receipt("12"), now=NOW)
        third = claims.next_part(tx, post.id)

    assert first is not None
    assert second is not None
    assert (first.part.text, first.reply_to) == ("One.", None)
    assert (second.part, second.reply_to) == (Part(number=2, text="Two.", length=4), "11")
    assert third is None


def _claimed_again(tx: Tx, post: Post) -> Post:
    posts.move(tx, posts.read_post(tx, post.id), State.READY, reason="", now=NOW)
    claimed = _claim(tx)
    assert claimed is not None
    return claimed


def test_an_attempt_keeps_what_leaves_and_how_it_ended(db: Database):
    with db.write() as tx:
        post = _claimed(tx)
        attempt = _opened(tx, post)
        claims.close_attempt(tx, attempt, State.UNCONFIRMED, now=NOW, error="no answer in 30 s")
        claims.close_attempt(tx, attempt, State.SENT, now=NOW, receipt=Receipt(remote_id="11", url=None))

        found = claims.last_attempt(tx, post)
        after = posts.read_post(tx, post.id)

    assert found == attempt
    assert (attempt.number, attempt.part, attempt.text, attempt.mode) == (1, 1, "One.", "live")
    assert attempt.not_after == NOW + timedelta(seconds=5)
    assert (after.state, after.attempts) == (State.SENDING, 1)


def test_an_attempt_is_not_opened_for_a_claim_that_was_lost(db: Database):
    with db.write() as tx:
        post = _claimed(tx)
        posts.move(tx, post, State.READY, reason="", now=NOW)
        _claim(tx, worker="worker-2")

        with pytest.raises(NotAllowedError):
            _opened(tx, post)

        assert claims.last_attempt(tx, post) is None


def test_a_claim_lapses_after_its_lease(db: Database):
    with db.write() as tx:
        post = _claimed(tx)

        at_its_end = claims.expired_claims(tx, now=NOW + 2 * MINUTE)
        after = claims.expired_claims(tx, now=NOW + 2 * MINUTE + timedelta(microseconds=1))

    assert at_its_end == []
    assert [one.id for one in after] == [post.id]


def test_waiting_posts_past_their_grace_are_overdue(db: Database):
    with db.write() as tx:
        ready = put_post(tx, new_post(grace=10 * MINUTE))
        held = put_post(tx, new_post(grace=10 * MINUTE, language="ar", state=State.HELD))
        force_state(tx, put_post(tx, new_post(account="b", grace=10 * MINUTE)), State.SENDING)

        at_its_end = claims.overdue_posts(tx, now=NOW + 10 * MINUTE)
        after = claims.overdue_posts(tx, now=NOW + 10 * MINUTE + timedelta(microseconds=1))

    assert at_its_end == []
    assert {post.id for post in after} == {ready, held}


def test_the_network_is_looked_at_when_the_settle_time_is_over(db: Database):
    with db.write() as tx:
        number = put_post(tx, new_post())
        force_state(tx, number, State.UNCONFIRMED, look_at=NOW + 3 * MINUTE)
        post = posts.read_post(tx, number)

        early = claims.posts_to_look_for(tx, now=NOW + 2 * MINUTE)
        due = claims.posts_to_look_for(tx, now=NOW + 3 * MINUTE)
        posts.look_again(tx, post, look_at=NOW + 4 * MINUTE, absent_reads=1, now=NOW)
        again = claims.posts_to_look_for(tx, now=NOW + 3 * MINUTE)

    assert (early, [one.id for one in due], again) == ([], [number], [])


def test_the_next_moment_is_that_of_a_ready_post_to_come(db: Database):
    with db.write() as tx:
        put_post(tx, new_post(due_at=NOW))
        put_post(tx, new_post(due_at=NOW + MINUTE, state=State.HELD))
        put_post(tx, new_post(due_at=NOW + 3 * MINUTE))
        put_post(tx, new_post(due_at=NOW + 2 * MINUTE))

        assert claims.next_due_at(tx, after=NOW) == NOW + 2 * MINUTE
        assert claims.next_due_at(tx, after=NOW + 3 * MINUTE) is None
