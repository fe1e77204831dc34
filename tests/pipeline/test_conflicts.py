"""An item that changed in the console and in its file: neither is overwritten, and a person settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.reading import Content
from bot.core.campaign import Item, Source, Wording
from bot.core.clock import FixedClock
from bot.core.errors import ContentError, NotAllowedError, StaleItemError
from bot.core.post import State
from bot.pipeline.edit import Editor, Keep
from bot.pipeline.plan import Planner
from bot.pipeline.rehearse import Rehearsal, rehearse
from bot.pipeline.sync import Synced, Syncer
from bot.rendering.renderer import Renderer
from bot.store import contents, posts
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database
from posting import CAMPAIGN, NOW, fact
from stage import Stage

SOURCE = Source(
    publisher={"en": "Invented Network", "ar": "الشبكة المخترعة"},
    url="https://example.org/report",
    read_on=date(2026, 1, 5),
)
FIRST, SECOND = (fact(key, source=SOURCE) for key in ("first-fact", "second-fact"))
NEW = fact("new-fact", source=SOURCE)
NAME = "invented-campaign/first-fact"


def _said(item: Item, words: str) -> Item:
    return replace(item, wordings={**item.wordings, "en": Wording(text=words)})


HUDAS, FILES, BOTH = (_said(FIRST, f"{whose} words.") for whose in ("Huda's", "The file's", "Both's"))


class Desk:
    """A person who writes in the console, and files that somebody else writes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.editor = Editor(
            stage.db, stage.clock, who="Huda", renderer=stage.renderer, prices=lambda *_: 15_000
        )
        self.syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000)

    def sync(self, *items: Item) -> Synced:
        return self.syncer.sync(Content(campaigns=(CAMPAIGN,), items=items))

    def stored(self, key: str = "first-fact") -> StoredItem:
        with self.stage.db.read() as tx:
            stored = contents.read_item(tx, CAMPAIGN.key, key)
        assert stored is not None
        return stored

    def write(self, item: Item, *, draft: bool = False) -> None:
        with self.stage.db.read() as tx:
            stored = contents.read_item(tx, CAMPAIGN.key, item.key)
        if stored is not None and stored.retired:
            self.editor.restore(CAMPAIGN.key, item.key, based_on=stored.digest)
        self.editor.save(item, based_on=None if stored is None else stored.digest, draft=draft)

    def retire(self, key: str = "first-fact") -> None:
        self.editor.retire(CAMPAIGN.key, key, based_on=self.stored(key).digest)

    def settle(self, keep: Keep | Item) -> None:
        stored = self.stored()
        assert stored.conflict is not None
        self.editor.settle(
            CAMPAIGN.key,
            "first-fact",
            keep=keep,
            based_on=stored.digest,
            on_file=stored.conflict.digest,
        )

    def plan(self) -> None:
        Planner(self.stage.db, self.stage.clock, renderer=self.stage.renderer, prices=lambda *_: 15_000).plan(
            days=1
        )

    def texts(self, key: str = "first-fact") -> set[str]:
        """What the item's waiting posts say in English, their first line."""
        with self.stage.db.read() as tx:
            found = posts.read_posts(tx, item=key, language="en", states=(State.READY, State.HELD))
        return {post.text.splitlines()[0] for post in found}

    def rehearse(self, *items: Item) -> Rehearsal:
        return rehearse(
            Content(campaigns=(CAMPAIGN,), items=items),
            db=self.stage.db,
            start=NOW + timedelta(days=1),
            end=NOW + timedelta(days=4),
            renderer=self.stage.renderer,
            prices=lambda *_: 15_000,
        )


@pytest.fixture
def desk(stage: Stage) -> Desk:
    """Two facts taken in from files, and planned."""
    desk = Desk(stage)
    desk.sync(FIRST, SECOND)
    desk.plan()
    return desk


# -- one of the two changed ----------------------------------------------------------------------


def test_what_only_the_console_changed_stays(desk):
    desk.write(HUDAS)

    synced = desk.sync(FIRST, SECOND)

    assert (synced.kept, synced.conflicts, synced.changed, synced.unchanged) == ((NAME,), (), (), 2)
    assert desk.stored().item == HUDAS


