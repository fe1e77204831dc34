"""Campaigns and items, as taken in: new, changed, retired, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.store import contents
from bot.store.contents import Origin
from bot.store.database import Database
from posting import CAMPAIGN, NOW, fact


def _save(tx, item, position=0, origin=Origin.FILE):
    return contents.save_item(tx, item, position=position, origin=origin, now=NOW)


def test_a_campaign_reads_back_as_it_was_saved_last(db: Database):
    changed = replace(CAMPAIGN, grace=timedelta(minutes=5))
    with db.write() as tx:
        contents.save_campaign(tx, CAMPAIGN, now=NOW)
        contents.save_campaign(tx, changed, now=NOW)

        assert contents.read_campaign(tx, CAMPAIGN.key) == changed
        assert [stored.campaign for stored in contents.read_campaigns(tx)] == [changed]


def test_a_retired_campaign_is_read_only_when_asked_for_and_comes_back(db: Database):
    with db.write() as tx:
        contents.save_campaign(tx, CAMPAIGN, now=NOW)
        contents.retire_campaign(tx, CAMPAIGN.key, now=NOW)
        gone = (contents.read_campaign(tx, CAMPAIGN.key), contents.read_campaigns(tx))
        kept = contents.read_campaigns(tx, retired=True)

        contents.save_campaign(tx, CAMPAIGN, now=NOW)
        back = contents.read_campaign(tx, CAMPAIGN.key)

    assert gone == (None, [])
    assert [stored.retired for stored in kept] == [True]
    assert back == CAMPAIGN


def test_items_are_read_in_the_order_of_their_files(db: Database):
    with db.write() as tx:
        for position, key in enumerate(("zebra", "apple", "mango")):
            _save(tx, fact(key), position)

        found = [stored.item.key for stored in contents.read_items(tx, CAMPAIGN.key)]
        end = contents.next_position(tx, CAMPAIGN.key)

    assert found == ["zebra", "apple", "mango"]
    assert end == 3


def test_a_changed_item_has_another_digest_and_a_retired_one_stays_readable(db: Database):
    with db.write() as tx:
        first = _save(tx, fact())
        second = _save(tx, fact(text="Other words."))
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)

        one = contents.read_item(tx, CAMPAIGN.key, "invented-fact")
        listed = contents.read_items(tx, CAMPAIGN.key)
        nobody = contents.read_item(tx, CAMPAIGN.key, "nobody")

    assert first != second
    assert one is not None
    assert (one.digest, one.retired, one.item) == (second, True, fact(text="Other words."))
    assert (listed, nobody) == ([], None)


def test_where_an_item_was_written_is_kept(db: Database):
    with db.write() as tx:
        _save(tx, fact("on-file"))
        _save(tx, fact("on-the-spot"), 1, Origin.QUEUE)

        found = {stored.item.key: stored.origin for stored in contents.read_items(tx, CAMPAIGN.key)}

    assert found == {"on-file": Origin.FILE, "on-the-spot": Origin.QUEUE}


def _item(db: Database) -> contents.StoredItem:
    with db.read() as tx:
        stored = contents.read_item(tx, CAMPAIGN.key, "invented-fact")
    assert stored is not None
    return stored


def _write(tx, item, *, file_digest=None):
    return contents.save_item(
        tx,
        item,
        position=3,
        origin=Origin.FILE if file_digest else Origin.CONSOLE,
        now=NOW,
        file_digest=file_digest,
        changed_by="Huda",
    )


def test_an_edit_keeps_what_the_file_held_and_who_made_it(db: Database):
    with db.write() as tx:
        on_file = _save(tx, fact())
        _write(tx, fact(text="Other words."), file_digest=on_file)

    stored = _item(db)

    assert (stored.file_digest, stored.changed_by, stored.changed_at) == (on_file, "Huda", NOW)
    assert stored.digest != on_file


def test_a_files_word_waits_beside_the_consoles_until_they_agree(db: Database):
    other = fact(text="The file's words.")
    with db.write() as tx:
        _write(tx, fact())
        contents.note_conflict(tx, other)
        _write(tx, fact(text="Huda's words."))
    waiting = _item(db)

    with db.write() as tx:
        contents.agree(tx, CAMPAIGN.key, "invented-fact", file_digest=waiting.digest)
    agreed = _item(db)

    assert waiting.conflict is not None
    assert waiting.conflict.item == other
    assert waiting.item == fact(text="Huda's words.")
    assert (agreed.conflict, agreed.changed_by, agreed.origin) == (None, None, Origin.FILE)


def test_a_file_that_dropped_an_item_is_remembered_as_such(db: Database):
    with db.write() as tx:
        _write(tx, fact())
        contents.note_dropped(tx, CAMPAIGN.key, "invented-fact")
    dropped = _item(db)

    with db.write() as tx:
        contents.settle_conflict(tx, CAMPAIGN.key, "invented-fact", file_digest=None)

    assert dropped.conflict == contents.Conflict(item=None, digest=None)
    assert (_item(db).conflict, _item(db).changed_by) == (None, "Huda")


def test_a_files_word_ends_what_the_console_said(db: Database):
    with db.write() as tx:
        _write(tx, fact())
        contents.note_conflict(tx, fact(text="The file's words."))
        digest = _save(tx, fact(text="The file's words."))

    stored = _item(db)

    assert (stored.digest, stored.file_digest, stored.changed_by, stored.conflict) == (
        digest,
        digest,
        None,
        None,
    )


def test_who_retired_an_item_tells_whether_its_file_still_has_it(db: Database):
    with db.write() as tx:
        digest = _save(tx, fact())
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW, changed_by="Huda")
    by_person = _item(db)

    with db.write() as tx:
        contents.restore_item(tx, CAMPAIGN.key, "invented-fact", now=NOW, changed_by="Ali")
        contents.retire_item(tx, CAMPAIGN.key, "invented-fact", now=NOW)
    by_file = _item(db)

    assert (by_person.retired, by_person.file_digest, by_person.changed_by) == (True, digest, "Huda")
    assert (by_file.retired, by_file.file_digest, by_file.changed_by) == (True, None, None)
