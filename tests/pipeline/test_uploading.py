"""Bringing a post's picture between claim and intent: again after every fault, and never in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.core.errors import AccountError, NotNowError, NotSentError, PublishError, RejectedError, StoreError
from bot.core.media import PostPicture
from bot.core.post import State, digest_of
from bot.media.folder import MediaFolder
from bot.pipeline.money import Budget
from bot.pipeline.outcome import BACK_OFF
from bot.pipeline.send import LEASE, Sender
from bot.pipeline.uploading import LEFT_AT_LEAST
from bot.store import contents, posts
from bot.store.tables import parts
from databases import Outage
from pictures import drawing, encoded
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, BringingPublisher, force_state
from stage import Process, Stage

A_DAY = timedelta(days=1)


class Killed(BaseException):
    """What a process does not survive."""


@pytest.fixture
def network(stage: Stage) -> BringingPublisher:
    """The account's network, which takes pictures before their posts."""
    publisher = BringingPublisher()
    stage.outlets.publishers[ACCOUNT.name] = publisher
    return publisher


@pytest.fixture
def picture(stage: Stage) -> PostPicture:
    return stage.album.add("a picture", warning=True)


def _names(network: BringingPublisher) -> list[str | None]:
    """What each request called its picture."""
    return [request.picture.uploaded for request in network.requests if request.picture is not None]


def _claim(stage: Stage, process: Process) -> Callable[[], object]:
    """Take the post, bring its picture, and stop: what is left to do is returned."""
    claimed = process.sender._claim(ACCOUNT.name)
    outlet = stage.outlets.of(ACCOUNT.name)
    assert claimed is not None
    brought = process.sender._bring(claimed, outlet)
    return lambda: process.sender._intend(claimed, outlet, picture=brought)


def _after_the_lease(stage: Stage) -> Process:
    stage.clock.advance(LEASE + timedelta(seconds=1))
    process = stage.process()
    process.sweep()
    return process


# -- a post with its picture ----------------------------------------------------------------------


