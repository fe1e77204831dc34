"""Out into the content files and back: what was changed in the console, and not a word less."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.reading import Content, read_content
from bot.core.campaign import Campaign, Item, Kind, Source, Wording
from bot.core.clock import FixedClock
from bot.core.dates import Period
from bot.core.errors import ContentError, NotAllowedError, NotFoundError
from bot.pipeline.edit import Editor, Keep
from bot.pipeline.sync import Synced, Syncer
from bot.pipeline.write_back import WrittenBack, write_back
from bot.rendering.renderer import Renderer
from bot.store import contents
from bot.store.contents import StoredItem
from bot.store.database import Database
from posting import NOW
from stage import Stage

GOOD = Path(__file__).parents[1] / "content" / "good"
NEW = Item(
    campaign="lamps",
    key="new-lamps",
    kind=Kind.FACT,
    wordings={"ar": Wording(text="مصابيح جديدة."), "en": Wording(text="New lamps.", short="New.")},
    source=Source(
        publisher={"ar": "بلدية مثال", "en": "Example Town"},
        url="https://town.example/lamps",
        read_on=date(2026, 11, 19),
    ),
    period=Period.parse("2020"),
)


class Desk:
    """A content folder, a store, and Huda who writes in the console."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.editor = Editor(
            stage.db, stage.clock, who="Huda", renderer=stage.renderer, prices=lambda *_: 15_000
        )
        self.sync()

    def sync(self) -> Synced:
        syncer = Syncer(self.stage.db, self.stage.clock, renderer=self.stage.renderer, prices=lambda *_: 0)
        return syncer.sync(self.content())

    def content(self) -> Content:
        return read_content(self.folder)

    def campaign(self) -> Campaign:
        return self.content().campaigns[0]

    def items(self) -> dict[str, Item]:
        return {item.key: item for item in self.content().items}

    def stored(self, key: str) -> StoredItem:
        with self.stage.db.read() as tx:
            stored = contents.read_item(tx, "lamps", key)
        assert stored is not None
        return stored

    def in_store(self) -> dict[str, Item]:
        with self.stage.db.read() as tx:
            return {stored.item.key: stored.item for stored in contents.read_items(tx, "lamps")}

    def say(self, key: str, words: str) -> Item:
        """Give an item other words in English."""
        stored = self.stored(key)
        english = replace(stored.item.wordings["en"], text=words)
        item = replace(stored.item, wordings={**stored.item.wordings, "en": english})
        return self.editor.save(item, based_on=stored.digest).stored.item

    def save(self, *, dry_run: bool = False, only: str | None = None) -> WrittenBack:
        return write_back(
            self.stage.db, self.stage.clock, directory=self.folder, who="Huda", dry_run=dry_run, only=only
        )

    def texts(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in (self.folder / "lamps").iterdir()}

    def file(self, name: str) -> Path:
        return self.folder / "lamps" / name


@pytest.fixture
def desk(stage: Stage, tmp_path: Path) -> Desk:
    return Desk(stage, Path(shutil.copytree(GOOD, tmp_path / "content")))


def _as_told(done: WrittenBack) -> list[tuple[str, bool, tuple[str, ...], tuple[str, ...]]]:
    return [(file.path.name, file.is_new, file.written, file.taken_out) for file in done.files]


def test_an_edited_item_is_written_into_its_file_and_nothing_else_changes(desk):
    before = desk.texts()

    desk.say("light-a-lamp", "Light two lamps.")
    done = desk.save()

    assert _as_told(done) == [("calls.yaml", False, ("light-a-lamp",), ())]
    assert desk.texts() == before | {
        "calls.yaml": before["calls.yaml"].replace("Light a lamp.", "Light two lamps.")
    }


def test_a_new_item_goes_into_a_file_of_its_own_and_the_next_one_joins_it(desk):
    desk.editor.save(NEW, based_on=None)

    first = desk.save()
    desk.editor.save(replace(NEW, key="newer-lamps", kind=Kind.CALL), based_on=None)
    second = desk.save()

    assert _as_told(first) == [("console.yaml", True, ("new-lamps",), ())]
    assert _as_told(second) == [("console.yaml", False, ("newer-lamps",), ())]
    assert desk.items()["new-lamps"] == NEW
    assert desk.file("console.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server")


def test_a_full_file_is_followed_by_another(desk):
    desk.file("console.yaml").write_text("facts: {}\n#" + "x" * 999_900 + "\n", encoding="utf-8")
    desk.editor.save(NEW, based_on=None)

    done = desk.save()

    assert _as_told(done) == [("console-2.yaml", True, ("new-lamps",), ())]