def test_what_only_the_file_changed_is_taken(desk):
    synced = desk.sync(FILES, SECOND)

    assert (synced.changed, synced.conflicts, synced.kept) == ((NAME,), (), ())
    stored = desk.stored()
    assert (stored.item, stored.file_digest, stored.changed_by) == (FILES, stored.digest, None)


def test_an_item_of_the_console_alone_is_never_retired_by_files(desk):
    desk.write(NEW)

    synced = desk.sync(FIRST, SECOND)

    assert (synced.retired, synced.kept) == ((), ("invented-campaign/new-fact",))
    assert (desk.stored("new-fact").retired, desk.stored("new-fact").origin) == (False, Origin.CONSOLE)


def test_a_file_that_says_what_the_console_says_agrees_with_it(desk):
    desk.write(HUDAS)
    desk.write(NEW)

    synced = desk.sync(HUDAS, SECOND, NEW)

    assert (synced.kept, synced.conflicts, synced.unchanged) == ((), (), 4)
    for key in ("first-fact", "new-fact"):
        stored = desk.stored(key)
        assert (stored.changed_by, stored.file_digest, stored.origin) == (None, stored.digest, Origin.FILE)


def test_the_place_in_the_files_is_taken_over_also_of_what_the_console_changed(desk):
    desk.write(HUDAS)

    desk.sync(SECOND, FIRST)

    assert (desk.stored().position, desk.stored().item) == (1, HUDAS)


# -- both changed --------------------------------------------------------------------------------


def test_what_both_changed_is_a_conflict_and_neither_is_overwritten(desk):
    desk.write(HUDAS)
    before = desk.stored()

    synced = desk.sync(FILES, SECOND)

    stored = desk.stored()
    assert (synced.conflicts, synced.changed, synced.rewritten) == ((NAME,), (), 0)
    assert (stored.item, stored.digest, stored.changed_by) == (HUDAS, before.digest, "Huda")
    assert stored.conflict is not None
    assert stored.conflict.item == FILES
    assert desk.texts() == {"Huda's words."}


def test_a_conflict_is_named_by_each_sync_and_logged_once(desk):
    desk.write(HUDAS)
    desk.sync(FILES, SECOND)
    known = len(desk.stage.entries())

    again = desk.sync(FILES, SECOND)

    assert again.conflicts == (NAME,)
    assert len(desk.stage.entries()) == known
    assert desk.stage.entries()[-1].body["conflicts"] == NAME


def test_a_file_that_takes_its_change_back_ends_the_conflict(desk):
    desk.write(HUDAS)
    desk.sync(FILES, SECOND)

    synced = desk.sync(FIRST, SECOND)

    assert (synced.conflicts, synced.kept) == ((), (NAME,))
    assert desk.stored().conflict is None


def test_a_new_item_whose_key_a_file_takes_too_is_a_conflict(desk):
    desk.write(NEW)

    synced = desk.sync(FIRST, SECOND, _said(NEW, "The file's words."))

    assert synced.conflicts == ("invented-campaign/new-fact",)
    assert desk.stored("new-fact").item == NEW


def test_a_file_that_drops_what_the_console_changed_is_a_conflict(desk):
    desk.write(HUDAS)

    synced = desk.sync(SECOND)

    stored = desk.stored()
    assert (synced.conflicts, synced.retired) == ((NAME,), ())
    assert (stored.retired, stored.item) == (False, HUDAS)
    assert stored.conflict is not None
    assert (stored.conflict.item, stored.conflict.digest) == (None, None)


def test_a_file_that_changes_what_the_console_retired_is_a_conflict(desk):
    desk.retire()

    synced = desk.sync(FILES, SECOND)

    assert synced.conflicts == (NAME,)
    assert desk.stored().retired