def test_a_picture_is_brought_before_the_intent_and_leaves_with_its_post(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    network.when_brought.append(lambda: _assert_nothing_left(stage, network, number))

    stage.process().send()

    [brought], [request] = network.brought, network.requests
    assert stage.state(number) is State.SENT
    assert brought.data == stage.album.read(picture.file)
    assert (brought.file, brought.alt, brought.warning) == (picture.file, picture.alt, True)
    assert request.picture == replace(brought, uploaded="picture-1")
    assert [entry.event for entry in stage.entries(number)] == ["intent", "outcome"]
    assert stage.log_problems() == []


def _assert_nothing_left(stage: Stage, network: BringingPublisher, number: int) -> None:
    assert stage.state(number) is State.CLAIMED
    assert (stage.entries(number), network.requests) == ([], [])


@pytest.mark.parametrize("warning", [None, "تعذيب"], ids=["no words", "words"])
def test_a_network_is_told_whether_words_of_warning_stand_before_the_picture(
    stage: Stage, network, picture, warning
):
    # On the stage's network a text with a warning would wait for a person.
    accounts = (replace(ACCOUNT, unwarned=True), SECOND_ACCOUNT)
    stage.take_in(replace(CAMPAIGN, accounts=accounts))
    stage.add(picture=picture, content_warning=warning)

    stage.process().send()

    [brought] = network.brought
    assert brought.covered_by_text is (warning is not None)


def test_a_post_without_a_picture_brings_none(stage: Stage, network):
    stage.add()

    stage.process().send()

    assert (network.brought, len(network.requests)) == ([], 1)


def test_a_network_that_takes_pictures_with_their_texts_is_given_the_bytes(stage: Stage, picture):
    stage.add(picture=picture)
    network = stage.network()

    stage.process().send()

    [request] = network.requests
    assert request.picture is not None
    assert (request.picture.data, request.picture.uploaded) == (stage.album.read(picture.file), None)


def test_in_dry_run_the_file_is_read_and_nothing_is_brought(stage: Stage, picture):
    number = stage.add(picture=picture)
    lost = stage.add(picture=stage.album.add("another"), texts=("Other words.",), language="ar")
    stage.album.lose(stage.post(lost).picture.file)
    stage.outlets.mode = "dry-run"

    stage.process().sender.send_due()

    assert (stage.state(number), stage.state(lost)) == (State.SENT, State.HELD)


def test_only_the_first_part_of_a_thread_carries_the_picture(stage: Stage, network, picture):
    number = stage.add(texts=("One.", "Two."), picture=picture)

    stage.process().sender.send_due()

    assert stage.state(number) is State.SENT
    assert [request.picture is not None for request in network.requests] == [True, False]
    assert len(network.brought) == 1


def test_a_begun_thread_brings_nothing_more(stage: Stage, network, picture):
    number = stage.add(texts=("One.", "Two."), picture=picture, grace=A_DAY)
    process = stage.process()
    process.send()
    # Whatever became of the file and the upload: what is left to send does not show them.
    stage.album.lose(picture.file)
    stage.clock.advance(network.keeps_uploads)

    process.send()

    assert stage.state(number) is State.SENT
    assert len(network.brought) == 1


def test_a_look_for_the_post_knows_its_picture_but_has_no_bytes(stage: Stage, network, picture):
    stage.add(picture=picture)
    network.then(Killed())
    first = stage.process()
    with pytest.raises(Killed):
        first.send()
    first.die()
    second = stage.process()
    second.sweep()

    stage.clock.advance(network.recovery.settle)
    second.sweep()

    [look] = network.looks
    assert look.picture is not None
    assert (look.picture.file, look.picture.alt) == (picture.file, picture.alt)
    assert (look.picture.data, look.picture.uploaded) == (None, None)


# -- dying, freezing ------------------------------------------------------------------------------


def test_a_picture_of_a_process_that_dies_while_it_brings_it_is_brought_again(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    network.when_brought.append(Killed())
    first = stage.process()
    with pytest.raises(Killed):
        first.send()
    first.die()
    second = _after_the_lease(stage)

    second.send()

    assert stage.state(number) is State.SENT
    assert (len(network.brought), _names(network)) == (2, ["picture-2"])
    assert stage.log_problems() == []


def test_a_picture_of_a_process_that_dies_before_its_intent_is_used_by_the_next(
    stage: Stage, network, picture
):
    number = stage.add(picture=picture)
    first = stage.process()
    _claim(stage, first)
    first.die()
    second = _after_the_lease(stage)

    second.send()

    assert stage.state(number) is State.SENT
    assert (len(network.brought), _names(network)) == (1, ["picture-1"])
    assert stage.log_problems() == []


def test_a_process_that_froze_before_its_intent_sends_nothing_when_it_wakes(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    go_on = _claim(stage, stage.process())
    _after_the_lease(stage).send()

    woken = go_on()

    assert woken is None
    assert stage.state(number) is State.SENT
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(None, id="brought"),
        pytest.param(NotSentError("no route"), id="not-brought"),
        pytest.param(RejectedError("not this one"), id="refused"),
    ],
)
def test_a_claim_that_is_lost_while_a_picture_is_brought_sends_nothing(stage: Stage, network, picture, ends):
    number = stage.add(picture=picture)

    def outlive_the_lease() -> None:
        _after_the_lease(stage).send()
        if ends is not None:
            raise ends

    network.when_brought.append(outlive_the_lease)

    sent = stage.process().send()

    assert sent is None
    assert stage.state(number) is State.SENT
    assert len(network.requests) == 1
    assert stage.log_problems() == []


def test_a_picture_that_cannot_be_written_down_is_brought_again(
    stage: Stage, network, picture, outage: Outage
):
    number = stage.add(picture=picture)
    network.when_brought.append(outage.start)
    process = stage.process()
    with pytest.raises(StoreError):
        process.send()
    outage.end()

    _after_the_lease(stage).send()

    assert stage.state(number) is State.SENT
    assert (len(network.brought), len(network.requests)) == (2, 1)


# -- used again, and made anew --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "brought"),
    [
        pytest.param(BACK_OFF, 1, id="fresh"),
        pytest.param(BringingPublisher.keeps_uploads - LEFT_AT_LEAST - timedelta(seconds=1), 1, id="old"),
        pytest.param(BringingPublisher.keeps_uploads - LEFT_AT_LEAST, 2, id="too-old"),
    ],
)
def test_a_picture_is_used_again_while_the_network_surely_keeps_it(
    stage: Stage, network, picture, age, brought
):
    number = stage.add(picture=picture, grace=A_DAY)
    network.then(NotSentError("no route"))
    process = stage.process()
    process.send()

    stage.clock.advance(age)
    process.send()

    assert stage.state(number) is State.SENT
    assert (len(network.brought), _names(network)) == (brought, ["picture-1", f"picture-{brought}"])


