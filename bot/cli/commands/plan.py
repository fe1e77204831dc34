"""`plan`: slots and posts ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.announcing import tell_pauses
from bot.cli.blocks import moment_in, post_block
from bot.cli.budget import tell_cost
from bot.cli.documents import post_document, write_document
from bot.cli.session import Session, pass_session
from bot.cli.writing import count, rfc3339

if TYPE_CHECKING:
    from bot.core.post import Post
    from bot.pipeline.plan import PlannedCampaign


@click.command(name="plan")
@options.days(default=None, text="How far ahead; BOT_PLAN_AHEAD_DAYS unless given.")
@options.as_json
@pass_session
def plan(session: Session, *, days: int | None, as_json: bool) -> None:
    """Plan the days ahead, and say why each item was picked. Planning twice changes nothing.

    \b
    Example:
      campaign-bot plan --days 3
    """
    from bot.pipeline.inspect import COMING

    app = session.app
    app.sync_first()
    ahead = days or app.settings.plan_ahead_days
    planned = app.planner.plan(days=ahead)
    coming = app.inspector.posts(states=COMING, start=app.clock.now(), within=timedelta(days=ahead))
    if as_json:
        write_document(
            {
                "campaigns": [_document(one) for one in planned],
                "posts": [post_document(post) for post in coming],
            }
        )
        return
    page = session.page
    zones = {campaign.key: campaign.zone for campaign in app.inspector.campaigns()}
    now = app.clock.now()
    shown: list[Post] = []
    for post in coming:
        page.block(post_block(post, now=now))
        shown.append(post)
    for one in planned:
        page.line(
            f"{one.campaign}: {count(one.slots, 'slot')} and {count(one.posts, 'post')} added "
            f"for the next {count(ahead, 'day')}."
        )
        for moment, why in one.empty:
            page.line(f"  empty: {moment_in(moment, zones[one.campaign])}: {why}", style="yellow")
        for number, reason in one.rejected:
            page.line(f"  rejected: post {number}: {reason}", style="red")
    tell_cost(session, shown)
    tell_pauses(session)


def _document(planned: PlannedCampaign) -> dict[str, Any]:
    return {
        "campaign": planned.campaign,
        "slots": planned.slots,
        "posts": planned.posts,
        "empty": [{"due_at": rfc3339(moment), "why": why} for moment, why in planned.empty],
        "rejected": [{"post": number, "reason": reason} for number, reason in planned.rejected],
    }
