"""What a plan adds: each moment once, each item where it stands."""

from __future__ import annotations

from datetime import timedelta

from bot.core.campaign import Kind
from bot.core.post import SlotKind, State
from bot.store import plans
from bot.store.database import Database
from bot.store.plans import ItemUse
from posting import CAMPAIGN, NOW, force_state, new_post, put_post, slot_at

HOUR = timedelta(hours=1)


def test_a_moment_is_planned_once_by_whomever(db: Database):
    with db.write() as tx:
        first = plans.add_slot(tx, slot_at(NOW, key="noon"), item="one", why="", now=NOW)

    with db.write() as tx:
        second = plans.add_slot(tx, slot_at(NOW, key="noon"), item="two", why="", now=NOW)
        planned = plans.slot_keys(tx, CAMPAIGN.key, start=NOW, end=NOW + HOUR)

    assert first is not None
    assert second is None
    assert planned == {"noon": "one"}


def test_only_an_empty_slot_is_filled(db: Database):
    with db.write() as tx:
        slot_id = plans.add_slot(tx, slot_at(NOW, key="noon"), item=None, why="nothing", now=NOW)

        filled = plans.fill_slot(tx, CAMPAIGN.key, "noon", item="one", why="", now=NOW)
        again = plans.fill_slot(tx, CAMPAIGN.key, "noon", item="two", why="", now=NOW)
        unknown = plans.fill_slot(tx, CAMPAIGN.key, "midnight", item="two", why="", now=NOW)

    assert (filled, again, unknown) == (slot_id, None, None)


def test_slots_are_found_from_their_start_until_before_their_end(db: Database):
    with db.write() as tx:
        for name, due_at in (
            ("before", NOW - HOUR),
            ("first", NOW),
            ("last", NOW + HOUR),
            ("after", NOW + 2 * HOUR),
        ):
            plans.add_slot(tx, slot_at(due_at, key=name), item=None, why="", now=NOW)

        assert set(plans.slot_keys(tx, CAMPAIGN.key, start=NOW, end=NOW + 2 * HOUR)) == {"first", "last"}


def test_uses_are_told_once_for_each_moment_and_language(db: Database):
    with db.write() as tx:
        slot = slot_at(NOW, key="noon")
        slot_id = plans.add_slot(tx, slot, item="one", why="", now=NOW)
        assert slot_id is not None
        both = [new_post(account=name, item="one") for name in ("a", "b")]
        plans.add_posts(tx, slot_id, [*both, new_post(item="one", language="ar")], now=NOW)
        put_post(tx, new_post(item="two", due_at=NOW - HOUR))
        put_post(tx, new_post(item="old", due_at=NOW - 2 * HOUR))
        for state in (State.CANCELLED, State.REJECTED):
            number = put_post(tx, new_post(item="gone", account=state, due_at=NOW + HOUR))
            force_state(tx, number, state)

        found = plans.uses(tx, CAMPAIGN.key, since=NOW - HOUR)

    assert found == [
        ItemUse(item="two", kind=Kind.FACT, language="en", at=NOW - HOUR),
        ItemUse(item="one", kind=Kind.FACT, language="ar", at=NOW),
        ItemUse(item="one", kind=Kind.FACT, language="en", at=NOW),
    ]


def test_queued_moments_are_those_of_posts_that_still_stand(db: Database):
    with db.write() as tx:
        for number, state in enumerate((State.READY, State.CANCELLED)):
            due_at = NOW + number * HOUR
            slot = slot_at(due_at, key=f"queued:{number}", kind=SlotKind.QUEUED)
            force_state(tx, put_post(tx, new_post(due_at=due_at), slot=slot), state)
        put_post(tx, new_post(due_at=NOW + 2 * HOUR))

        found = plans.queued_moments(tx, CAMPAIGN.key, start=NOW, end=NOW + 3 * HOUR)

    assert found == [NOW]


def test_a_queued_post_that_a_person_moved_counts_at_its_new_moment(db: Database):
    with db.write() as tx:
        slot = slot_at(NOW, key="queued:1", kind=SlotKind.QUEUED)
        put_post(tx, new_post(due_at=NOW + HOUR), slot=slot)

        found = plans.queued_moments(tx, CAMPAIGN.key, start=NOW, end=NOW + 2 * HOUR)

    assert found == [NOW + HOUR]
