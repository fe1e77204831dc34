"""A picture is brought in its post's turn alone, where its account is; what cannot be read jams nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cards.drawing import CardDrawer
from bot.core.errors import NotSentError
from bot.core.media import Picture, PictureFile, PostPicture
from bot.core.post import State
from bot.media.folder import MediaFolder
from bot.pipeline.fact_cards import FactCards
from bot.pipeline.lost_cards import LostCards
from bot.pipeline.outcome import BACK_OFF
from bot.pipeline.send import LEASE, Sender
from bot.pipeline.uploading import LEFT_AT_LEAST
from bot.publishing.protocol import MayLeave, OutgoingPicture, Uploaded, always
from posting import ACCOUNT, CAMPAIGN, SECOND_ACCOUNT, BringingPublisher, fact
from stage import Process, Stage


@pytest.fixture
def network(stage: Stage) -> BringingPublisher:
    """The account's network, which takes pictures before their posts."""
    publisher = BringingPublisher()
    stage.outlets.publishers[ACCOUNT.name] = publisher
    return publisher


@pytest.fixture
def picture(stage: Stage) -> PostPicture:
    return stage.album.add("a picture", warning=True)


def _sender(stage: Stage, **more) -> Sender:
    """The hands of a process whose pictures are elsewhere, or are drawn again."""
    worker = stage.process().incarnation.id
    named = {"media": stage.album.folder, **more}
    return Sender(stage.db, stage.clock, stage.outlets, worker=worker, pause_file=stage.pause_file, **named)


# -- what cannot be read --------------------------------------------------------------------------


def _into_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    "put", [pytest.param(_into_itself, id="loop"), pytest.param(Path.mkdir, id="folder")]
)
def test_a_picture_that_the_disk_does_not_give_holds_its_post_and_nothing_behind_it(
    stage: Stage, network, picture, put
):
    first = stage.add(picture=picture)
    second = stage.add(texts=("Other words.",), due_at=stage.clock.now() - timedelta(minutes=1))
    stage.album.lose(picture.file)
    put(stage.album.folder.path_of(picture.file))

    stage.process().sender.send_due()

    assert (stage.state(first), stage.post(first).guard) == (State.HELD, "picture")
    assert "the picture cannot be read (" in stage.reason(first)
    assert stage.state(second) is State.SENT


class _BrokenFolder:
    """Fails in a way that nobody foresaw."""

    def read(self, file: PictureFile) -> bytes:
        raise ZeroDivisionError


def test_whatever_happens_while_a_picture_is_read_holds_its_post(stage: Stage, network, picture):
    number = stage.add(picture=picture)

    _sender(stage, media=_BrokenFolder()).send_due()

    assert (stage.state(number), stage.post(number).guard) == (State.HELD, "picture")
    assert stage.reason(number) == "picture: it could not be read: the log file has the details"


# -- stop, between claim and upload ---------------------------------------------------------------


def _claimed(stage: Stage, process: Process):
    claimed = process.sender._claim(ACCOUNT.name)
    assert claimed is not None
    return claimed


@pytest.mark.parametrize(
    ("stop", "says"),
    [
        pytest.param(Stage.pause, "paused (everything)", id="everything"),
        pytest.param(lambda stage: stage.pause(language="en"), "paused (language en)", id="language"),
        pytest.param(lambda stage: stage.pause_file.touch(), "the PAUSE file appeared", id="file"),
    ],
)
def test_nothing_is_brought_once_everything_is_to_stop(stage: Stage, network, picture, stop, says):
    number = stage.add(picture=picture)
    process = stage.process()
    claimed = _claimed(stage, process)
    outlet = stage.outlets.of(ACCOUNT.name)
    stop(stage)

    brought = process.sender._bring(claimed, outlet)
    if brought is None:
        process.sender._intend(claimed, outlet, picture=None)

    assert (network.brought, network.requests) == ([], [])
    assert stage.state(number) is State.READY
    assert says in stage.reason(number)


def _cancel(stage: Stage, number: int) -> None:
    stage.process().sweep()
    stage.operator().cancel(number, reason="an invented reason")


def _send_elsewhere(stage: Stage, number: int) -> None:
    other = stage.process()
    other.sweep()
    other.send()


@pytest.mark.parametrize(
    ("meanwhile", "ends", "elsewhere"),
    [
        pytest.param(lambda stage, number: None, State.READY, 0, id="lease-over"),
        pytest.param(_cancel, State.CANCELLED, 0, id="cancelled"),
        pytest.param(_send_elsewhere, State.SENT, 1, id="sent-by-another"),
    ],
)
def test_nothing_is_brought_for_a_post_that_is_no_longer_this_workers(
    stage: Stage, network, picture, meanwhile, ends, elsewhere
):
    number = stage.add(picture=picture)
    process = stage.process()
    claimed = _claimed(stage, process)
    outlet = stage.outlets.of(ACCOUNT.name)
    stage.clock.advance(LEASE + timedelta(seconds=1))
    meanwhile(stage, number)

    brought = process.sender._bring(claimed, outlet)
    process.sender._intend(claimed, outlet, picture=brought)

    assert brought is None
    assert len(network.brought) == len(network.requests) == elsewhere
    assert stage.state(number) is ends


