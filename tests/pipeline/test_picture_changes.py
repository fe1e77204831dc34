"""Another picture, other words for it or another answer make another post, which is approved anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from album import NoCards
from bot.content.reading import Content
from bot.core.campaign import Item
from bot.core.errors import NotAllowedError
from bot.core.media import Picture
from bot.core.post import Post, State
from bot.media.folder import MediaFolder
from bot.pipeline.dossier import Dossiers
from bot.pipeline.illustrated import Illustrated
from bot.pipeline.money import FREE
from bot.pipeline.rewriting import Rewriter
from bot.pipeline.sync import Syncer
from bot.store import contents
from bot.store.dossier import PictureChange
from pictures import drawing, encoded
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

SOON = NOW + timedelta(hours=2)
ASKING = replace(CAMPAIGN, approval=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> MediaFolder:
    return MediaFolder(tmp_path_factory.mktemp("data") / "media")


@pytest.fixture(scope="module")
def digests(folder: MediaFolder, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two pictures."""
    path: Path = tmp_path_factory.mktemp("photos") / "photo.png"
    found = []
    for size in ((60, 40), (40, 60)):
        path.write_bytes(encoded(drawing(size=size), "png"))
        found.append(folder.add(path).picture.file.digest)
    return found


@pytest.fixture
def item(digests: list[str]) -> Item:
    alt = {"en": "Chairs", "ar": "كراسي"}
    return fact("pictured-fact", picture=Picture(file=digests[0], alt=alt, warning=False))


@pytest.fixture
def approved(stage: Stage, folder: MediaFolder, renderer, item: Item) -> int:
    """A post with a picture that Huda approved."""
    stage.renderer = Illustrated(renderer, pictures=folder, cards=NoCards())
    _sync(stage, item)
    number = _queue(stage)
    stage.operator("Huda").approve(number)
    return number


def _queue(stage: Stage) -> int:
    queued = stage.operator("Sami").queue_item(
        CAMPAIGN.key, "pictured-fact", account=ACCOUNT.name, language="en", at=SOON
    )
    return queued.post.id


def _sync(stage: Stage, item: Item) -> None:
    content = Content(campaigns=(ASKING,), items=(fact(), item))
    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).sync(content)


def _shown(item: Item, **changes: object) -> Item:
    assert item.picture is not None
    return replace(item, picture=replace(item.picture, **changes))


def _dossiers(stage: Stage) -> Dossiers:
    return Dossiers(stage.db, stage.clock, budget=FREE, mode_of=lambda _: "live", profile_of=lambda *_: None)


def _changes(stage: Stage, number: int) -> tuple[PictureChange, ...]:
    found = _dossiers(stage).post(number)
    assert found.approved is not None
    return found.approved.picture_changes(found.post.picture)


_OTHERS = [
    pytest.param(
        lambda item, digests: _shown(item, file=digests[1]), (PictureChange.FILE,), id="another picture"
    ),
    pytest.param(
        lambda item, digests: _shown(item, alt={"en": "Empty chairs", "ar": "كراسي"}),
        (PictureChange.ALT,),
        id="other words",
    ),
    pytest.param(
        lambda item, digests: _shown(item, warning=True), (PictureChange.WARNING,), id="another answer"
    ),
    pytest.param(
        lambda item, digests: _shown(
            item, file=digests[1], alt={"en": "A street", "ar": "شارع"}, warning=True
        ),
        (PictureChange.FILE, PictureChange.ALT, PictureChange.WARNING),
        id="all of it",
    ),
    pytest.param(
        lambda item, digests: replace(item, picture=None), (PictureChange.REMOVED,), id="no picture"
    ),
]


