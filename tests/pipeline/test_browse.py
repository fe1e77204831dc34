"""People look around in lists of any length, page by page, forth and back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.post import State
from bot.pipeline.browse import Browser, LogFilter, Order, QueueFilter
from bot.pipeline.inspect import Inspector, Verification
from bot.pipeline.paging import PAGE
from bot.pipeline.verified import VerifiedFile
from posting import ACCOUNT, SECOND_ACCOUNT
from stage import Stage


@pytest.fixture
def verified(tmp_path: Path) -> VerifiedFile:
    return VerifiedFile(tmp_path / "verified.json")


@pytest.fixture
def browser(stage: Stage, verified: VerifiedFile) -> Browser:
    return Browser(stage.db, stage.clock, verified=verified)


def _add(stage: Stage, number: int, **changes: object) -> list[int]:
    """Posts a minute apart, each with words of its own."""
    start = stage.clock.now()
    return stage.add_all(
        [
            stage.ready_post(
                due_at=start + timedelta(minutes=place), texts=(f"Invented words number {place}.",), **changes
            )
            for place in range(number)
        ]
    )


@pytest.mark.parametrize("text", ["", "number"], ids=["all", "searched"])
@pytest.mark.parametrize("order", [Order.SOONEST, Order.LATEST])
def test_one_goes_through_all_pages_and_back_to_the_first(stage: Stage, browser: Browser, order, text):
    wanted = QueueFilter(text=text)
    numbers = _add(stage, 2 * PAGE + 7)
    expected = numbers if order is Order.SOONEST else numbers[::-1]

    first = browser.queue(wanted, order=order)
    second = browser.queue(wanted, order=order, page=first.around.next)
    third = browser.queue(wanted, order=order, page=second.around.next)
    second_again = browser.queue(wanted, order=order, page=third.around.previous)
    first_again = browser.queue(wanted, order=order, page=second_again.around.previous)

    shown = [post.id for page in (first, second, third) for post in page.posts]
    assert shown == expected
    assert (first.around.previous, third.around.next) == (None, None)
    assert second_again.posts == second.posts
    assert first_again.posts == first.posts


@pytest.mark.parametrize(
    "page",
    [
        "",
        "x",
        "a1",
        "b1.2.3",
        "a-1.2",
        "a99999999999999999999.1",
        "a9999999999999999.1",
        "a1.1'; DROP",
        "á1.1",
    ],
)
def test_an_address_that_names_no_place_is_the_first_page(stage: Stage, browser: Browser, page):
    numbers = _add(stage, 3)

    shown = browser.queue(QueueFilter(), page=page)
    logged = browser.attempts(LogFilter(), page=page)

    assert {post.id for post in shown.posts} <= set(numbers)
    assert logged.attempts == ()


def test_posts_that_came_meanwhile_move_nothing_on_the_next_page(stage: Stage, browser: Browser):
    numbers = _add(stage, PAGE + 3)
    first = browser.queue(QueueFilter())
    stage.add(due_at=stage.clock.now() - timedelta(hours=1))

    second = browser.queue(QueueFilter(), page=first.around.next)

    assert [post.id for post in second.posts] == numbers[PAGE:]


def test_a_search_finds_a_text_however_it_is_spelled(stage: Stage, browser: Browser):
    _add(stage, 3)
    number = stage.add(texts=("شهادات الأَسْرى في ١٤٬٣٨٨ حالة",), account=SECOND_ACCOUNT.name)

    found = [browser.queue(QueueFilter(text=text)) for text in ("اسري", "14,388 الاسرى", "أسرى  حاله")]

    assert [[post.id for post in page.posts] for page in found] == [[number]] * 3
    assert [page.count((State.READY,)).number for page in found] == [1] * 3


def test_a_search_for_signs_alone_finds_nothing(stage: Stage, browser: Browser):
    _add(stage, 2)

    assert browser.queue(QueueFilter(text=" ؟! ")).posts == ()


def test_what_needs_a_person_is_what_waits_for_one(stage: Stage, browser: Browser):
    first, second, _ = _add(stage, 3)
    stage.operator().hold(first, reason="invented")
    stage.operator().cancel(second, reason="invented")

    page = browser.queue(QueueFilter(needs_person=True))

    assert [post.id for post in page.posts] == [first]
    assert page.count((State.CANCELLED,)).number == 1
    assert page.count(()).number == 3


def test_filters_hold_for_counts_too(stage: Stage, browser: Browser):
    _add(stage, 4)
    _add(stage, 3, account=SECOND_ACCOUNT.name)

    page = browser.queue(QueueFilter(account=SECOND_ACCOUNT.name))

    assert len(page.posts) == 3
    assert page.count((State.READY,)).number == 3


def test_an_items_posts_are_found_by_it(stage: Stage, browser: Browser):
    _add(stage, 2)
    number = stage.add(item="another-item", account=SECOND_ACCOUNT.name)

    page = browser.queue(QueueFilter(campaign="invented-campaign", item="another-item"))

    assert [post.id for post in page.posts] == [number]
    assert page.count(()).number == 1


def test_what_changed_last_comes_first(stage: Stage, browser: Browser):
    first, second, third = _add(stage, 3)
    for number in (third, first, second):
        stage.operator().hold(number, reason="invented")
    stage.operator().release(third)

    page = browser.queue(QueueFilter(), order=Order.CHANGED)
    held = browser.queue(QueueFilter(states=(State.HELD,)), order=Order.CHANGED)

    assert [post.id for post in page.posts] == [third, second, first]
    assert [post.id for post in held.posts] == [second, first]


def _send(stage: Stage, number: int) -> None:
    """Send that many posts, a minute apart."""
    process = stage.process()
    for place in range(number):
        stage.add(texts=(f"Invented words number {place}.",))
        process.send()
        stage.pass_time(minutes=1)


def test_the_log_shows_newest_attempts_first_and_goes_on(stage: Stage, browser: Browser):
    _send(stage, PAGE + 2)

    first = browser.attempts(LogFilter())
    second = browser.attempts(LogFilter(), page=first.around.next)
    again = browser.attempts(LogFilter(), page=second.around.previous)

    started = [attempt.started_at for page in (first, second) for attempt in page.attempts]
    assert started == sorted(started, reverse=True)
    assert (len(first.attempts), len(second.attempts)) == (PAGE, 2)
    assert again.attempts == first.attempts


def test_the_log_is_filtered_by_time_account_and_text(stage: Stage, browser: Browser):
    start = stage.clock.now()
    _send(stage, 4)

    since = browser.attempts(
        LogFilter(since=start + timedelta(minutes=1), until=start + timedelta(minutes=3))
    )
    text = browser.attempts(LogFilter(text="NUMBER 3", account=ACCOUNT.name, states=(State.SENT,)))
    other = browser.attempts(LogFilter(account=SECOND_ACCOUNT.name))

    assert len(since.attempts) == 2
    assert [attempt.text for attempt in text.attempts] == ["Invented words number 3."]
    assert other.attempts == ()


def test_an_export_holds_what_is_filtered_oldest_first(stage: Stage, browser: Browser):
    _send(stage, 3)

    everything = list(browser.export_attempts(LogFilter()))
    some = list(browser.export_attempts(LogFilter(text="number 1")))

    assert [attempt.text[-2] for attempt in everything] == ["0", "1", "2"]
    assert [attempt.text[-2] for attempt in some] == ["1"]


def test_each_attempt_stands_beside_the_others_of_its_post(stage: Stage, browser: Browser):
    from bot.core.errors import NotSentError

    stage.network(NotSentError("no connection"))
    number = stage.add()
    process = stage.process()
    process.send()
    stage.pass_time(minutes=2)
    process.send()

    page = browser.attempts(LogFilter(states=(State.SENT,)))

    assert [attempt.state for attempt in page.by_post[number]] == ["ready", "sent"]


def test_decisions_are_listed_newest_first(stage: Stage, browser: Browser):
    (number,) = _add(stage, 1)
    stage.operator("First").hold(number, reason="invented")
    stage.pause()

    page = browser.decisions()

    assert [entry.event for entry in page.entries] == ["paused", "moved"]


def test_the_newest_entries_are_checked_on_demand(stage: Stage, browser: Browser):
    _send(stage, 2)

    sound = browser.check_newest()
    with stage.db.write() as tx:
        tx.exec_driver_sql("UPDATE send_log SET event = 'forged' WHERE seq = 2")
    forged = browser.check_newest()

    assert (sound.problems, sound.entries) == ((), len(stage.entries()))
    assert "entry 2 was changed" in forged.problems


def test_the_last_whole_verification_is_remembered(stage: Stage, browser: Browser, verified: VerifiedFile):
    _send(stage, 1)
    before = browser.last_verification()

    *_, verification = Inspector(stage.db, stage.clock, verified=verified).verify()

    last = browser.last_verification()
    assert isinstance(verification, Verification)
    assert before is None
    assert last is not None
    assert (last.at, last.entries, last.head, last.problems) == (
        stage.clock.now(),
        verification.entries,
        verification.head,
        0,
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"at": "never"}', "\x00"])
def test_a_note_that_cannot_be_read_is_no_verification(tmp_path: Path, content):
    (tmp_path / "verified.json").write_text(content)

    assert VerifiedFile(tmp_path / "verified.json").read() is None
