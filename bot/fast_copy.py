"""A throw-away copy of the program on a clock that runs faster: nothing of it leaves the machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.app import App
from bot.content.reading import Content
from bot.core.clock import FastClock
from bot.core.post import Mode
from bot.pipeline.last_word import with_last_words

#: How late this machine's own work may make a post before a fast clock calls it missed.
SLOWEST_WORK = timedelta(seconds=10)


def fast_copy(app: App, *, speed: float, data_dir: Path) -> App:
    """Another app in `data_dir`, its days planned, whose clock runs `speed` times faster from now on."""
    settings = replace(
        app.settings,
        data_dir=data_dir,
        database_url=f"sqlite:///{data_dir / 'campaign-bot.sqlite3'}",
        mode=Mode.DRY_RUN,
        alert_urls=(),
    )
    content = _patient(with_last_words(app.content(), app.existing_db()), speed=speed)
    planning = App(settings, clock=app.clock, media=app.media)
    planning.syncer.sync(content)
    planning.planner.plan(days=settings.plan_ahead_days)
    planning.db.close()
    # Its clock starts only now: while this machine planned, nothing became late.
    return App(settings, clock=FastClock(speed, real=app.clock), media=app.media)


def _patient(content: Content, *, speed: float) -> Content:
    """The same content with a grace that suits a clock `speed` times faster.

    There a second of this machine's own work is `speed` seconds late.
    """
    campaigns = tuple(
        replace(campaign, grace=max(campaign.grace, SLOWEST_WORK * speed)) for campaign in content.campaigns
    )
    return replace(content, campaigns=campaigns)