@dataclass(frozen=True, kw_only=True)
class _Rewritten:
    """What is another one in a post that was written anew."""

    texts: tuple[str, ...] = ("Invented words.",)
    alt: str | None = None
    warning: bool = True
    file: str = "a picture"
    later: timedelta = timedelta(0)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(_Rewritten(texts=("Other words.",)), id="text"),
        pytest.param(_Rewritten(alt="Other words for it"), id="words-of-the-picture"),
        pytest.param(_Rewritten(warning=False), id="warning"),
        pytest.param(_Rewritten(file="another picture"), id="file"),
        pytest.param(_Rewritten(later=timedelta(minutes=1)), id="moment"),
    ],
)
def test_a_picture_is_brought_anew_for_a_post_that_was_written_anew(stage: Stage, network, picture, new):
    number = stage.add(picture=picture)
    network.then(NotSentError("no route"))
    process = stage.process()
    process.send()
    described = {} if new.alt is None else {"alt": new.alt}
    other = stage.album.add(new.file, warning=new.warning, **described)
    with stage.db.write() as tx:
        post = posts.read_post(tx, number)
        written = stage.ready_post(texts=new.texts, picture=other, due_at=post.due_at + new.later)
        posts.rewrite(tx, post, written, state=State.READY, reason="", now=stage.clock.now())

    stage.pass_time(minutes=1)
    process.send()

    assert stage.state(number) is State.SENT
    assert _names(network) == ["picture-1", "picture-2"]
    last = network.requests[-1]
    assert last.picture is not None
    assert (last.text, last.picture.file, last.picture.alt, last.picture.warning) == (
        new.texts[0],
        other.file,
        other.alt,
        new.warning,
    )


def test_a_picture_of_one_post_is_not_used_for_another(stage: Stage, network, picture):
    stage.add(picture=picture)
    stage.add(picture=picture, texts=("Other words.",), due_at=NOW - timedelta(minutes=1))

    stage.process().sender.send_due()

    assert _names(network) == ["picture-1", "picture-2"]


# -- refusals -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Refusal:
    """What an answer to a picture does."""

    error: Exception
    state: State = State.READY
    waits: timedelta | None = None
    pauses: bool = False
    guard: str | None = None


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(_Refusal(error=NotSentError("no route"), waits=BACK_OFF), id="not-brought"),
        pytest.param(
            _Refusal(error=NotNowError("wait", until=NOW + timedelta(minutes=3)), waits=timedelta(minutes=3)),
            id="not-now",
        ),
        pytest.param(
            _Refusal(error=NotNowError("wait", until=None), waits=timedelta(minutes=15)),
            id="not-now-somewhen",
        ),
        pytest.param(
            _Refusal(error=RejectedError("not this one"), state=State.HELD, guard="picture"), id="refused"
        ),
        pytest.param(_Refusal(error=AccountError("who are you?"), pauses=True), id="account-refused"),
        pytest.param(_Refusal(error=PublishError("what?"), waits=BACK_OFF), id="of-no-known-kind"),
        pytest.param(_Refusal(error=ZeroDivisionError("what?"), waits=BACK_OFF), id="unforeseen"),
    ],
)
def test_an_answer_about_a_picture_decides_where_the_post_goes(stage: Stage, network, picture, row):
    number = stage.add(picture=picture)
    network.when_brought.append(row.error)
    process = stage.process()

    sent = process.send()

    assert sent is not None
    post = stage.post(number)
    assert (sent.state, post.state, post.guard) == (row.state, row.state, row.guard)
    assert post.reason.startswith("picture: ")
    assert stage.waits_until() == (None if row.waits is None else NOW + row.waits)
    assert stage.pauses() == ([post.reason] if row.pauses else [])
    [moved, *paused] = stage.entries(number)
    assert (moved.event, moved.body["after"], moved.body["reason"]) == ("moved", row.state, post.reason)
    assert [entry.event for entry in paused] == (["paused"] if row.pauses else [])
    assert (network.requests, post.attempts) == ([], 0)
    # What is left to do now is nothing.
    assert process.sender.send_due() == []
    assert len(network.brought) == 1
    assert stage.log_problems() == []


