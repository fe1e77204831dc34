"""Alerts in English."""

from __future__ import annotations

from bot.alerting.alert import Alert, AlertKind
from bot.alerting.wording import Wording, join


class English(Wording):
    code = "en"
    months = (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
    titles = {  # noqa: RUF012  (a table that nobody changes)
        AlertKind.UNKNOWN: "Post {post} is unknown",
        AlertKind.PAUSED: "Sending is paused",
        AlertKind.OVERDUE: "Post {post} is due and not tried",
        AlertKind.WORKER: "A worker is gone",
        AlertKind.REJECTED: "Post {post} was rejected",
        AlertKind.MISSED: "Post {post} was missed",
        AlertKind.BUDGET: "X: the month's budget",
        AlertKind.LOG_HEAD: "Send log: today's anchor",
    }

    def sentence(self, alert: Alert) -> str:
        match alert.kind:
            case AlertKind.UNKNOWN:
                return join(
                    f"Post {alert.post} may be public or not: it could not be found out.",
                    self._about(alert),
                    "Do not post it by hand: look at the account first, then say what you saw: "
                    "--live and its link, --send-again, or --leave.",
                )
            case AlertKind.PAUSED:
                return join(f"The bot itself paused {self._covers(alert)}.", self._reason(alert))
            case AlertKind.OVERDUE:
                return join(
                    f"Post {alert.post} has been due for {self.minutes(alert.minutes)} and was not tried, "
                    "though nothing pauses it.",
                    self._about(alert),
                )
            case AlertKind.WORKER:
                return self._worker(alert)
            case AlertKind.REJECTED:
                return join(f"Post {alert.post} was rejected and is not tried again.", self._about(alert))
            case AlertKind.MISSED:
                return join(f"Post {alert.post} was missed: its time is over.", self._about(alert))
            case AlertKind.BUDGET:
                return (
                    f"{self.money(alert.spent_usd_micros)} of {self.money(alert.budget_usd_micros)} "
                    f"have been spent on X in {self.month(alert.month)} ({self.share(alert)} %)."
                )
            case AlertKind.LOG_HEAD:
                return (
                    f"The send log ends with entry {alert.entry:,}, digest {alert.digest}. "
                    "Keep this message: it shows later that the log's end was not cut off."
                )

    def _about(self, alert: Alert) -> str:
        due = "" if alert.at is None else f", due {self.moment(alert.at, alert.zone)}"
        where = f"{self.name(alert.account)} on {self.network(alert)}, {self.name(alert.campaign)}{due}."
        begins = f"It begins: “{self.name(alert.begins)}”" if alert.begins else ""
        tried = "" if alert.tried_at is None else f"Last request: {self.moment(alert.tried_at, alert.zone)}."
        return join(where, begins, tried, self._reason(alert))

    def _reason(self, alert: Alert) -> str:
        return f"Reason: {self.name(alert.reason.rstrip('.'))}." if alert.reason else ""

    def _covers(self, alert: Alert) -> str:
        named = (("campaign", alert.campaign), ("account", alert.account), ("language", alert.language))
        covers = ", ".join(f"{what} {self.name(value)}" for what, value in named if value is not None)
        return covers or "everything"

    def _worker(self, alert: Alert) -> str:
        posts = ", ".join(str(post) for post in alert.posts)
        match len(alert.posts):
            case 0:
                held = "It held no post."
            case 1:
                held = f"It held post {posts}."
            case _:
                held = f"It held posts {posts}."
        return (
            f"A worker is gone: {self.name(alert.host)} (process {alert.process}) "
            f"has been silent for {self.minutes(alert.minutes)}. {held}"
        )

    def alerts(self, number: int) -> str:
        return f"{number:,} {'alert' if number == 1 else 'alerts'}"

    def more(self, number: int) -> str:
        return f"… and {number:,} more"

    def minutes(self, number: int) -> str:
        return f"{number:,} {'minute' if number == 1 else 'minutes'}"

    def money(self, micros: int) -> str:
        return f"${micros / 1_000_000:,.2f}"

    def test(self) -> tuple[str, str]:
        return "A test of campaign-bot", "This is a test: alerts of campaign-bot arrive here."
