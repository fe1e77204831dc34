"""Pages of long lists hold exactly what a whole read would, however few rows each looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import event, insert

from bot.core.campaign import Kind, Network
from bot.core.post import Part, State
from bot.store import browsing, decisions, posts, search, send_log
from bot.store.browsing import AttemptsWanted, PostsWanted, Stretch
from bot.store.database import Database, Tx
from bot.store.tables import attempts
from bot.text.searching import asked_words
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, force_state, new_post, put_post

#: Several posts share a moment: their numbers tell them apart.
MOMENTS = 12


@pytest.fixture
def filled(db: Database) -> Database:
    """Posts of two accounts in two languages, of several states, items and texts."""
    with db.write() as tx:
        for place, (minute, account, language) in enumerate(
            product(range(MOMENTS), (ACCOUNT, SECOND_ACCOUNT), ("en", "ar"))
        ):
            number = put_post(
                tx,
                new_post(
                    due_at=NOW + timedelta(minutes=minute),
                    account=account.name,
                    language=language,
                    item=f"item-{place % 3}",
                    network=Network.X if place % 2 else Network.BLUESKY,
                    kind=Kind.FACT if place % 5 else Kind.CALL,
                    texts=(f"Invented words {place % 4}.",),
                ),
            )
            states = (State.READY, State.HELD, State.MISSED, State.CANCELLED, State.READY)
            force_state(tx, number, states[place % 5])
            _attempt(tx, number, minute=minute % 7)
    return db


def _attempt(tx: Tx, number: int, *, minute: int) -> None:
    post = posts.read_post(tx, number)
    tx.execute(
        insert(attempts).values(
            post_id=number,
            part=1,
            number=1,
            key=f"key-{number}",
            mode="live",
            worker="invented",
            epoch=1,
            campaign=post.campaign,
            account=post.account,
            network=post.network.value,
            language=post.language,
            kind=post.kind.value,
            item=post.item,
            due_at=post.due_at,
            text=post.text,
            started_at=NOW + timedelta(minutes=minute),
            not_after=NOW,
            state=(State.SENT if number % 3 else State.READY).value,
        )
    )


WANTED = [
    pytest.param({}, id="all"),
    pytest.param({"states": (State.HELD,)}, id="one-state"),
    pytest.param({"states": (State.READY, State.MISSED, State.UNKNOWN)}, id="several-states"),
    pytest.param({"account": SECOND_ACCOUNT.name, "language": "ar"}, id="account-and-language"),
    pytest.param({"states": (State.READY,), "network": "bluesky", "kind": "call"}, id="rare"),
    pytest.param({"campaign": CAMPAIGN.key, "item": "item-1"}, id="item"),
    pytest.param(
        {"campaign": CAMPAIGN.key, "item": "item-1", "states": (State.READY, State.HELD), "language": "en"},
        id="item-state-and-language",
    ),
    pytest.param({"campaign": "no-such-campaign"}, id="nothing"),
    pytest.param({"texts": "words 3"}, id="text"),
    pytest.param(
        {"texts": "words 3", "states": (State.READY, State.HELD), "language": "ar"}, id="text-and-more"
    ),
]


@pytest.mark.parametrize("descending", [False, True], ids=["soonest-first", "latest-first"])
@pytest.mark.parametrize("values", WANTED)
def test_pages_of_posts_hold_each_wanted_post_once_and_in_order(filled: Database, values, descending):
    with filled.read() as tx:
        wanted = PostsWanted(**_with_texts(tx, values))
        whole = sorted(
            ((post.due_at, post.id) for post in posts.read_posts(tx) if _is_wanted(post, values)),
            reverse=descending,
        )

        def walk(after) -> Stretch:
            return browsing.walk_posts(tx, wanted, after=after, descending=descending, limit=4, look=7)

        def gather(after) -> Stretch:
            return browsing.gather_posts(tx, wanted, after=after, descending=descending, limit=4)

        assert list(_pages(walk, limit=4)) == whole
        if wanted.texts is not None:
            assert list(_pages(gather, limit=4)) == whole


@pytest.mark.parametrize("values", WANTED)
def test_counts_are_exact_where_all_was_looked_at(filled: Database, values):
    with filled.read() as tx:
        wanted = PostsWanted(**_with_texts(tx, values))
        whole = [post for post in posts.read_posts(tx) if _is_wanted(post, values)]

        counted = browsing.count_posts(tx, wanted, look=100)
        if wanted.item is not None or wanted.texts is not None:
            counted_few = browsing.count_few(tx, wanted, look=100)
            assert {state: one.number for state, one in counted_few.items() if one.number} == {
                state: sum(post.state is state for post in whole) for state in {post.state for post in whole}
            }
    if wanted.item is None:
        assert sum(one.number for one in counted.values()) == len(whole)
    assert not any(one.or_more for one in counted.values())


def test_a_count_says_that_there_may_be_more(filled: Database):
    with filled.read() as tx:
        counted = browsing.count_posts(tx, PostsWanted(states=(State.READY,)), look=5)

    assert counted[State.READY].or_more
    assert counted[State.READY].number == 5


ATTEMPTS_WANTED = [
    pytest.param({}, id="all"),
    pytest.param({"account": ACCOUNT.name}, id="account"),
    pytest.param({"account": ACCOUNT.name, "states": (State.READY,)}, id="account-and-state"),
    pytest.param({"states": (State.SENT,), "network": "x"}, id="state-and-network"),
    pytest.param({"campaign": CAMPAIGN.key, "states": (State.SENT, State.READY)}, id="campaign-and-states"),
    pytest.param(
        {"since": NOW + timedelta(minutes=2), "until": NOW + timedelta(minutes=5), "network": "bluesky"},
        id="between",
    ),
    pytest.param({"texts": "WORDS 2"}, id="text"),
    pytest.param({"texts": "words 1", "states": (State.SENT,), "account": ACCOUNT.name}, id="text-and-more"),
    pytest.param({"post": 7}, id="post"),
]


@pytest.mark.parametrize("descending", [False, True], ids=["oldest-first", "newest-first"])
@pytest.mark.parametrize("values", ATTEMPTS_WANTED)
def test_pages_of_attempts_hold_each_wanted_attempt_once_and_in_order(filled: Database, values, descending):
    with filled.read() as tx:
        wanted = AttemptsWanted(**_with_texts(tx, values))
        rows = browsing.read_attempts(tx, of_posts=range(1, 100), limit=1000)
        whole = sorted(
            ((row.started_at, row.id) for row in rows if _is_wanted_attempt(row, values)), reverse=descending
        )

        def walk(after) -> Stretch:
            return browsing.walk_attempts(tx, wanted, after=after, descending=descending, limit=4, look=6)

        def gather(after) -> Stretch:
            return browsing.gather_attempts(tx, wanted, after=after, descending=descending, limit=4)

        assert whole
        assert list(_pages(walk, limit=4)) == whole
        if wanted.texts is not None:
            assert list(_pages(gather, limit=4)) == whole


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="all"),
        pytest.param({"states": (State.SENT,)}, id="state"),
        pytest.param({"account": ACCOUNT.name, "language": "ar", "kind": "call"}, id="filtered"),
        pytest.param({"states": (State.READY, State.HELD), "network": "x"}, id="states-and-filtered"),
        pytest.param({"texts": (1, 2), "states": (State.READY,)}, id="text"),
    ],
)
def test_a_look_at_posts_reads_an_index_alone(filled: Database, values):
    with filled.read() as tx:
        said = _said(
            tx,
            lambda: browsing.walk_posts(
                tx, PostsWanted(**values), after=(NOW, 1), descending=True, limit=5, look=100
            ),
        )
        said += _said(tx, lambda: browsing.count_posts(tx, PostsWanted(**values), look=100))
        plans = [str(line) for statement, parameters in said for line in _plan(tx, statement, parameters)]

    of_posts = [line for line in plans if " posts" in line]
    assert of_posts
    assert [line for line in of_posts if "USING COVERING INDEX" not in line] == []
    assert not any("TEMP B-TREE" in line for line in plans)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_look_at_attempts_reads_an_index_in_its_order(filled: Database):
    with filled.read() as tx:
        plans = []
        for values in (
            {},
            {"account": ACCOUNT.name, "states": (State.SENT,)},
            {"campaign": CAMPAIGN.key},
            {"states": (State.SENT,), "network": "x"},
        ):
            wanted = AttemptsWanted(**values)
            said = _said(
                tx,
                lambda wanted=wanted: browsing.walk_attempts(
                    tx, wanted, after=(NOW, 1), descending=True, limit=5, look=10
                ),
            )
            plans += [
                str(line) for statement, parameters in said for line in _plan(tx, statement, parameters)
            ]

    assert all("USING INDEX" in line or "USING COVERING" in line for line in plans if " attempts" in line)
    assert not any("TEMP B-TREE" in line for line in plans)


def test_a_text_that_says_the_same_in_other_dress_is_kept_once(db: Database):
    with db.write() as tx:
        first = search.keep_text(tx, "الأَسْرى 14,388")
        again = search.keep_text(tx, "الاسري ١٤٬٣٨٨!")
        other = search.keep_text(tx, "الاسري 14,389")

    assert first == again != other


def test_texts_are_looked_through_newest_first_some_at_a_time(db: Database):
    with db.write() as tx:
        numbers = [search.keep_text(tx, f"Invented أسرى {place}") for place in range(10)]
        words = asked_words("اسرى invented")

        first = search.find_texts(tx, words, older_than=None, read=4, limit=100)
        second = search.find_texts(tx, words, older_than=first.older_than, read=100, limit=3)
        third = search.find_texts(tx, words, older_than=second.older_than, read=100, limit=100)

    assert [*first.ids, *second.ids, *third.ids] == numbers[::-1]
    assert [len(step.ids) for step in (first, second, third)] == [4, 3, 3]
    assert third.older_than is None


def test_signs_that_mean_something_to_a_database_are_mere_letters(db: Database):
    with db.write() as tx:
        search.keep_text(tx, "Invented")
        found = [
            search.find_texts(tx, (sign,), older_than=None, read=10, limit=10).ids for sign in "%_'\"\\*"
        ]

    assert found == [()] * 6


def test_a_rewritten_post_is_found_by_its_new_text_alone(db: Database):
    with db.write() as tx:
        number = put_post(tx, new_post(texts=("The old words.",)))
        changed = new_post(texts=("The new words.",))
        posts.rewrite(tx, posts.read_post(tx, number), changed, state=State.READY, reason="", now=NOW)

        def found(words: str) -> list[int]:
            texts = search.find_texts(tx, asked_words(words), older_than=None, read=10, limit=10).ids
            wanted = PostsWanted(texts=texts)
            stretch = browsing.gather_posts(tx, wanted, after=None, descending=False, limit=10)
            return [one for _, one in stretch.found]

        assert (found("old"), found("new")) == ([], [number])


def test_a_thread_is_found_by_any_of_its_parts(db: Database):
    parts = tuple(
        Part(number=n, text=text, length=5) for n, text in enumerate(("First.", "Second."), start=1)
    )
    with db.write() as tx:
        number = put_post(tx, new_post(parts=parts))
        texts = search.find_texts(tx, ("second",), older_than=None, read=10, limit=10).ids
        stretch = browsing.gather_posts(tx, PostsWanted(texts=texts), after=None, descending=False, limit=10)

    assert [one for _, one in stretch.found] == [number]


def test_decisions_are_what_people_decided_and_what_held_everything(db: Database):
    with db.write() as tx:
        for event_name, body in (
            ("intent", {"who": "campaign-bot"}),
            ("moved", {"who": "campaign-bot", "after": "missed"}),
            ("moved", {"who": "A Person", "after": "held"}),
            ("outcome", {"state": "sent"}),
            ("paused", {"who": "campaign-bot", "reason": "the clock"}),
            ("approved", {"who": "A Person"}),
        ):
            send_log.append(tx, at=NOW, event=event_name, body=body)

        newest = decisions.walk_decisions(
            tx, after=None, descending=True, limit=2, look=100, bot="campaign-bot"
        )
        short = decisions.walk_decisions(tx, after=5, descending=True, limit=2, look=3, bot="campaign-bot")
        rest = decisions.walk_decisions(
            tx, after=short.looked_to, descending=True, limit=5, look=3, bot="campaign-bot"
        )

    assert [entry.seq for entry in newest.entries] == [6, 5]
    assert ([entry.seq for entry in short.entries], short.looked_to) == ([3], 2)
    assert (rest.entries, rest.looked_to) == ((), None)


def test_changed_posts_come_by_their_newest_entry(db: Database):
    with db.write() as tx:
        first, second, third = (
            put_post(tx, new_post(due_at=NOW + timedelta(minutes=minute))) for minute in range(3)
        )
        for number in (first, second, first, third, second):
            send_log.append(tx, at=NOW, event="moved", body={"who": "A Person"}, post=number)
        force_state(tx, third, State.HELD)

        newest = decisions.walk_changes(tx, PostsWanted(), after=None, descending=True, limit=9, look=9)
        held = decisions.walk_changes(
            tx, PostsWanted(states=(State.HELD,)), after=None, descending=False, limit=9, look=9
        )

    assert newest.found == ((5, second), (4, third), (3, first))
    assert held.found == ((4, third),)


def _with_texts(tx: Tx, values: dict[str, object]) -> dict[str, object]:
    if "texts" not in values:
        return values
    words = asked_words(str(values["texts"]))
    return {**values, "texts": search.find_texts(tx, words, older_than=None, read=99, limit=99).ids}


def _is_wanted(post, values: dict[str, object]) -> bool:
    return all(
        post.state in value
        if name == "states"
        else str(value).lower() in post.text.lower()
        if name == "texts"
        else getattr(post, name) == value
        for name, value in values.items()
    )


def _is_wanted_attempt(row, values: dict[str, object]) -> bool:
    since, until = values.get("since", NOW), values.get("until", NOW + timedelta(days=1))
    others = {name: value for name, value in values.items() if name not in ("since", "until")}
    return since <= row.started_at < until and _is_wanted(row, others)


def _pages(walk, *, limit: int) -> Iterator[tuple[object, int]]:
    """Every row, page after page, each a little after the one before."""
    after = None
    for _ in range(200):
        stretch = walk(after)
        yield from stretch.found
        if len(stretch.found) == limit:
            after = stretch.found[-1]
        elif stretch.looked_to is not None:
            assert after != stretch.looked_to
            after = stretch.looked_to
        else:
            return
    raise AssertionError("the list has no end")


def _said(tx: Tx, call) -> list[tuple[str, object]]:
    said: list[tuple[str, object]] = []

    def listen(_connection, _cursor, statement, parameters, _context, _many) -> None:
        said.append((statement, parameters))

    event.listen(tx, "before_cursor_execute", listen)
    call()
    event.remove(tx, "before_cursor_execute", listen)
    return said


def _plan(tx: Tx, statement: str, parameters: object) -> list[tuple[object, ...]]:
    return tx.connection.cursor().execute("EXPLAIN QUERY PLAN " + statement, parameters).fetchall()
