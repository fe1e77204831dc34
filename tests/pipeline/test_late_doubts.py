"""A post that waits and may be public all the same: late, it goes before a person; nobody moves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import NotAllowedError, NotSentError, UnconfirmedError
from bot.core.post import Mode, State
from bot.publishing.protocol import Recovery
from bot.store import posts
from posting import ACCOUNT, CAMPAIGN, receipt
from stage import Process, Stage

#: As on Mastodon: one whole read is believed, for a repeat does no harm there while the key is known.
KNOWS_KEYS = Recovery(
    settle=timedelta(minutes=5),
    absent_reads=1,
    apart=timedelta(minutes=1),
    absent_means=State.READY,
    repeat_within=timedelta(minutes=50),
)
LONG = timedelta(days=1)
MAY_HAVE_LEFT = "an earlier attempt may have left it public all the same"


def _doubted(stage: Stage, process: Process, *, lost: Exception | None = None, **post: object) -> int:
    """A ready post whose request was lost, and that one look did not show."""
    number = stage.add(grace=LONG, **post)
    stage.network(lost or UnconfirmedError("silence")).recovery = KNOWS_KEYS
    process.send()
    stage.clock.advance(KNOWS_KEYS.settle)
    process.sweep()
    assert stage.state(number) is State.READY
    return number


def _by_the_sweep(stage: Stage, process: Process, number: int) -> None:
    stage.pause()
    stage.pass_time(minutes=60)
    process.sweep()


def _by_resuming(stage: Stage, process: Process, number: int) -> None:
    stage.pause()
    stage.pass_time(minutes=60)
    stage.resume()


def _at_the_intent(stage: Stage, process: Process, number: int) -> None:
    claimed = process.sender._claim(ACCOUNT.name)
    assert claimed is not None
    stage.pass_time(minutes=60)
    refused = process.sender._intend(claimed, stage.outlets.of(ACCOUNT.name))
    assert getattr(refused, "state", None) is State.UNKNOWN


def _while_held(stage: Stage, process: Process, number: int) -> None:
    stage.operator().hold(number, reason="an invented reason")
    stage.pass_time(minutes=60)
    process.sweep()


def _after_a_claim_lapsed(stage: Stage, process: Process, number: int) -> None:
    process.sender._claim(ACCOUNT.name)
    stage.pass_time(minutes=60)
    process.sweep()
    process.sweep()


LATE = [
    pytest.param(_by_the_sweep, id="swept"),
    pytest.param(_by_resuming, id="resumed"),
    pytest.param(_at_the_intent, id="at-the-intent"),
    pytest.param(_while_held, id="held"),
    pytest.param(_after_a_claim_lapsed, id="claim-lapsed"),
]
Late = Callable[[Stage, Process, int], None]


@pytest.mark.parametrize("late", LATE)
def test_what_may_be_public_goes_before_a_person_when_its_grace_passes(stage: Stage, late: Late):
    process = stage.process()
    number = _doubted(stage, process)

    late(stage, process, number)

    assert stage.state(number) is State.UNKNOWN
    assert stage.reason(number).endswith(MAY_HAVE_LEFT)
    assert stage.entries(number)[-1].body["state"] == "unknown"
    assert stage.log_problems() == []
    assert len(stage.network().requests) == 1


@pytest.mark.parametrize("late", [one for one in LATE if one.id in ("swept", "resumed", "held")])
def test_what_certainly_never_left_is_missed(stage: Stage, late: Late):
    process = stage.process()
    number = _doubted(stage, process, lost=NotSentError("no route"))
    stage.pass_time(days=1)

    late(stage, process, number)

    assert stage.state(number) is State.MISSED


def test_a_dry_run_leaves_no_doubt(stage: Stage):
    stage.outlets.mode = Mode.DRY_RUN.value
    process = stage.process()
    number = _doubted(stage, process)

    stage.pass_time(days=1)
    process.sweep()

    assert stage.state(number) is State.MISSED


def test_what_may_be_public_is_given_no_other_moment_and_may_be_cancelled(stage: Stage):
    process = stage.process()
    number = _doubted(stage, process)

    with pytest.raises(NotAllowedError, match=f"post {number} may be public already"):
        stage.operator().move(number, to=stage.clock.now() + timedelta(days=2))
    stage.operator().cancel(number, reason="wrong day")

    assert stage.state(number) is State.CANCELLED


def test_what_may_be_public_gives_way_to_nothing(stage: Stage):
    process = stage.process()
    number = _doubted(stage, process)

    queued = stage.operator().queue_item(
        CAMPAIGN.key, "invented-fact", account=ACCOUNT.name, language="en", at=stage.clock.now()
    )

    assert queued.gave_way == ()
    assert stage.state(number) is State.READY


def test_a_persons_word_ends_the_doubt(stage: Stage):
    process = stage.process()
    number = _doubted(stage, process)
    _by_the_sweep(stage, process, number)

    stage.resolver().send_again(number)
    stage.pass_time(days=2)
    process.sweep()

    assert stage.state(number) is State.MISSED


def test_a_person_who_has_it_sent_again_gives_it_a_new_key(stage: Stage):
    process = stage.process()
    number = _doubted(stage, process)
    _by_the_sweep(stage, process, number)
    stage.resume()
    network = stage.network(receipt("71"))

    stage.resolver().send_again(number)
    process.send()

    first, second = network.requests
    assert stage.state(number) is State.SENT
    assert first.key != second.key
    assert stage.log_problems() == []


def test_a_part_that_got_its_receipt_leaves_no_doubt_about_the_next(stage: Stage):
    process = stage.process()
    number = _doubted(stage, process, texts=("One.", "Two."))
    stage.network(receipt("71"))
    process.send()
    assert stage.remote_ids(number) == ["71", None]

    stage.pass_time(days=2)
    process.sweep()

    assert stage.state(number) is State.MISSED


@pytest.mark.parametrize(
    ("first", "second", "is_repeat"),
    [
        pytest.param("Distressing.", "Distressing.", True, id="the-same"),
        pytest.param("Distressing.", "Other words.", False, id="other-words"),
        pytest.param("Distressing.", None, False, id="none-by-now"),
    ],
)
def test_only_a_request_with_the_same_warning_has_the_same_key(stage: Stage, first, second, is_repeat):
    unwarned = replace(ACCOUNT, unwarned=True)
    stage.take_in(replace(CAMPAIGN, accounts=(unwarned, *CAMPAIGN.accounts[1:])))
    number = stage.add(grace=LONG, content_warning=first)
    network = stage.network(NotSentError("no route"), receipt("71"))
    network.recovery = KNOWS_KEYS
    process = stage.process()
    process.send()
    with stage.db.write() as tx:
        post = posts.read_post(tx, number)
        new = stage.ready_post(grace=LONG, content_warning=second, due_at=post.due_at)
        posts.rewrite(tx, post, new, state=State.READY, reason="", guard=None, now=stage.clock.now())

    stage.pass_time(minutes=1)
    process.send()

    one, two = network.requests
    assert (one.content_warning, two.content_warning) == (first, second)
    assert (one.key == two.key) is is_repeat
