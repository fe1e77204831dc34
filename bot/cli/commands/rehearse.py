"""`rehearse`: the run to come, on a virtual clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.blocks import moment_in, print_days
from bot.cli.budget import tell_months
from bot.cli.documents import rehearsed_document, write_document
from bot.cli.page import Page
from bot.cli.session import Session, pass_session
from bot.cli.writing import count, dollars, rfc3339, usd

if TYPE_CHECKING:
    from bot.content.reading import Content
    from bot.core.clock import Clock
    from bot.pipeline.moments import Moment
    from bot.pipeline.rehearse import Rehearsal


@click.command(name="rehearse")
@options.campaign
@options.days(default=7, text="How many days; 7 unless given.")
@click.option("--from", "start", type=options.MomentType(), metavar="DATE|MOMENT", help="When it begins.")
@options.as_json
@pass_session
def rehearse(
    session: Session, *, campaign: str | None, days: int, start: Moment | None, as_json: bool
) -> None:
    """Show the run to come, post by post: its moment, text, length, cost, and why.

    Nothing is stored and nothing is sent. What the store has planned is shown as it will leave; without a
    store, the content files alone speak.

    \b
    Example:
      campaign-bot rehearse --campaign not-hostages --days 2
    """
    app = session.app
    content = app.content()
    first = app.clock.now() if start is None else _instant(start, app.clock, content, campaign)
    last = first + timedelta(days=days)
    total = app.count_slots(content, start=first, end=last, only=campaign)
    with session.progress("Rehearsing", total=total) as advance:
        rehearsal = app.rehearse(content, start=first, end=last, only=campaign, on_slot=advance)
    if as_json:
        write_document(
            {
                "posts": [rehearsed_document(post) for post in rehearsal.posts],
                "summary": _summary(rehearsal, start=first, end=last),
            }
        )
        return
    zones = {one.key: one.zone for one in content.campaigns}
    print_days(session.page, rehearsal.posts, zones=zones)
    _print_totals(session.page, rehearsal, zones=zones, days=days)
    tell_months(session, ((post.due_at, post.cost_usd_micros) for post in rehearsal.posts))
    session.page.line("Nothing was stored and nothing was sent.", style="dim")


def _instant(moment: Moment, clock: Clock, content: Content, only: str | None) -> datetime:
    """Wall time is that of the campaign; of several, the one where it comes first."""
    zones = {one.zone for one in content.campaigns if only in (None, one.key)} or {"UTC"}
    return min(moment.instant(clock, zone=zone) for zone in sorted(zones))


def _summary(rehearsal: Rehearsal, *, start: datetime, end: datetime) -> dict[str, Any]:
    posts = rehearsal.posts
    return {
        "from": rfc3339(start),
        "to": rfc3339(end),
        "campaigns": sorted({post.campaign for post in posts}),
        "posts": len(posts),
        "by_campaign": _counted([post.campaign for post in posts]),
        "by_language": _counted([post.language for post in posts]),
        "by_kind": _counted([post.kind for post in posts]),
        "cost_usd": dollars(sum(post.cost_usd_micros for post in posts)),
        "held": sum(post.state == "held" for post in posts),
        "missed": sum(post.state == "missed" for post in posts),
        "rejected": sum(post.state == "rejected" for post in posts),
        "empty": [
            {"campaign": slot.campaign, "due_at": rfc3339(slot.due_at), "why": slot.why}
            for slot in rehearsal.empty
        ],
    }


def _counted(words: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _print_totals(page: Page, rehearsal: Rehearsal, *, zones: Mapping[str, str], days: int) -> None:
    posts = rehearsal.posts
    page.heading("In all")
    cost = sum(post.cost_usd_micros for post in posts)
    page.line(f"{count(len(posts), 'post')} in {count(days, 'day')}; on the networks they cost {usd(cost)}.")
    for label, words in (
        ("campaigns", [post.campaign for post in posts]),
        ("languages", [post.language for post in posts]),
        ("kinds", [post.kind for post in posts]),
    ):
        page.line(f"{label}: {', '.join(f'{word} {number:,}' for word, number in _counted(words).items())}")
    for state, style in (("held", "yellow"), ("missed", "yellow"), ("rejected", "red")):
        number = sum(post.state == state for post in posts)
        if number:
            page.line(f"{count(number, 'post')} would be {state}: the reasons stand with them.", style=style)
    for slot in rehearsal.empty:
        moment = moment_in(slot.due_at, zones[slot.campaign])
        page.line(f"empty: {moment}, {slot.campaign}: {slot.why}", style="yellow")