@pytest.mark.parametrize("error", [NotSentError("no route"), AccountError("who are you?")], ids=str)
def test_a_post_whose_picture_was_not_brought_goes_on_by_itself(stage: Stage, network, picture, error):
    number = stage.add(picture=picture)
    network.when_brought.append(error)
    process = stage.process()
    process.send()
    stage.resume(account=ACCOUNT.name)

    stage.clock.advance(BACK_OFF)
    process.send()

    assert stage.state(number) is State.SENT
    assert _names(network) == ["picture-2"]


def test_a_post_whose_picture_is_never_brought_is_missed_with_the_reason(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    network.when_brought += [NotSentError("no route")] * 100
    process = stage.process()

    while stage.state(number) is State.READY:
        process.send()
        stage.clock.advance(BACK_OFF)
        process.sweep()

    assert stage.state(number) is State.MISSED
    assert "picture: no route" in stage.reason(number)


def test_a_refused_picture_is_tried_again_once_a_person_releases_it(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    network.when_brought.append(RejectedError("not this one"))
    process = stage.process()
    process.send()

    stage.operator().release(number)
    process.send()

    assert stage.state(number) is State.SENT


# -- the file -------------------------------------------------------------------------------------


def test_a_post_whose_picture_is_gone_is_held_until_it_is_there_again(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    stage.album.lose(picture.file)
    process = stage.process()
    process.send()
    held = stage.post(number)

    stage.album.add("a picture")
    stage.operator().release(number)
    process.send()

    assert (held.state, held.guard) == (State.HELD, "picture")
    assert held.reason.startswith("picture: ")
    assert stage.state(number) is State.SENT
    assert _names(network) == ["picture-1"]


@pytest.mark.parametrize("is_brought", [False, True], ids=["never-brought", "brought-already"])
def test_a_picture_that_was_changed_on_disk_does_not_leave(stage: Stage, network, tmp_path, is_brought: bool):
    original = tmp_path / "original.png"
    original.write_bytes(encoded(drawing(), "png"))
    folder = MediaFolder(tmp_path / "media")
    file = folder.add(original).picture.networks["x"]
    number = stage.add(picture=PostPicture(file=file, alt="An invented drawing", warning=False))
    process = Process(stage.db, stage.clock, stage.outlets, data_dir=stage.data_dir, media=folder)
    if is_brought:
        _claim(stage, process)
        _after_the_lease(stage)
    folder.path_of(file).write_bytes(folder.path_of(file).read_bytes() + b"\0")

    process.send()
    process.die()

    assert stage.post(number).guard == "picture"
    assert "add the picture again" in stage.reason(number)
    assert (len(network.brought), network.requests) == (int(is_brought), [])


# -- what stands against the post -----------------------------------------------------------------


def _retire_item(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)


def _tamper(stage: Stage, number: int) -> None:
    with stage.db.write() as tx:
        tx.execute(update(parts).where(parts.c.post_id == number).values(text="Forged words."))


def _be_late(stage: Stage, number: int) -> None:
    stage.clock.advance(CAMPAIGN.grace + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        pytest.param(_retire_item, State.HELD, id="item-retired"),
        pytest.param(_tamper, State.HELD, id="text-changed-by-hand"),
        pytest.param(_be_late, State.MISSED, id="late"),
    ],
)
def test_nothing_is_brought_for_a_post_that_may_not_leave(stage: Stage, network, picture, spoil, state):
    number = stage.add(picture=picture)
    spoil(stage, number)

    stage.process().send()

    assert stage.state(number) is state
    assert (network.brought, network.requests) == ([], [])


def test_nothing_is_brought_that_the_month_cannot_bear(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    sender = Sender(
        stage.db,
        stage.clock,
        stage.outlets,
        worker=stage.process().incarnation.id,
        pause_file=stage.pause_file,
        budget=Budget(prices=lambda network, text, has_picture: 20_000 if has_picture else 0, ceiling=19_999),
        media=stage.album,
    )

    sender.send_due()

    assert (stage.state(number), stage.post(number).guard) == (State.HELD, "money")
    assert (network.brought, network.requests) == ([], [])


def test_what_stood_against_a_post_only_before_its_picture_was_brought_lets_it_wait(
    stage: Stage, network, picture
):
    number = stage.add(picture=picture)
    process = stage.process()
    claimed = process.sender._claim(ACCOUNT.name)

    sent = process.sender._intend(claimed, stage.outlets.of(ACCOUNT.name), picture=None)

    assert sent.state is stage.state(number) is State.READY
    assert "picture" in stage.reason(number)
    process.send()
    assert stage.state(number) is State.SENT


@pytest.mark.parametrize(
    ("stop", "go_on"),
    [
        pytest.param(Stage.pause, Stage.resume, id="everything"),
        pytest.param(
            lambda stage: stage.pause(account=ACCOUNT.name),
            lambda stage: stage.resume(account=ACCOUNT.name),
            id="account",
        ),
        pytest.param(
            lambda stage: stage.pause_file.touch(), lambda stage: stage.pause_file.unlink(), id="file"
        ),
    ],
)
def test_a_pause_while_a_picture_is_brought_lets_nothing_leave_and_the_picture_is_used_later(
    stage: Stage, network, picture, stop, go_on
):
    number = stage.add(picture=picture)
    network.when_brought.append(lambda: stop(stage))
    process = stage.process()
    process.send()
    paused = (stage.state(number), len(network.requests))

    go_on(stage)
    stage.clock.advance(BACK_OFF)
    process.send()

    assert paused == (State.READY, 0)
    assert stage.state(number) is State.SENT
    assert (len(network.brought), _names(network)) == (1, ["picture-1"])


def test_while_paused_no_picture_is_brought(stage: Stage, network, picture):
    stage.add(picture=picture)
    stage.pause()

    assert stage.process().send() is None
    assert network.brought == []


def _other_file(stage: Stage, picture: PostPicture) -> PostPicture:
    return replace(picture, file=stage.album.add("another picture").file)


@pytest.mark.parametrize(
    ("approved", "leaves"),
    [
        pytest.param(lambda stage, picture: picture, True, id="this-one"),
        pytest.param(lambda stage, picture: None, False, id="none"),
        pytest.param(_other_file, False, id="another-file"),
        pytest.param(lambda stage, picture: replace(picture, alt="Other words"), False, id="other-words"),
        pytest.param(lambda stage, picture: replace(picture, warning=False), False, id="no-warning"),
    ],
)
def test_only_the_approved_picture_leaves(stage: Stage, network, picture, approved, leaves):
    number = stage.add(picture=picture, approval_needed=True)
    digest = digest_of(
        account=ACCOUNT.name,
        language="en",
        due_at=NOW,
        texts=("Invented words.",),
        picture=approved(stage, picture),
    )
    with stage.db.write() as tx:
        force_state(tx, number, State.READY, approved_by="An Approver", approved_digest=digest)

    stage.process().send()

    assert (stage.state(number), stage.post(number).guard) == (
        (State.SENT, None) if leaves else (State.HELD, "approval")
    )
    assert len(network.brought) == len(network.requests) == int(leaves)