def test_an_item_that_both_gave_up_is_gone_without_a_conflict(desk):
    desk.retire()

    synced = desk.sync(SECOND)

    stored = desk.stored()
    assert (synced.conflicts, synced.retired) == ((), ())
    assert (stored.retired, stored.changed_by, stored.file_digest) == (True, None, None)
    desk.sync(FIRST, SECOND)
    assert not desk.stored().retired


def test_a_conflict_goes_on_while_the_console_is_written_in(desk):
    desk.write(HUDAS)
    desk.sync(FILES, SECOND)

    desk.write(BOTH)

    stored = desk.stored()
    assert stored.item == BOTH
    assert stored.conflict is not None
    assert stored.conflict.item == FILES


# -- settling ------------------------------------------------------------------------------------


def _conflict(desk: Desk, *files: Item) -> None:
    desk.write(HUDAS)
    desk.sync(*(files or (FILES, SECOND)))


@pytest.mark.parametrize(
    ("keep", "says", "changed_by", "kept"),
    [
        pytest.param(Keep.FILE, FILES, None, (), id="the file's version"),
        pytest.param(Keep.CONSOLE, HUDAS, "Huda", (NAME,), id="the console's version"),
        pytest.param(BOTH, BOTH, "Huda", (NAME,), id="one made of both"),
        pytest.param(FILES, FILES, None, (), id="made the same as the file's"),
    ],
)
def test_what_a_person_keeps_is_what_stays(desk, keep, says, changed_by, kept):
    _conflict(desk)

    desk.settle(keep)

    stored = desk.stored()
    assert (stored.item, stored.changed_by, stored.conflict) == (says, changed_by, None)
    assert desk.texts() == {says.wordings["en"].text}
    again = desk.sync(FILES, SECOND)
    assert (again.conflicts, again.changed, again.kept) == ((), (), kept)
    assert desk.stored().item == says


def test_who_settled_what_is_in_the_send_log(desk):
    _conflict(desk)
    before = desk.stored().digest

    desk.settle(Keep.FILE)

    settled = next(entry for entry in desk.stage.entries() if entry.event == "item-settled")
    assert dict(settled.body) == {
        "who": "Huda",
        "campaign": CAMPAIGN.key,
        "item": "first-fact",
        "before": before,
        "after": desk.stored().digest,
        "kept": "file",
    }


def test_a_file_that_dropped_it_is_followed_or_not(desk):
    _conflict(desk, SECOND)
    desk.settle(Keep.CONSOLE)
    assert desk.sync(SECOND).kept == (NAME,)
    assert not desk.stored().retired


def test_a_file_that_dropped_it_is_followed(desk):
    _conflict(desk, SECOND)

    desk.settle(Keep.FILE)

    assert desk.stored().retired
    with desk.stage.db.read() as tx:
        assert {post.state for post in posts.read_posts(tx, item="first-fact")} == {State.HELD}
    assert desk.sync(SECOND).conflicts == ()


def test_a_retired_item_comes_back_with_its_files_version(desk):
    desk.retire()
    desk.sync(FILES, SECOND)

    desk.settle(Keep.FILE)

    assert (desk.stored().retired, desk.stored().item) == (False, FILES)


def test_nobody_settles_what_changed_again_meanwhile(desk):
    _conflict(desk)
    seen = desk.stored()
    assert seen.conflict is not None
    desk.sync(_said(FIRST, "The file's second words."), SECOND)

    with pytest.raises(StaleItemError, match="its file changed again"):
        desk.editor.settle(
            CAMPAIGN.key,
            "first-fact",
            keep=Keep.FILE,
            based_on=seen.digest,
            on_file=seen.conflict.digest,
        )
    desk.write(BOTH)
    with pytest.raises(StaleItemError, match="changed by Huda meanwhile"):
        desk.editor.settle(CAMPAIGN.key, "first-fact", keep=Keep.CONSOLE, based_on=seen.digest, on_file=None)


def test_where_nothing_disagrees_nothing_is_settled(desk):
    with pytest.raises(NotAllowedError, match="do not disagree"):
        desk.editor.settle(
            CAMPAIGN.key, "first-fact", keep=Keep.FILE, based_on=desk.stored().digest, on_file=None
        )