class _SlowNetwork(BringingPublisher):
    """Takes a picture in three requests, and asks before each whether it may leave."""

    def __init__(self, between: Callable[[], object]) -> None:
        super().__init__()
        self.between = between
        self.asked = 0

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        for _ in range(3):
            uploaded = super().upload(picture, may_leave=may_leave)
            self.asked += 1
            self.between()
        return uploaded


@pytest.mark.parametrize(
    ("between", "says"),
    [
        pytest.param(lambda stage: stage.pause_file.touch(), "the PAUSE file appeared", id="pause-file"),
        pytest.param(
            lambda stage: stage.clock.advance(LEASE), "time for it was over before the picture", id="lease"
        ),
    ],
)
def test_an_upload_of_several_requests_stops_between_them(stage: Stage, picture, between, says):
    number = stage.add(picture=picture)
    network = _SlowNetwork(lambda: between(stage))
    stage.outlets.publishers[ACCOUNT.name] = network

    stage.process().send()

    assert (network.asked, network.requests) == (1, [])
    assert stage.state(number) is State.READY
    assert says in stage.reason(number)


# -- how long an upload lasts, and where ----------------------------------------------------------


class _ForgetfulNetwork(BringingPublisher):
    """Keeps the first picture for an hour, those after it for as long as any."""

    def upload(self, picture: OutgoingPicture, *, may_leave: MayLeave = always) -> Uploaded:
        uploaded = super().upload(picture, may_leave=may_leave)
        return replace(uploaded, keeps=timedelta(hours=1)) if len(self.brought) == 1 else uploaded


@pytest.mark.parametrize(
    ("age", "named"),
    [
        pytest.param(timedelta(hours=1) - LEFT_AT_LEAST - timedelta(seconds=1), "picture-1", id="kept"),
        pytest.param(timedelta(hours=1) - LEFT_AT_LEAST, "picture-3", id="perhaps-forgotten"),
    ],
)
def test_an_upload_lasts_as_long_as_was_said_of_it_whatever_was_said_of_others(
    stage: Stage, picture, age, named
):
    network = _ForgetfulNetwork(NotSentError("no route"))
    stage.outlets.publishers |= {ACCOUNT.name: network, SECOND_ACCOUNT.name: network}
    number = stage.add(picture=picture, grace=timedelta(days=1))
    stage.add(picture=picture, account=SECOND_ACCOUNT.name)
    stage.process().send()
    stage.process().send(SECOND_ACCOUNT.name)

    stage.clock.advance(age)
    # As after a restart: nothing of it is in any process's memory.
    stage.process().send()

    assert stage.state(number) is State.SENT
    assert network.requests[-1].picture.uploaded == named


def test_an_account_that_moved_to_another_server_has_no_pictures_there(stage: Stage, network, picture):
    number = stage.add(picture=picture)
    network.then(NotSentError("no route"))
    stage.process().send()
    stage.outlets.place = "https://another.example"

    stage.clock.advance(BACK_OFF)
    stage.process().send()

    assert stage.state(number) is State.SENT
    assert [request.picture.uploaded for request in network.requests] == ["picture-1", "picture-2"]


# -- cards ----------------------------------------------------------------------------------------


@pytest.fixture
def cards(stage: Stage) -> FactCards:
    """What draws the cards of the stage's facts into its folder."""
    folder = stage.album.folder
    stage.take_in(replace(CAMPAIGN, cards=True), [fact()])
    return FactCards(
        CardDrawer(),
        take=lambda card: folder.keep_drawn(card.data, small=card.small),
        is_there=folder.has,
        remembered=0,
    )


def _spoil(folder: MediaFolder, file: PictureFile) -> None:
    path = folder.path_of(file)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder, file: folder.path_of(file).unlink(), id="lost"),
        pytest.param(_spoil, id="damaged"),
    ],
)
def test_a_card_that_is_not_there_any_more_is_drawn_again_and_leaves(stage: Stage, network, cards, spoil):
    card = cards.picture_of(fact(), campaign=CAMPAIGN, language="en")
    number = stage.add(picture=PostPicture(file=card.file, alt=card.alt, warning=False))
    spoil(stage.album.folder, card.file)

    _sender(stage, draw_again=LostCards(stage.db, cards=cards).draw_again).send_due()

    assert stage.state(number) is State.SENT
    assert [one.file for one in network.brought] == [card.file]


def test_a_card_that_would_look_otherwise_now_does_not_leave(stage: Stage, network, cards):
    other = cards.picture_of(fact(text="Other words."), campaign=CAMPAIGN, language="en")
    number = stage.add(picture=PostPicture(file=other.file, alt=other.alt, warning=False))
    stage.album.lose(other.file)

    _sender(stage, draw_again=LostCards(stage.db, cards=cards).draw_again).send_due()

    assert (stage.state(number), stage.post(number).guard) == (State.HELD, "picture")
    assert "add it again, or bring it back from a backup" in stage.reason(number)
    assert network.brought == []


def test_a_lost_picture_of_a_facts_own_is_not_replaced_by_its_card(stage: Stage, network, cards):
    own = stage.album.add("its own")
    described = Picture(file=own.file.digest, alt={"en": "A line", "ar": "خطّ"}, warning=False)
    stage.take_in(replace(CAMPAIGN, cards=True), [fact(picture=described)])
    number = stage.add(picture=own)
    stage.album.lose(own.file)

    _sender(stage, draw_again=LostCards(stage.db, cards=cards).draw_again).send_due()

    assert (stage.state(number), network.brought) == (State.HELD, [])
