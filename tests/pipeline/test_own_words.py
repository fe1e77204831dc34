"""Nobody approves words of their own, by whatever way these came into a post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.content.reading import Content
from bot.core.campaign import Item, Source, Wording
from bot.core.errors import NotAllowedError
from bot.core.post import Post, State
from bot.pipeline.approvals import Approver
from bot.pipeline.compose import APPROVAL
from bot.pipeline.dossier import Dossiers
from bot.pipeline.edit import Editor, Keep
from bot.pipeline.money import FREE
from bot.pipeline.plan import Planner
from bot.pipeline.sync import Synced, Syncer
from bot.store import contents, overview, posts
from bot.store.contents import StoredItem
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

SOURCE = Source(
    publisher={"en": "Invented Network", "ar": "الشبكة المخترعة"},
    url="https://example.org/report",
    read_on=date(2026, 1, 5),
)
ASKS = replace(CAMPAIGN, approval=True)
FILES = fact("first-fact", source=SOURCE)
LATER = NOW + timedelta(hours=3)


class Newsroom:
    """A campaign that asks for approvals, and people who write, queue and approve."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.sync(FILES)

    def sync(self, *items: Item) -> Synced:
        stage = self.stage
        syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0)
        return syncer.sync(Content(campaigns=(ASKS,), items=items))

    def editor(self, who: str) -> Editor:
        stage = self.stage
        return Editor(stage.db, stage.clock, who=who, renderer=stage.renderer, prices=lambda *_: 0)

    def approver(self, who: str) -> Approver:
        stage = self.stage
        return Approver(stage.db, stage.clock, who=who, renderer=stage.renderer, prices=lambda *_: 0)

    def stored(self) -> StoredItem:
        with self.stage.db.read() as tx:
            stored = contents.read_item(tx, ASKS.key, FILES.key)
        assert stored is not None
        return stored

    def write(self, who: str, words: str) -> Item:
        stored = self.stored()
        item = replace(stored.item, wordings={**stored.item.wordings, "en": Wording(text=words)})
        return self.editor(who).save(item, based_on=stored.digest).stored.item

    def plan(self) -> Post:
        """Plan a day; a post of the item that waits for its approval."""
        stage = self.stage
        Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).plan(days=1)
        with stage.db.read() as tx:
            waiting = posts.read_posts(tx, states=(State.HELD,), item=FILES.key)
        return next(post for post in waiting if post.guard == APPROVAL)

    def queue(self, who: str) -> Post:
        queued = self.stage.operator(who).queue_item(
            ASKS.key, FILES.key, account=ACCOUNT.name, language="en", at=LATER
        )
        return queued.post

    def may_approve(self, who: str, post: Post) -> bool:
        """Whether that person's approval is taken; the lists must say the same before."""
        dossiers = Dossiers(
            self.stage.db,
            self.stage.clock,
            budget=FREE,
            mode_of=lambda _: "live",
            profile_of=lambda *_: None,
        )
        listed = dossiers.to_approve(who)
        is_own = post.id in {one.post.id for one in listed.own}
        assert is_own is (post.id not in {one.post.id for one in listed.waiting})
        assert dossiers.post(post.id).is_by(who) is is_own
        with self.stage.db.read() as tx:
            counted = overview.count_to_approve(tx, besides=who, guard=APPROVAL, since=NOW, at_most=99)
        assert counted == len(listed.waiting)
        (decided,) = self.approver(who).approve_all({post.id: self.stage.post(post.id).digest})
        assert (f"{who} wrote post" in decided.error) is is_own
        return decided.post is not None


@pytest.fixture
def newsroom(stage: Stage) -> Newsroom:
    return Newsroom(stage)


def _export(newsroom: Newsroom) -> None:
    """What `content save` notes, whoever does it: the item is in its file."""
    item = newsroom.stored()
    with newsroom.stage.db.write() as tx:
        contents.agree(tx, ASKS.key, FILES.key, file_digest=item.digest)


def _sync_that_agrees(newsroom: Newsroom) -> None:
    newsroom.sync(newsroom.stored().item)


def _retire_and_restore(newsroom: Newsroom) -> None:
    alice = newsroom.editor("Alice")
    alice.retire(ASKS.key, FILES.key, based_on=newsroom.stored().digest)
    alice.restore(ASKS.key, FILES.key, based_on=newsroom.stored().digest)


def _mend_a_full_stop(newsroom: Newsroom) -> None:
    newsroom.write("Bob", "Mallory's words!")


