"""What posts will cost, beside the month's ceiling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.cli.session import Session
from bot.cli.writing import dollars

if TYPE_CHECKING:
    from bot.app import App
    from bot.core.post import Post

#: States in which a post is still to be paid for.
_TO_PAY = frozenset({"held", "ready", "claimed"})


def budget_document(app: App, spent: int) -> Mapping[str, Any]:
    """What X cost this month, the ceiling and what is left; null where there is no ceiling."""
    ceiling = app.budget.ceiling
    return {
        "spent_usd": dollars(spent),
        "ceiling_usd": None if ceiling is None else dollars(ceiling),
        "left_usd": None if ceiling is None else dollars(max(ceiling - spent, 0)),
    }


def budget_line(app: App, spent: int) -> str:
    """`X this month (UTC): $3.20 of $25.00 spent, $21.80 left.`"""
    from bot.pipeline.money import usd

    ceiling = app.budget.ceiling
    if ceiling is None:
        return f"X this month (UTC): {usd(spent)} spent; there is no ceiling (BOT_X_MONTHLY_BUDGET_USD)."
    left = usd(max(ceiling - spent, 0))
    return f"X this month (UTC): {usd(spent)} of {usd(ceiling)} spent, {left} left."


def tell_cost(session: Session, posts: Sequence[Post]) -> None:
    """Say what these posts will cost beside what the month has left; nothing where they cost nothing."""
    from bot.pipeline.money import usd

    app = session.app
    cost = sum(post.cost_usd_micros for post in posts if post.state in _TO_PAY)
    if cost == 0:
        return
    page, ceiling = session.page, app.budget.ceiling
    what = "It costs" if len(posts) == 1 else "What is to come costs"
    spent = app.inspector.spent_this_month()
    page.line(f"{what} {usd(cost)} in live mode. {budget_line(app, spent)}", style="dim")
    if ceiling is not None and spent + cost > ceiling and len(posts) == 1:
        page.line("The month has not enough left for it: it will be held.", style="yellow")


def tell_months(session: Session, costs: Iterable[tuple[datetime, int]]) -> None:
    """Name the months (UTC) whose posts cost more than the ceiling."""
    from bot.pipeline.money import usd

    ceiling = session.app.budget.ceiling
    if ceiling is None:
        return
    months: dict[str, int] = defaultdict(int)
    for due_at, cost in costs:
        months[f"{due_at.astimezone(UTC):%Y-%m}"] += cost
    over = {month: cost for month, cost in sorted(months.items()) if cost > ceiling}
    for month, cost in over.items():
        what = f"{month}: {usd(cost)} is above the month's ceiling of {usd(ceiling)}: the rest would be held."
        session.page.line(what, style="yellow")
    if not over and months:
        session.page.line(f"Every month stays within its ceiling of {usd(ceiling)}.", style="dim")