def test_two_items_of_which_one_has_room_go_into_two_files(desk):
    desk.file("console.yaml").write_text("facts: {}\n#" + "x" * 999_500 + "\n", encoding="utf-8")
    desk.editor.save(NEW, based_on=None)
    desk.editor.save(replace(NEW, key="newer-lamps"), based_on=None)

    done = desk.save()

    assert _as_told(done) == [
        ("console.yaml", False, ("new-lamps",), ()),
        ("console-2.yaml", True, ("newer-lamps",), ()),
    ]
    assert {"new-lamps", "newer-lamps"} < set(desk.items())


def test_a_retired_item_is_taken_out_of_its_file(desk):
    desk.editor.retire("lamps", "broken-lamps", based_on=desk.stored("broken-lamps").digest)

    done = desk.save()

    assert _as_told(done) == [("facts.yaml", False, (), ("broken-lamps",))]
    assert "broken-lamps" not in desk.items()
    stored = desk.stored("broken-lamps")
    assert (stored.retired, stored.changed_by, stored.file_digest) == (True, None, None)
    assert desk.sync().new == ()


def test_after_it_files_and_store_agree(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.editor.save(NEW, based_on=None)
    desk.editor.retire("lamps", "lit-lamps", based_on=desk.stored("lit-lamps").digest)

    desk.save()

    for key, item in desk.items().items():
        stored = desk.stored(key)
        assert (stored.item, stored.file_digest, stored.changed_by) == (item, stored.digest, None)
    synced = desk.sync()
    assert (synced.new, synced.changed, synced.retired, synced.kept, synced.conflicts) == ((), (), (), (), ())
    assert _as_told(desk.save()) == []


def test_who_wrote_what_back_is_in_the_send_log(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.editor.retire("lamps", "lit-lamps", based_on=desk.stored("lit-lamps").digest)

    desk.save()

    entry = desk.stage.entries()[-1]
    assert entry.event == "items-written-back"
    assert dict(entry.body) == {
        "who": "Huda",
        "written": "lamps/light-a-lamp",
        "taken_out": "lamps/lit-lamps",
    }


def test_a_dry_run_says_the_same_and_changes_nothing(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.editor.save(NEW, based_on=None)
    before = (desk.texts(), desk.stage.entries(), desk.stored("new-lamps"))

    told = desk.save(dry_run=True)

    assert (desk.texts(), desk.stage.entries(), desk.stored("new-lamps")) == before
    assert _as_told(told) == _as_told(desk.save())


def test_an_item_whose_file_changed_since_is_left_out_and_named(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.say("lit-lamps", "{share} in a hundred shine.")
    path = desk.file("calls.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Light a lamp.", "Light it."), encoding="utf-8")

    done = desk.save()

    assert _as_told(done) == [("facts.yaml", False, ("lit-lamps",), ())]
    assert [(left.item, left.is_wrong) for left in done.left] == [("light-a-lamp", True)]
    assert "its file changed since the last sync" in done.left[0].reason
    assert "Light it." in path.read_text(encoding="utf-8")


def test_a_conflict_is_left_out_until_it_is_settled(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    path = desk.file("calls.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Light a lamp.", "Light it."), encoding="utf-8")
    desk.sync()

    refused = desk.save()
    stored = desk.stored("light-a-lamp")
    assert stored.conflict is not None
    desk.editor.settle(
        "lamps",
        "light-a-lamp",
        keep=Keep.CONSOLE,
        based_on=stored.digest,
        on_file=stored.conflict.digest,
    )
    desk.save()

    assert (refused.files, refused.left[0].is_wrong) == ((), True)
    assert "settle that first" in refused.left[0].reason
    assert "Light two lamps." in path.read_text(encoding="utf-8")


def test_a_draft_waits_for_its_texts(desk):
    desk.editor.save(replace(NEW, wordings={"ar": NEW.wordings["ar"]}), based_on=None, draft=True)

    done = desk.save()

    assert done.files == ()
    assert [(left.item, left.reason, left.is_wrong) for left in done.left] == [
        ("new-lamps", "it is a draft: still to be written in en", False)
    ]


def test_an_item_that_the_campaigns_file_no_longer_allows_is_left_out(desk):
    desk.editor.save(replace(NEW, occasions=("lamp-day",)), based_on=None)
    path = desk.file("campaign.yaml")
    text = path.read_text(encoding="utf-8").replace("key: lamp-day", "key: light-day")
    path.write_text(text, encoding="utf-8")
    facts = desk.file("facts.yaml")
    facts.write_text(facts.read_text(encoding="utf-8").replace("[lamp-day]", "[light-day]"), encoding="utf-8")

    done = desk.save()

    assert done.files == ()
    assert "it breaks a rule by now: occasions" in done.left[0].reason


def test_files_with_a_mistake_are_not_written_to(desk):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.file("facts.yaml").write_text("facts: [", encoding="utf-8")

    with pytest.raises(ContentError):
        desk.save()


def test_one_campaign_alone_and_none_that_is_not_there(desk):
    desk.say("light-a-lamp", "Light two lamps.")

    assert _as_told(desk.save(only="lamps", dry_run=True))
    with pytest.raises(NotFoundError, match="no campaign 'nobody'"):
        desk.save(only="nobody")


def test_a_folder_that_cannot_be_written_to_is_named_and_nothing_is_noted(desk):
    desk.editor.save(NEW, based_on=None)
    desk.file("console.yaml").mkdir()

    with pytest.raises((NotAllowedError, ContentError)):
        desk.save()

    assert desk.stored("new-lamps").changed_by == "Huda"
    assert [path.name for path in (desk.folder / "lamps").iterdir() if path.name.startswith(".")] == []


def test_a_file_keeps_who_may_read_it(desk):
    desk.file("calls.yaml").chmod(0o640)
    desk.say("light-a-lamp", "Light two lamps.")

    desk.save()

    assert desk.file("calls.yaml").stat().st_mode & 0o777 == 0o640


def test_a_link_to_a_file_stays_one(desk, tmp_path):
    real = desk.file("calls.yaml").rename(tmp_path / "elsewhere.yaml")
    desk.file("calls.yaml").symlink_to(real)
    desk.say("light-a-lamp", "Light two lamps.")

    desk.save()

    assert desk.file("calls.yaml").is_symlink()
    assert "Light two lamps." in real.read_text(encoding="utf-8")


class _Meanwhile:
    """A store in which something happens right before it is written to."""

    def __init__(self, db: Database, what: Callable[[], object]) -> None:
        self._db = db
        self._what = what
        self.read = db.read
        self.log_turn = db.log_turn

    def write(self) -> Any:
        self._what()
        return self._db.write()


@pytest.mark.parametrize("what", ["its file", "the item", "a new file"])
def test_what_changes_meanwhile_is_not_overwritten(desk, what):
    desk.say("light-a-lamp", "Light two lamps.")
    desk.editor.save(NEW, based_on=None)
    path = desk.file("console.yaml" if what == "a new file" else "calls.yaml")

    def happens() -> None:
        if what == "the item":
            desk.say("light-a-lamp", "Light three lamps.")
        else:
            path.write_text("# Somebody's own words.\ncalls: {}\n", encoding="utf-8")

    with pytest.raises(NotAllowedError, match="changed meanwhile"):
        write_back(_Meanwhile(desk.stage.db, happens), desk.stage.clock, directory=desk.folder, who="Huda")

    assert desk.stored("light-a-lamp").changed_by == "Huda"
    assert [path.name for path in desk.file(".").iterdir() if path.name.startswith(".")] == []
    assert "Light two lamps." not in desk.file("calls.yaml").read_text(encoding="utf-8")
    if what != "the item":
        assert path.read_text(encoding="utf-8").startswith("# Somebody's own words.")


# -- whatever is written -------------------------------------------------------------------------

_TEXTS = (
    st.text(alphabet="=+-'\";,\n&*!|>%?()[]: #ا بé🕯️x", min_size=1, max_size=20)
    .map(lambda text: text.replace("#", "# ").strip())
    .filter(bool)
)


@st.composite
def _written(draw: st.DrawFn, key: str) -> Item:
    return replace(
        NEW,
        key=key,
        kind=draw(st.sampled_from(Kind)),
        wordings={
            # The first letter says in which direction a text is laid out.
            "ar": Wording(text=f"ن {draw(_TEXTS)}", short=draw(st.none() | _TEXTS.map("ن {}".format))),
            "en": Wording(text=f"E {draw(_TEXTS)}", short=draw(st.none() | _TEXTS.map("E {}".format))),
        },
        content_warning=draw(st.just({}) | st.fixed_dictionaries({"ar": _TEXTS, "en": _TEXTS})),
        recheck_on=draw(st.none() | st.just(date(2027, 3, 1))),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_goes_out_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, renderer: Renderer, data: st.DataObject
):
    place = tmp_path_factory.mktemp("desk")
    db = Database(f"sqlite:///{place / 'bot.sqlite3'}")
    db.prepare()
    desk = Desk(
        Stage(db, FixedClock(NOW), data_dir=place, renderer=renderer),
        Path(shutil.copytree(GOOD, place / "content")),
    )
    for key in data.draw(st.sets(st.sampled_from(["broken-lamps", "light-a-lamp", "new-one", "new-two"]))):
        with db.read() as tx:
            stored = contents.read_item(tx, "lamps", key)
        item = data.draw(_written(key))
        desk.editor.save(item, based_on=None if stored is None else stored.digest)
    if data.draw(st.booleans()):
        desk.editor.retire("lamps", "lit-lamps", based_on=desk.stored("lit-lamps").digest)
    before = desk.in_store()

    done = desk.save()

    assert done.left == ()
    assert desk.items() == before
    synced = desk.sync()
    assert (synced.new, synced.changed, synced.retired, synced.kept, synced.conflicts) == ((), (), (), (), ())
    assert desk.in_store() == before