def _retire_and_take_the_same_from_a_file(newsroom: Newsroom) -> None:
    same = newsroom.stored().item
    newsroom.sync(same)
    newsroom.sync()
    newsroom.sync(same)


@pytest.mark.parametrize(
    "then",
    [
        lambda *_: None,
        _export,
        _sync_that_agrees,
        _retire_and_restore,
        _mend_a_full_stop,
        _retire_and_take_the_same_from_a_file,
    ],
    ids=["nothing", "an export", "a sync", "retired and restored", "mended", "out of its file and back"],
)
def test_whoever_wrote_in_an_item_approves_no_planned_post_of_it(
    newsroom: Newsroom, then: Callable[[Newsroom], None]
):
    newsroom.write("Mallory", "Mallory's words.")
    then(newsroom)
    post = newsroom.plan()

    assert not newsroom.may_approve("Mallory", post)
    assert newsroom.may_approve("Carol", post)


def test_whoever_mended_a_full_stop_approves_it_no_more_than_who_wrote_it(newsroom: Newsroom):
    newsroom.write("Mallory", "Mallory's words.")
    post = newsroom.plan()
    newsroom.write("Bob", "Mallory's words!")

    assert not newsroom.may_approve("Mallory", post)
    assert not newsroom.may_approve("Bob", post)
    assert newsroom.may_approve("Carol", post)


def test_neither_who_queued_nor_who_wrote_approves(newsroom: Newsroom):
    newsroom.write("Mallory", "Mallory's words.")
    post = newsroom.queue("Alice")
    newsroom.write("Bob", "Mallory's words!")

    assert [newsroom.may_approve(who, post) for who in ("Mallory", "Alice", "Bob")] == [False] * 3
    assert newsroom.stage.post(post.id).author == "Alice"
    assert newsroom.may_approve("Carol", post)


def test_what_somebody_wrote_on_the_spot_stays_hers_whoever_queues_it_again(newsroom: Newsroom):
    english = Source(publisher={"en": "Invented Network"}, url=SOURCE.url, read_on=SOURCE.read_on)
    call = fact("on-the-spot", source=english, wordings={"en": Wording(text="Written on the spot.")})
    own = newsroom.stage.operator("Mallory").queue(call, account=ACCOUNT.name, language="en", at=LATER)
    again = newsroom.stage.operator("Alice").queue_item(
        ASKS.key, own.post.item, account=ACCOUNT.name, language="en", at=LATER + timedelta(days=40)
    )

    with pytest.raises(NotAllowedError, match="Mallory wrote"):
        newsroom.approver("Mallory").approve(again.post.id)


def test_who_restored_or_exported_wrote_nothing(newsroom: Newsroom):
    newsroom.write("Mallory", "Mallory's words.")
    _retire_and_restore(newsroom)
    post = newsroom.plan()

    assert post.author == "Mallory"
    assert newsroom.may_approve("Alice", post)


def test_another_word_of_a_file_is_nobodys_here(newsroom: Newsroom):
    newsroom.write("Mallory", "Mallory's words.")
    _export(newsroom)
    newsroom.sync(replace(FILES, wordings={**FILES.wordings, "en": Wording(text="The file's words.")}))
    post = newsroom.plan()

    assert newsroom.stored().written_by == ()
    assert post.author == "content files"
    assert newsroom.may_approve("Mallory", post)


def test_a_name_is_no_part_of_another(newsroom: Newsroom):
    newsroom.write("Mallory Jane", "Words.")
    newsroom.write("mallory", "Other words.")
    post = newsroom.plan()

    assert newsroom.stored().written_by == ("Mallory Jane", "mallory")
    assert newsroom.may_approve("Mallory", post)


def test_who_writes_again_is_the_last_and_is_named_once(newsroom: Newsroom):
    for who, words in (("Mallory", "One."), ("Bob", "Two."), ("Mallory", "Three.")):
        newsroom.write(who, words)

    assert newsroom.stored().written_by == ("Bob", "Mallory")
    assert newsroom.plan().author == "Mallory"


def test_what_was_kept_of_the_console_stays_of_those_who_wrote_it(newsroom: Newsroom):
    newsroom.write("Mallory", "Mallory's words.")
    on_file = replace(FILES, wordings={**FILES.wordings, "en": Wording(text="The file's words.")})
    newsroom.sync(on_file)
    stored = newsroom.stored()
    assert stored.conflict is not None

    newsroom.editor("Alice").settle(
        ASKS.key, FILES.key, keep=Keep.CONSOLE, based_on=stored.digest, on_file=stored.conflict.digest
    )

    assert not newsroom.may_approve("Mallory", newsroom.plan())
