"""Unknown posts: what was sent, what was looked at, and the three answers of a person."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.core.errors import UnconfirmedError
from bot.core.people import Role
from bot.core.post import State
from bot.store import workers
from bot.store.workers import Worker
from posting import NOW, force_state
from stage import Process, Stage
from visiting import Visitor, words_of

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

LINK = "https://x.com/invented/status/77"


def _unknown(stage: Stage, **changes: object) -> tuple[int, Process]:
    """A post that was sent, and of which nobody can tell whether it is there."""
    number = stage.add(**changes)
    stage.network(UnconfirmedError("an invented silence"))
    process = stage.process()
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()
    assert stage.state(number) is State.UNKNOWN
    return number, process


def test_where_nothing_is_unknown_the_page_says_what_would_come_here(approver: Visitor):
    assert "Nothing is unknown" in words_of(approver.see("/unknown"))


def test_the_page_tells_what_was_sent_when_and_what_was_looked_at(stage: Stage, approver: Visitor):
    number, _process = _unknown(stage, texts=("Invented words that left.",))
    attempt = stage.attempt(number)
    assert attempt is not None

    words = words_of(approver.see("/unknown"))

    assert "Invented words that left." in words
    assert "12:00:00" in words
    assert attempt.key in words
    assert "an invented silence" in words
    assert "The network was looked at: it does not show the post" in words
    assert "2 whole reads of X do not show it" in words
    assert "Open the account's profile on X" in words
    assert "otherwise followers see it twice" in words


def test_the_profile_is_taken_from_a_link_that_names_it(stage: Stage, approver: Visitor):
    first, _process = _unknown(stage, texts=("The first words.",))
    stage.resolver().live(first, url=LINK)
    stage.pass_time(minutes=5)
    _unknown(stage, texts=("The second words.",), due_at=stage.clock.now())

    page = approver.see("/unknown")

    assert 'href="https://x.com/invented"' in page


def test_a_link_that_names_nobody_leads_to_what_was_published_last(stage: Stage, approver: Visitor):
    stage.add(texts=("Words that arrived.",))
    stage.process().send()
    stage.pass_time(minutes=5)
    _unknown(stage, texts=("Other words.",), due_at=stage.clock.now())

    page = approver.see("/unknown")

    assert 'href="https://example.org/posts/1"' in page
    assert "Open what the account published last." in words_of(page)


def test_it_is_there_keeps_the_link_and_is_sent(stage: Stage, approver: Visitor):
    number, _process = _unknown(stage)

    page = approver.follow(
        approver.send(f"/unknown/{number}", page="/unknown", answer="live", url=LINK, attempt=1)
    )

    assert stage.state(number) is State.SENT
    assert f"Post {number} is sent, with the link that you found." in words_of(page)


@pytest.mark.parametrize("link", ["", "https://example.org/nothing", "javascript:alert(1)", '"><script>'])
def test_a_link_to_no_post_is_refused_and_stays_typed(stage: Stage, approver: Visitor, link: str):
    number, _process = _unknown(stage)

    answer = approver.send(f"/unknown/{number}", page="/unknown", answer="live", url=link, attempt=1)

    assert answer.status_code in (409, 422)
    assert stage.state(number) is State.UNKNOWN
    assert '"><script>' not in answer.text
    if link.startswith("https"):
        assert f'value="{link}"' in answer.text


def test_left_as_it_is_it_is_never_sent_again(stage: Stage, approver: Visitor):
    number, process = _unknown(stage)

    approver.follow(approver.send(f"/unknown/{number}", page="/unknown", answer="leave", attempt=1))
    process.send()

    assert stage.state(number) is State.CANCELLED
    assert len(stage.network().requests) == 1


@pytest.mark.parametrize(
    "digits", [str, lambda n: "".join(chr(0x660 + int(d)) for d in str(n))], ids=["latin", "arabic"]
)
def test_send_again_is_confirmed_by_typing_the_posts_number(stage: Stage, approver: Visitor, digits):
    number, process = _unknown(stage)

    approver.follow(
        approver.send(f"/unknown/{number}", page="/unknown", answer="again", typed=digits(number), attempt=1)
    )
    process.send()

    assert stage.state(number) is State.SENT
    assert len(stage.network().requests) == 2


@pytest.mark.parametrize("typed", ["", "yes", "0", "99", "1 1", "9" * 5000])
def test_without_the_number_nothing_is_sent_again(stage: Stage, approver: Visitor, typed: str):
    number, process = _unknown(stage)

    answer = approver.send(f"/unknown/{number}", page="/unknown", answer="again", typed=typed, attempt=1)
    process.send()

    assert answer.status_code == 422
    assert f"Type {number} to send it again: nothing was done." in words_of(answer.text)
    assert stage.state(number) is State.UNKNOWN
    assert len(stage.network().requests) == 1


def test_an_answer_about_an_earlier_attempt_is_refused(stage: Stage, approver: Visitor):
    number, process = _unknown(stage)
    stage.resolver("Somebody Else").send_again(number)
    stage.network(UnconfirmedError("silence again"))
    process.send()
    for _ in range(2):
        stage.pass_time(minutes=3)
        process.sweep()
    assert stage.state(number) is State.UNKNOWN

    answer = approver.send(
        f"/unknown/{number}", page="/unknown", answer="again", typed=str(number), attempt=1
    )

    assert answer.status_code == 409
    assert "was tried again after you looked" in words_of(answer.text)
    assert len(stage.network().requests) == 2


def test_an_answer_that_is_none_of_the_three_does_nothing(stage: Stage, approver: Visitor):
    number, _process = _unknown(stage)

    answer = approver.send(f"/unknown/{number}", page="/unknown", answer="delete", attempt=1)

    assert answer.status_code == 422
    assert stage.state(number) is State.UNKNOWN


def test_a_post_that_somebody_else_resolved_is_told(stage: Stage, approver: Visitor):
    number, _process = _unknown(stage)
    stage.resolver("Somebody Else").leave(number)

    answer = approver.send(f"/unknown/{number}", page="/unknown", answer="leave", attempt=1)

    assert answer.status_code == 409
    assert "only an unknown post needs a person's word" in words_of(answer.text)


@pytest.mark.parametrize("answer", ["live", "leave", "again"])
@pytest.mark.parametrize(
    "attempt", [{}, {"attempt": ""}, {"attempt": "x"}], ids=["none", "empty", "nonsense"]
)
def test_an_answer_that_names_no_attempt_is_about_none(
    stage: Stage, approver: Visitor, answer: str, attempt: dict[str, str]
):
    number, _process = _unknown(stage)

    refused = approver.send(
        f"/unknown/{number}", page="/unknown", answer=answer, url=LINK, typed=str(number), **attempt
    )

    assert refused.status_code == 409
    assert "was tried again after you looked" in words_of(refused.text)
    assert stage.state(number) is State.UNKNOWN


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR])
def test_only_an_approver_has_the_word(stage: Stage, url: str, role: Role):
    number, _process = _unknown(stage)
    visitor = Visitor(stage, url=url, role=role)

    page = visitor.see("/unknown")

    assert "An approver says what is there." in words_of(page)
    assert not re.search(r'action="/unknown/', page)
    assert visitor.send(f"/unknown/{number}", answer="leave", attempt=1).status_code == 403
    assert stage.state(number) is State.UNKNOWN
    visitor.close()


def test_a_post_whose_worker_was_lost_takes_the_same_words(stage: Stage, approver: Visitor):
    number, _process = _unknown(stage)
    with stage.db.write() as tx:
        workers.begin(tx, Worker(id="w" * 36, host="gone", pid=1, ended=False), now=NOW)
        force_state(tx, number, State.SENDING, worker="w" * 36)
    assert f'id="post-{number}"' not in approver.see("/unknown")

    stage.pass_time(minutes=11)
    page = approver.see("/unknown")

    assert f'id="post-{number}"' in page
    approver.follow(approver.send(f"/unknown/{number}", page="/unknown", answer="leave", attempt=1))
    assert stage.state(number) is State.CANCELLED


def test_what_the_bot_still_looks_for_is_told_apart(stage: Stage, approver: Visitor):
    stage.add()
    stage.network(UnconfirmedError("silence"))
    stage.process().send()

    page = words_of(approver.see("/unknown"))

    assert "The bot is still looking for these" in page
    assert "looked at next in 3 minutes" in page


def test_pages_go_on_by_moment(stage: Stage, approver: Visitor):
    numbers = [
        stage.add(due_at=NOW + timedelta(minutes=place), texts=(f"Words {place}.",)) for place in range(25)
    ]
    with stage.db.write() as tx:
        for number in numbers:
            force_state(tx, number, State.UNKNOWN)

    first = approver.see("/unknown")
    following = re.search(r'href="(/unknown\?after=[^"]+)"', first)
    assert following is not None
    second = approver.see(following[1].replace("&amp;", "&"))

    found = [int(one) for page in (first, second) for one in re.findall(r'id="post-(\d+)"', page)]
    assert found == numbers
