"""Looking for a post: from when on, and what is done where an account sends again by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.errors import NotSentError, UnconfirmedError
from bot.core.post import Receipt, State
from bot.pipeline.outlets import Outlet
from bot.publishing.protocol import PublishRequest
from posting import ACCOUNT, NOW, SECOND_ACCOUNT, OpenOutlets, ScriptedPublisher, receipt
from stage import Stage

SETTLE = timedelta(seconds=180)


class Remembers(ScriptedPublisher):
    """A network's edge that keeps from when on it was looked at."""

    def __init__(self, *answers: Exception) -> None:
        super().__init__(*answers)
        self.since: list[datetime] = []

    def find(self, request: PublishRequest, *, since: datetime) -> Receipt | None:
        self.since.append(since)
        return super().find(request, since=since)


class SendsAgain(OpenOutlets):
    """Accounts that are to send again what the network does not show."""

    def of(self, account: str) -> Outlet | None:
        outlet = super().of(account)
        return None if outlet is None else replace(outlet, send_again=True)


def test_a_look_begins_with_the_first_attempt_not_with_the_last(stage: Stage):
    # A duplicate that is refused, or a post that the network shows late, is of an earlier attempt.
    stage.add(grace=timedelta(hours=1))
    network = Remembers(NotSentError("no route"), UnconfirmedError("silence"))
    stage.outlets.publishers[ACCOUNT.name] = network
    process = stage.process()
    process.send()
    stage.pass_time(minutes=1)
    process.send()

    stage.clock.advance(SETTLE)
    process.sweep()

    assert network.since == [NOW]


def test_a_look_leaves_out_what_other_posts_of_the_same_words_made_public(stage: Stage):
    # Sent before: the same words of this account and of another one, and other words.
    same = {"fingerprint": "f" * 64, "grace": timedelta(hours=1)}
    first = stage.add(due_at=NOW - timedelta(seconds=3), **same)
    stage.add(due_at=NOW - timedelta(seconds=2), account=SECOND_ACCOUNT.name, **same)
    stage.add(due_at=NOW - timedelta(seconds=1), texts=("Other words.",), fingerprint="0" * 64)
    lost = stage.add(**same)
    network = stage.network(receipt("71"), receipt("73"), UnconfirmedError("silence"))
    stage.network(receipt("72"), account=SECOND_ACCOUNT.name)
    process = stage.process()
    process.sender.send_due()

    stage.clock.advance(SETTLE)
    process.sweep()
    stage.pass_time(minutes=1)
    process.sweep()

    assert [look.known for look in network.looks] == [frozenset({"71"})] * 2
    assert stage.state(lost) is State.UNKNOWN
    assert stage.reason(lost) == f"2 whole reads of x do not show it beside post {first}, which says the same"


def test_a_look_for_a_part_leaves_out_the_parts_before_it(stage: Stage):
    stage.add(texts=("Again.", "Again."), grace=timedelta(hours=1))
    network = stage.network(receipt("71"), UnconfirmedError("silence"))
    process = stage.process()
    process.sender.send_due()

    stage.clock.advance(SETTLE)
    process.sweep()

    assert [look.known for look in network.looks] == [frozenset({"71"})]


def test_only_an_account_that_says_so_sends_again_what_two_looks_do_not_show(stage: Stage):
    stage.outlets = SendsAgain(stage.outlets.publishers)
    number = stage.add(grace=timedelta(hours=1))
    network = stage.network(UnconfirmedError("silence"))
    process = stage.process()
    process.send()

    stage.clock.advance(SETTLE)
    process.sweep()
    after_one_look = (stage.state(number), process.send())
    stage.pass_time(minutes=1)
    process.sweep()
    process.send()

    assert after_one_look == (State.UNCONFIRMED, None)
    assert stage.state(number) is State.SENT
    first, second = network.requests
    assert first.key != second.key
    assert stage.log_problems() == []