@pytest.mark.parametrize(("other", "told"), _OTHERS)
def test_whatever_changes_of_a_picture_voids_the_approval_and_is_told(
    stage: Stage, item: Item, digests, approved: int, other: Callable[..., Item], told
):
    before = stage.post(approved)

    _sync(stage, other(item, digests))

    post = stage.post(approved)
    assert before.state is State.READY
    assert (post.state, post.guard, post.approved_by) == (State.HELD, "approval", None)
    assert post.text == before.text
    assert post.digest != before.digest
    assert _changes(stage, approved) == told
    (waiting,) = _dossiers(stage).to_approve("Huda").waiting
    assert waiting.approved is not None
    assert waiting.approved.picture_changes(waiting.post.picture) == told
    (entry,) = [entry for entry in stage.entries(approved) if entry.event == "rewritten"]
    assert (entry.body["before"], entry.body["after"]) == (before.digest, post.digest)


def test_a_picture_that_is_new_since_the_approval_is_told(stage: Stage, item: Item, approved: int):
    _sync(stage, replace(item, picture=None))
    stage.operator("Huda").approve(approved)

    _sync(stage, item)

    assert stage.state(approved) is State.HELD
    assert _changes(stage, approved) == (PictureChange.ADDED,)


def test_other_words_in_another_language_are_no_change_of_this_post(stage: Stage, item: Item, approved: int):
    before = stage.post(approved)

    _sync(stage, _shown(item, alt={"en": "Chairs", "ar": "كراسٍ فارغة"}))

    assert stage.post(approved).digest == before.digest
    assert _changes(stage, approved) == ()


def test_a_figure_that_its_words_name_changes_the_picture_too(stage: Stage, item: Item, approved: int):
    counted = _shown(item, alt={"en": "{total} chairs", "ar": "{total} كرسياً"})
    _sync(stage, replace(counted, figures={"total": 7}))
    stage.operator("Huda").approve(approved)

    _sync(stage, replace(counted, figures={"total": 8}))

    post: Post = stage.post(approved)
    assert post.picture is not None
    assert (post.state, post.picture.alt) == (State.HELD, "8 chairs")
    assert _changes(stage, approved) == (PictureChange.ALT,)


def test_what_was_read_with_other_words_for_the_picture_is_not_approved(
    stage: Stage, item: Item, approved: int
):
    _sync(stage, _shown(item, warning=True))
    seen = stage.post(approved).digest
    _sync(stage, _shown(item, warning=True, alt={"en": "Empty chairs", "ar": "كراسي"}))

    with pytest.raises(NotAllowedError, match="was changed after you read it"):
        stage.operator("Huda").approve(approved, seen=seen)

    assert stage.state(approved) is State.HELD


def test_the_log_names_the_approved_picture_and_not_its_words(stage: Stage, approved: int):
    (entry,) = [entry for entry in stage.entries(approved) if entry.event == "approved"]
    picture = stage.post(approved).picture

    assert picture is not None
    assert entry.body["picture"] == picture.file.digest
    assert entry.body["picture_warning"] == "no"
    assert "Chairs" not in entry.body.values()


def test_of_a_post_without_a_picture_the_log_says_what_it_always_said(stage: Stage):
    number = stage.add()
    stage.process().send()

    (intent,) = [entry for entry in stage.entries(number) if entry.event == "intent"]

    said = (
        "account attempt campaign digest due_at item key kind language mode network part text_digest worker"
    )
    assert list(intent.body) == said.split()


def test_a_waiting_post_of_an_older_program_keeps_its_approval_when_nothing_changes(
    stage: Stage, renderer, folder
):
    stage.take_in(ASKING, [fact()])
    number = stage.operator("Sami").queue_item(
        CAMPAIGN.key, "invented-fact", account=ACCOUNT.name, language="en", at=SOON
    ).post.id  # fmt: skip
    stage.operator("Huda").approve(number)
    illustrated = Illustrated(renderer, pictures=folder, cards=NoCards())

    with stage.db.write() as tx:
        campaign = contents.read_campaign(tx, CAMPAIGN.key)
        assert campaign is not None
        done = Rewriter(renderer=illustrated, prices=lambda *_: 0).bring_up_to_date(
            tx, campaign, only=None, now=stage.clock.now()
        )

    assert (done.rewritten, done.stopped, stage.state(number)) == (0, 0, State.READY)
