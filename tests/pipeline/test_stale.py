"""What changed between two steps counts: nothing leaves because of what was true a while ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.reading import Content
from bot.core.errors import NotAllowedError
from bot.core.post import Post, State
from bot.pipeline.plan import Planner
from bot.pipeline.rehearse import rehearse
from bot.pipeline.sync import Syncer
from bot.store import contents
from posting import ACCOUNT, CAMPAIGN, NOW, fact
from stage import Process, Stage

HOUR = timedelta(hours=1)


def _claimed(process: Process) -> Post:
    post = process.sender._claim(ACCOUNT.name)
    assert post is not None
    return post


def test_a_process_that_slept_since_its_claim_sends_nothing_that_is_late(stage: Stage):
    number = stage.add()
    process = stage.process()
    claimed = _claimed(process)
    stage.clock.advance(3 * HOUR)

    process.sender._intend(claimed, stage.outlets.of(ACCOUNT.name))

    assert stage.state(number) is State.MISSED
    assert stage.network().requests == []


def test_an_item_that_was_retired_after_the_claim_does_not_leave(stage: Stage):
    number = stage.add()
    process = stage.process()
    claimed = _claimed(process)
    with stage.db.write() as tx:
        contents.retire_item(tx, CAMPAIGN.key, claimed.item, now=NOW)

    process.sender._intend(claimed, stage.outlets.of(ACCOUNT.name))

    assert stage.state(number) is State.HELD
    assert stage.network().requests == []


def test_planning_leaves_alone_what_a_person_moved_next_to_a_queued_post(stage: Stage):
    items = [fact(f"fact-{number}") for number in range(5)]
    content = Content(campaigns=(CAMPAIGN,), items=tuple(items))
    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).sync(content)
    planner = Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0)
    planner.plan(days=2)
    planned = min(post for post, state in stage.states().items() if state is State.READY)
    operator = stage.operator()
    queued = operator.queue_item(
        CAMPAIGN.key, "fact-0", account=ACCOUNT.name, language="en", at=NOW + timedelta(hours=30, minutes=17)
    )
    operator.move(planned, to=queued.post.due_at + timedelta(minutes=5))

    planner.plan(days=2)

    assert stage.state(planned) is State.READY


def test_a_rehearsal_shows_what_a_person_holds_as_held(stage: Stage):
    content = Content(campaigns=(CAMPAIGN,), items=(fact(), fact("other")))
    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).sync(content)
    Planner(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0).plan(days=2)
    held = min(stage.states())
    stage.operator().hold(held, reason="an invented doubt")

    rehearsal = rehearse(
        content,
        db=stage.db,
        start=NOW,
        end=NOW + timedelta(days=2),
        renderer=stage.renderer,
        prices=lambda *_: 0,
    )

    moment = stage.post(held).due_at
    (shown,) = [post for post in rehearsal.posts if post.due_at == moment and post.account == ACCOUNT.name]
    assert (shown.state, shown.reason) == (State.HELD, "an invented doubt")


def test_a_plan_composed_before_a_sync_is_not_written(stage: Stage):
    content = Content(campaigns=(CAMPAIGN,), items=(fact(), fact("other")))
    syncer = Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=lambda *_: 0)
    syncer.sync(content)

    class SyncsMeanwhile:
        """Renders, and takes a changed campaign in while it does."""

        done = False

        def render(self, *args, **named):
            if not self.done:
                self.done = True
                syncer.sync(replace(content, campaigns=(replace(CAMPAIGN, approval=True),)))
            return stage.renderer.render(*args, **named)

    planner = Planner(stage.db, stage.clock, renderer=SyncsMeanwhile(), prices=lambda *_: 0)

    with pytest.raises(NotAllowedError, match="plan again"):
        planner.plan(days=2)

    assert stage.states() == {}
