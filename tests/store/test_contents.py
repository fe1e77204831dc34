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
