"""Writing items in the console: nobody is overwritten, the rules hold, and waiting posts follow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.content.reading import Content
from bot.core.campaign import Campaign, Item, Source, Wording
from bot.core.errors import ContentError, NotAllowedError, NotFoundError, StaleItemError
from bot.core.post import Post, State
from bot.pipeline.compose import WAITS_FOR_APPROVAL
from bot.pipeline.edit import Editor
from bot.pipeline.plan import Planner
from bot.pipeline.sync import Synced, Syncer
from bot.store import contents, posts
from bot.store.contents import Origin, StoredItem
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, fact
from stage import Stage

SOURCE = Source(
    publisher={"en": "Invented Network", "ar": "الشبكة المخترعة"},
    url="https://example.org/report",
    read_on=date(2026, 1, 5),
)
ITEMS = tuple(fact(key, source=SOURCE) for key in ("first-fact", "second-fact"))
NEW = fact("new-fact", source=SOURCE)
HOUR = timedelta(hours=1)


@pytest.fixture
def editor(stage: Stage) -> Callable[..., Editor]:
    """The pen of somebody, of Huda unless named."""

    def make(who: str = "Huda") -> Editor:
        return Editor(stage.db, stage.clock, who=who, renderer=stage.renderer, prices=lambda *_: 15_000)

    return make


@pytest.fixture
def synced(stage: Stage) -> Stage:
    """The stage with two facts taken in and their posts planned."""
    _sync(stage)
    _plan(stage)
    return stage


def _sync(stage: Stage, items: Any = ITEMS, campaign: Campaign = CAMPAIGN) -> Synced:
    syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000)
    return syncer.sync(Content(campaigns=(campaign,), items=tuple(items)))


def _plan(stage: Stage, *, days: int = 1) -> None:
    Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000).plan(days=days)


def _said(item: Item, words: str) -> Item:
    return replace(item, wordings={**item.wordings, "en": Wording(text=words)})


def _stored(stage: Stage, key: str) -> StoredItem:
    with stage.db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, key)
    assert stored is not None
    return stored


def _posts(stage: Stage, **wanted: Any) -> list[Post]:
    with stage.db.read() as tx:
        return posts.read_posts(tx, **wanted)


def _digest(stage: Stage, key: str) -> str:
    return _stored(stage, key).digest


# -- saving --------------------------------------------------------------------------------------


def test_a_new_item_is_stored_with_who_wrote_it_and_is_planned(synced, editor):
    saved = editor().save(NEW, based_on=None)

    stored = _stored(synced, "new-fact")
    assert (stored.item, stored.origin, stored.changed_by) == (NEW, Origin.CONSOLE, "Huda")
    assert (stored.file_digest, stored.conflict, saved.missing) == (None, None, ())
    assert saved.stored == stored
    _plan(synced, days=3)
    assert _posts(synced, item="new-fact")


def test_an_edit_of_an_item_on_file_keeps_what_the_file_said(synced, editor):
    before = _stored(synced, "first-fact")

    editor().save(_said(ITEMS[0], "Other words."), based_on=before.digest)

    stored = _stored(synced, "first-fact")
    assert stored.item.wordings["en"].text == "Other words."
    assert (stored.origin, stored.file_digest, stored.changed_by) == (Origin.FILE, before.digest, "Huda")
    assert stored.position == before.position


def test_each_edit_is_one_entry_with_who_and_both_digests(synced, editor):
    before = _digest(synced, "first-fact")
    known = len(synced.entries())

    editor().save(_said(ITEMS[0], "Other words."), based_on=before)

    written = [entry for entry in synced.entries()[known:] if entry.event == "item-written"]
    assert [dict(entry.body) for entry in written] == [
        {
            "who": "Huda",
            "campaign": CAMPAIGN.key,
            "item": "first-fact",
            "before": before,
            "after": _digest(synced, "first-fact"),
        }
    ]
    assert synced.log_problems() == []


def test_saving_the_same_again_changes_nothing(synced, editor):
    before = synced.entries()

    saved = editor().save(ITEMS[0], based_on=_digest(synced, "first-fact"))

    assert synced.entries() == before
    assert (saved.rewritten, saved.stored.changed_by) == (0, None)


def test_an_edit_back_to_what_the_file_says_leaves_nothing_to_write(synced, editor):
    first = editor().save(_said(ITEMS[0], "Other words."), based_on=_digest(synced, "first-fact"))

    editor().save(ITEMS[0], based_on=first.stored.digest)

    assert _stored(synced, "first-fact").changed_by is None


def test_waiting_posts_get_the_new_text_and_their_author_is_who_edited(synced, editor):
    waiting = _posts(synced, item="first-fact")

    saved = editor().save(_said(ITEMS[0], "Other words."), based_on=_digest(synced, "first-fact"))

    after = _posts(synced, item="first-fact", language="en")
    assert after
    assert all("Other words." in post.text and post.author == "Huda" for post in after)
    assert saved.rewritten == len(waiting)
    assert all(post.item_digest == saved.stored.digest for post in _posts(synced, item="first-fact"))
    logged = [synced.entries(post.id)[-1] for post in after]
    assert {(entry.event, entry.body["who"]) for entry in logged} == {("rewritten", "Huda")}


def test_an_edit_voids_the_approval_and_its_author_does_not_approve_it(stage, editor):
    _sync(stage, campaign=replace(CAMPAIGN, approval=True))
    _plan(stage)
    post = _posts(stage, item="first-fact", language="en")[0]
    stage.operator("Ali").approve(post.id)
    assert stage.state(post.id) is State.READY

    editor().save(_said(ITEMS[0], "Other words."), based_on=_digest(stage, "first-fact"))

    after = stage.post(post.id)
    assert (after.state, after.reason, after.approved_by) == (State.HELD, WAITS_FOR_APPROVAL, None)
    with pytest.raises(NotAllowedError, match="Huda wrote post"):
        stage.operator("Huda").approve(post.id)
    assert stage.operator("Ali").approve(post.id).state is State.READY


def test_posts_planned_of_what_somebody_wrote_are_that_persons(stage, editor):
    _sync(stage, items=(), campaign=replace(CAMPAIGN, approval=True))
    editor().save(NEW, based_on=None)

    _plan(stage)

    assert {post.author for post in _posts(stage, item="new-fact")} == {"Huda"}


def test_a_sent_post_stays_as_it_left(synced, editor):
    post = _posts(synced, item="first-fact", account=ACCOUNT.name)[0]
    synced.clock.advance(post.due_at - NOW)
    synced.process().sender.drain(ACCOUNT.name)
    sent = synced.post(post.id)
    assert sent.state is State.SENT

    editor().save(_said(ITEMS[0], "Other words."), based_on=_digest(synced, "first-fact"))

    assert synced.post(post.id) == sent


# -- two people ----------------------------------------------------------------------------------


def test_the_second_of_two_people_is_shown_what_the_first_stored(synced, editor):
    seen = _digest(synced, "first-fact")
    first = editor("Huda").save(_said(ITEMS[0], "Huda's words."), based_on=seen)

    with pytest.raises(StaleItemError, match="was changed by Huda meanwhile") as caught:
        editor("Ali").save(_said(ITEMS[0], "Ali's words."), based_on=seen)

    assert caught.value.item == first.stored.item
    assert (caught.value.digest, caught.value.changed_by) == (first.stored.digest, "Huda")
    assert _stored(synced, "first-fact") == first.stored
    editor("Ali").save(_said(ITEMS[0], "Ali's words."), based_on=caught.value.digest)
    assert _stored(synced, "first-fact").changed_by == "Ali"


def test_of_many_people_who_save_at_once_one_is_stored_and_the_others_are_told(synced, editor):
    seen = _digest(synced, "first-fact")
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def save(who: str) -> None:
        start.wait()
        try:
            editor(who).save(_said(ITEMS[0], f"{who}'s words."), based_on=seen)
            outcomes.append("stored")
        except StaleItemError:
            outcomes.append("told")

    threads = [threading.Thread(target=save, args=(f"Person {letter}",)) for letter in "ABCDEF"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["stored", *["told"] * 5]
    assert synced.log_problems() == []


def test_a_sync_in_between_is_told_too(synced, editor):
    seen = _digest(synced, "first-fact")
    _sync(synced, items=[_said(ITEMS[0], "The file's words."), ITEMS[1]])

    with pytest.raises(StaleItemError, match="first-fact was changed meanwhile") as caught:
        editor().save(_said(ITEMS[0], "Huda's words."), based_on=seen)

    assert caught.value.changed_by is None


def test_a_new_item_takes_no_key_that_another_has_or_had(synced, editor):
    _sync(synced, items=ITEMS[1:])

    for key, retired in (("first-fact", True), ("second-fact", False)):
        with pytest.raises(StaleItemError, match=f"there is an item .*/{key} already") as caught:
            editor().save(fact(key, source=SOURCE), based_on=None)
        assert caught.value.is_retired is retired


def test_an_item_that_is_not_there_is_not_changed(synced, editor):
    with pytest.raises(StaleItemError, match="not there any more") as caught:
        editor().save(NEW, based_on="0" * 64)

    assert (caught.value.item, caught.value.digest) == (None, None)


def test_what_was_queued_on_the_spot_is_the_queues(synced, editor):
    queued = synced.operator().queue(
        replace(
            fact("spot", source=replace(SOURCE, publisher={"en": "Invented Network"})),
            wordings={"en": Wording(text="On the spot.")},
        ),
        account=ACCOUNT.name,
        language="en",
        at=NOW + HOUR,
    )
    stored = _stored(synced, queued.post.item)

    with pytest.raises(NotAllowedError, match="queued on the spot"):
        editor().save(stored.item, based_on=stored.digest)


# -- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"source": None}, "publisher_en: a fact", id="a fact without a source"),
        pytest.param({"period": None}, "period", id="a fact without its time"),
        pytest.param(
            {"source": replace(SOURCE, url="https://example.org/تقرير")},
            "url: some networks cut",
            id="a link",
        ),
        pytest.param(
            {"source": replace(SOURCE, read_on=None)},
            "read_on: the day on which the source",
            id="no day of reading",
        ),
        pytest.param({"key": "Not A Key"}, "is no key", id="a key"),
        pytest.param(
            {"wordings": {"en": Wording(text="See 7 of them."), "ar": Wording(text="نص.")}},
            "text_en: the number 7 is typed",
            id="a typed number",
        ),
        pytest.param(
            {"wordings": {"en": Wording(text="word " * 80), "ar": Wording(text="نص.")}},
            "text_en: .*over its limit of 280",
            id="too long for a network",
        ),
        pytest.param({"wordings": {"en": Wording(text="Alone.")}}, "text_ar: missing", id="a language"),
    ],
)
def test_what_check_would_name_is_not_stored(synced, editor, changes, says):
    before = synced.entries()

    with pytest.raises(ContentError, match=says):
        editor().save(replace(NEW, **changes), based_on=None)

    assert synced.entries() == before
    with synced.db.read() as tx:
        assert contents.read_item(tx, CAMPAIGN.key, changes.get("key", "new-fact")) is None


def test_a_text_is_stored_as_a_file_would_be_read(synced, editor):
    typed = _said(NEW, "  Cafe\u0301 of the invented.\r\n ")

    saved = editor().save(typed, based_on=None)

    assert saved.stored.item.wordings["en"].text == "Caf\u00e9 of the invented."


def test_a_draft_is_kept_and_not_planned_until_it_is_whole(stage, editor):
    _sync(stage, items=())
    draft = replace(NEW, wordings={"en": Wording(text="Invented words.")})

    saved = editor().save(draft, based_on=None, draft=True)
    _plan(stage)

    assert saved.missing == ("ar",)
    assert _posts(stage) == []
    editor().save(NEW, based_on=saved.stored.digest)
    _plan(stage, days=2)
    assert _posts(stage, item="new-fact")


def test_a_draft_keeps_all_other_rules(synced, editor):
    draft = replace(NEW, wordings={"en": Wording(text="Invented 7.")})

    with pytest.raises(ContentError, match="the number 7 is typed"):
        editor().save(draft, based_on=None, draft=True)


def test_an_item_without_any_text_is_not_even_a_draft(synced, editor):
    with pytest.raises(ContentError, match="text_en: missing"):
        editor().save(replace(NEW, wordings={}), based_on=None, draft=True)


def test_a_language_that_is_taken_away_holds_the_posts_in_it(synced, editor):
    waiting = _posts(synced, language="ar")
    arabic = next(post for post in waiting if post.item.endswith("-fact"))
    item = next(one for one in ITEMS if one.key == arabic.item)

    editor().save(
        replace(item, wordings={"en": item.wordings["en"]}), based_on=_digest(synced, item.key), draft=True
    )

    assert synced.state(arabic.id) is State.HELD


def test_an_item_in_one_language_is_queued_in_that_language(synced, editor):
    editor().save(replace(NEW, wordings={"en": NEW.wordings["en"]}), based_on=None, draft=True)

    queued = synced.operator().queue_item(
        CAMPAIGN.key, "new-fact", account=SECOND_ACCOUNT.name, language="en", at=NOW + HOUR
    )

    assert queued.post.state is State.READY


# -- retiring ------------------------------------------------------------------------------------


def test_a_retired_item_holds_its_posts_and_a_sync_does_not_bring_it_back(synced, editor):
    waiting = _posts(synced, item="first-fact")
    assert waiting

    saved = editor().retire(CAMPAIGN.key, "first-fact", based_on=_digest(synced, "first-fact"))
    again = _sync(synced)

    assert saved.stopped == len(waiting)
    assert {post.state for post in _posts(synced, item="first-fact")} == {State.HELD}
    assert (again.new, again.changed, again.kept) == ((), (), ("invented-campaign/first-fact",))
    assert _stored(synced, "first-fact").retired


def test_a_restored_item_is_planned_again_and_agrees_with_its_file(synced, editor):
    editor().retire(CAMPAIGN.key, "first-fact", based_on=_digest(synced, "first-fact"))

    editor().restore(CAMPAIGN.key, "first-fact", based_on=_digest(synced, "first-fact"))

    stored = _stored(synced, "first-fact")
    assert (stored.retired, stored.changed_by) == (False, None)
    assert [entry.event for entry in synced.entries() if entry.event.startswith("item-")] == [
        "item-retired",
        "item-restored",
    ]


def test_retiring_what_somebody_changed_meanwhile_is_refused(synced, editor):
    seen = _digest(synced, "first-fact")
    editor("Ali").save(_said(ITEMS[0], "Other words."), based_on=seen)

    with pytest.raises(StaleItemError):
        editor().retire(CAMPAIGN.key, "first-fact", based_on=seen)
    with pytest.raises(NotFoundError, match="no item 'nobody'"):
        editor().retire(CAMPAIGN.key, "nobody", based_on=seen)


def test_what_is_retired_is_not_retired_twice_nor_restored_twice(synced, editor):
    digest = _digest(synced, "first-fact")

    with pytest.raises(NotAllowedError, match="is not retired"):
        editor().restore(CAMPAIGN.key, "first-fact", based_on=digest)
    editor().retire(CAMPAIGN.key, "first-fact", based_on=digest)
    with pytest.raises(NotAllowedError, match="is retired already"):
        editor().retire(CAMPAIGN.key, "first-fact", based_on=digest)


def test_a_form_that_was_opened_before_brings_no_retired_item_back(synced, editor):
    seen = _digest(synced, "first-fact")
    editor("Ali").retire(CAMPAIGN.key, "first-fact", based_on=seen)
    before = synced.entries()

    with pytest.raises(StaleItemError, match="was retired: use it again first") as caught:
        editor().save(_said(ITEMS[0], "Other words."), based_on=seen)
    with pytest.raises(StaleItemError, match="was retired"):
        editor().save(ITEMS[0], based_on=seen)

    assert (caught.value.is_retired, caught.value.changed_by) == (True, "Ali")
    assert _stored(synced, "first-fact").retired
    assert synced.entries() == before


def test_what_was_typed_is_saved_once_the_item_is_used_again(synced, editor):
    seen = _digest(synced, "first-fact")
    editor("Ali").retire(CAMPAIGN.key, "first-fact", based_on=seen)
    editor("Ali").restore(CAMPAIGN.key, "first-fact", based_on=seen)

    saved = editor().save(_said(ITEMS[0], "Other words."), based_on=seen)

    assert (saved.stored.retired, saved.stored.changed_by) == (False, "Huda")