def test_one_made_of_both_keeps_the_rules(desk):
    _conflict(desk)

    with pytest.raises(ContentError, match="the number 7 is typed"):
        desk.settle(_said(FIRST, "All 7 words."))

    assert desk.stored().conflict is not None


def test_one_made_of_both_keeps_its_key(desk):
    _conflict(desk)

    with pytest.raises(NotAllowedError, match="keeps its key"):
        desk.settle(replace(BOTH, key="second-fact"))

    assert desk.stored("second-fact").item == SECOND


# -- rehearsing ----------------------------------------------------------------------------------


def test_a_rehearsal_shows_what_the_console_says(desk):
    desk.write(HUDAS)
    desk.write(NEW)
    desk.retire("second-fact")

    shown = desk.rehearse(FIRST, SECOND)

    texts = {(post.item, post.text.splitlines()[0]) for post in shown.posts if post.language == "en"}
    assert texts == {("first-fact", "Huda's words."), ("new-fact", "Invented words of new-fact.")}


def test_a_rehearsal_takes_what_only_the_files_changed_and_leaves_out_drafts(desk):
    desk.write(replace(NEW, wordings={"en": NEW.wordings["en"]}), draft=True)

    shown = desk.rehearse(FILES, SECOND)

    texts = {(post.item, post.text.splitlines()[0]) for post in shown.posts if post.language == "en"}
    assert texts == {
        ("first-fact", "The file's words."),
        ("second-fact", "Invented words of second-fact."),
    }


# -- whatever happens ----------------------------------------------------------------------------

_WORDS = st.sampled_from(["one", "two", "three"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("console"), _WORDS),
        st.tuples(st.just("file"), _WORDS | st.none()),
        st.tuples(st.just("retire"), st.none()),
        st.tuples(st.just("sync"), st.none()),
        st.tuples(st.just("sync"), st.none()),
    ),
    min_size=2,
    max_size=12,
)


@pytest.fixture(scope="module")
def make_desk(renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Desk]:
    def make() -> Desk:
        place = tmp_path_factory.mktemp("desk")
        db = Database(f"sqlite:///{place / 'bot.sqlite3'}")
        db.prepare()
        return Desk(Stage(db, FixedClock(NOW), data_dir=place, renderer=renderer))

    return make


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_nobodys_words_are_lost_in_silence(
    make_desk: Callable[[], Desk], steps: Iterable[tuple[str, str | None]]
):
    """A sync takes the console's word away only where a person settles; what it leaves out it names."""
    desk = make_desk()
    on_file: Item | None = FIRST
    seen_on_file: Item | None = None
    #: None: neither has a word. Whose the next is depends on who retired it, and other tests hold that.
    typed: bool | None = False
    for what, words in steps:
        match what:
            case "console":
                desk.write(_said(FIRST, f"Console {words}."))
                typed = True
            case "file":
                on_file = None if words is None else _said(FIRST, f"File {words}.")
            case "retire":
                with desk.stage.db.read() as tx:
                    stored = contents.read_item(tx, CAMPAIGN.key, "first-fact")
                if stored is not None and not stored.retired:
                    desk.retire()
                    typed = True
            case _:
                with desk.stage.db.read() as tx:
                    before = contents.read_item(tx, CAMPAIGN.key, "first-fact")
                synced = desk.sync(*([] if on_file is None else [on_file]))
                if before is None and on_file is None:
                    continue
                after = desk.stored()
                if typed is None:
                    typed = None if on_file is None else NAME in synced.conflicts
                elif typed:
                    assert before is not None
                    assert (after.item, after.retired) == (before.item, before.retired)
                    says_the_same = on_file == (None if after.retired else after.item)
                    assert (NAME in synced.conflicts) == (not says_the_same and on_file != seen_on_file)
                    if says_the_same:
                        typed = None if on_file is None else False
                else:
                    assert after.retired is (on_file is None)
                    assert on_file in (None, after.item)
                if NAME not in synced.conflicts:
                    seen_on_file = on_file
    assert desk.stage.log_problems() == []
