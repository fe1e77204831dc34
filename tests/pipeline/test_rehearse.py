"""A rehearsal shows the very posts that a plan stores, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.content.reading import Content, read_content
from bot.core.campaign import Wording
from bot.core.errors import NotFoundError
from bot.core.post import State
from bot.pipeline.plan import Planner
from bot.pipeline.rehearse import Rehearsal, count_slots, rehearse
from bot.pipeline.sync import Syncer
from bot.store import posts
from bot.store.database import Database
from bot.store.tables import metadata
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Stage

ITEMS = (fact("first-fact"), fact("second-fact"), fact("third-fact"))
CONTENT = Content(campaigns=(CAMPAIGN,), items=ITEMS)
OWN_CONTENT = Path(__file__).parents[2] / "content"


def _rehearse(
    stage: Stage, content: Content = CONTENT, *, days: int = 2, db: Database | None = None, **named: Any
) -> Rehearsal:
    return rehearse(
        content,
        db=db,
        start=stage.clock.now(),
        end=stage.clock.now() + timedelta(days=days),
        renderer=stage.renderer,
        prices=lambda *_: 15_000,
        **named,
    )


def _take_in(stage: Stage, content: Content = CONTENT) -> None:
    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000).sync(content)


def _plan(stage: Stage, *, days: int = 2) -> None:
    Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 15_000).plan(days=days)


def _rehearsed(rehearsal: Rehearsal) -> list[tuple[Any, ...]]:
    return [
        (
            one.due_at,
            one.campaign,
            one.account,
            one.language,
            one.item,
            one.text,
            one.state,
            one.reason,
            one.why,
        )
        for one in rehearsal.posts
    ]


def _planned(stage: Stage) -> list[tuple[Any, ...]]:
    with stage.db.read() as tx:
        stored = posts.read_posts(tx)
    rows = [
        (
            one.due_at,
            one.campaign,
            one.account,
            one.language,
            one.item,
            one.text,
            one.state,
            one.reason,
            one.why,
        )
        for one in stored
    ]
    return sorted(rows, key=lambda row: row[:4])


def _everything(stage: Stage) -> dict[str, Any]:
    with stage.db.read() as tx:
        return {table.name: tx.execute(select(table)).all() for table in metadata.sorted_tables}


def test_what_is_rehearsed_is_what_is_planned(stage: Stage):
    _take_in(stage)
    rehearsed = _rehearsed(_rehearse(stage))

    _plan(stage)

    assert len(rehearsed) == 6
    assert _planned(stage) == rehearsed


def test_the_projects_own_campaigns_are_planned_as_they_are_rehearsed(stage: Stage):
    content = read_content(OWN_CONTENT)
    _take_in(stage, content)
    rehearsed = _rehearsed(_rehearse(stage, content, days=14))

    _plan(stage, days=14)

    assert len(rehearsed) > 50
    assert _planned(stage) == rehearsed


def test_a_rehearsal_over_a_plan_shows_the_plan_and_what_comes_after(stage: Stage):
    _take_in(stage)
    _plan(stage, days=2)
    before = _planned(stage)

    rehearsed = _rehearsed(_rehearse(stage, db=stage.db, days=4))
    _plan(stage, days=4)

    assert rehearsed[: len(before)] == before
    assert _planned(stage) == rehearsed


def test_a_rehearsal_shows_what_a_person_queued_and_moved(stage: Stage):
    _take_in(stage)
    _plan(stage, days=1)
    queued = stage.operator().queue_item(
        CAMPAIGN.key, "third-fact", account=ACCOUNT.name, language="en", at=NOW + timedelta(minutes=57)
    )

    rehearsed = _rehearse(stage, db=stage.db, days=1)

    first = rehearsed.posts[0]
    assert (first.due_at, first.text) == (NOW + timedelta(minutes=57), queued.post.text)
    assert len(rehearsed.posts) == 2


def test_a_rehearsal_shows_the_next_texts_of_files_that_were_edited(stage: Stage):
    _take_in(stage)
    _plan(stage, days=1)
    edited = tuple(
        replace(item, wordings={**item.wordings, "en": Wording(text="Other words.")}) for item in ITEMS
    )
    content = Content(campaigns=(CAMPAIGN,), items=edited)

    rehearsed = _rehearsed(_rehearse(stage, content, db=stage.db, days=1))
    _take_in(stage, content)

    assert all("Other words." in row[5] for row in rehearsed if row[3] == "en")
    assert _planned(stage) == rehearsed


def test_a_rehearsal_stores_nothing(stage: Stage):
    _take_in(stage)
    _plan(stage, days=1)
    before = _everything(stage)

    _rehearse(stage, db=stage.db, days=30)

    assert _everything(stage) == before


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_rehearsal_changes_no_byte_of_the_database(stage: Stage, sqlite_file: Path):
    _take_in(stage)
    _plan(stage, days=1)
    before = (sqlite_file.read_bytes(), sqlite_file.stat().st_mtime_ns, sorted(sqlite_file.parent.iterdir()))

    _rehearse(stage, db=stage.db, days=30)

    after = (sqlite_file.read_bytes(), sqlite_file.stat().st_mtime_ns, sorted(sqlite_file.parent.iterdir()))
    assert after == before


def test_a_rehearsal_of_one_campaign_leaves_the_others_out(stage: Stage):
    other = replace(CAMPAIGN, key="another-campaign", accounts=(replace(ACCOUNT, name="another_x"),))
    items = (*ITEMS, replace(fact("other-fact"), campaign=other.key))
    content = Content(campaigns=(CAMPAIGN, other), items=items)

    rehearsed = _rehearse(stage, content, only=other.key)

    assert {one.campaign for one in rehearsed.posts} == {other.key}
    with pytest.raises(NotFoundError, match="no campaign 'nobody'; there is: invented-campaign, another"):
        _rehearse(stage, content, only="nobody")


def test_a_rehearsal_says_what_the_guards_say_and_what_stays_empty(stage: Stage):
    stale = replace(fact("stale-soon"), period=None, recheck_on=date(2026, 3, 1))
    content = Content(campaigns=(CAMPAIGN,), items=(stale,))

    rehearsed = _rehearse(stage, content)

    assert {guard.name for guard in rehearsed.posts[0].guards} >= {"source", "period", "hashtags"}
    assert all(guard.holds for guard in rehearsed.posts[0].guards)
    assert [one.due_at.date() for one in rehearsed.empty] == [date(2026, 3, 2)] * 2
    assert all(one.why for one in rehearsed.empty)


def test_a_rehearsal_names_what_cannot_be_rendered(stage: Stage):
    long = replace(fact("too-long"), wordings={"en": Wording(text="word " * 100), "ar": Wording(text="كلمة")})
    content = Content(campaigns=(CAMPAIGN,), items=(long,))

    rehearsed = _rehearse(stage, content, days=1)

    rejected = [one for one in rehearsed.posts if one.state is State.REJECTED]
    assert rejected
    assert all("cut" in one.reason for one in rejected)


def test_progress_counts_every_slot(stage: Stage):
    told: list[int] = []

    _rehearse(stage, days=5, on_slot=told.append)

    assert told == list(range(1, 11))
    end = stage.clock.now() + timedelta(days=5)
    assert count_slots(CONTENT, start=stage.clock.now(), end=end) == 10


def test_local_times_are_those_of_the_campaign(stage: Stage):
    first = _rehearse(stage, days=1).posts[0]

    assert (first.local_time.hour, str(first.local_time.tzinfo)) == (13, "Asia/Damascus")
