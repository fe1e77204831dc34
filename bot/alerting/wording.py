"""The sentences of alerts in one language; what languages do with counts, days and figures."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerting.alert import Alert, AlertKind

#: First strong isolate and its end: what is inside keeps its own direction and disturbs nobody else's.
ISOLATE, END = "\u2068", "\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

_NETWORKS: Mapping[str, str] = {
    "x": "X",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "telegram": "Telegram",
}


class Wording(ABC):
    """One language's words. Each sentence is whole: none is put together from pieces of grammar."""

    code: str
    months: Sequence[str]
    #: A title for one alert of each kind; `{post}` is its post.
    titles: Mapping[AlertKind, str]

    @abstractmethod
    def sentence(self, alert: Alert) -> str:
        """What happened and what is known of it, in one paragraph."""

    @abstractmethod
    def alerts(self, number: int) -> str:
        """`3 alerts`."""

    @abstractmethod
    def more(self, number: int) -> str:
        """`… and 3 more`."""

    @abstractmethod
    def minutes(self, number: int) -> str:
        """`3 minutes`, as it stands before or after `ago`."""

    @abstractmethod
    def money(self, micros: int) -> str:
        """Millionths of a dollar, to the cent."""

    @abstractmethod
    def test(self) -> tuple[str, str]:
        """Title and text of a test message."""

    def title(self, alert: Alert) -> str:
        return self.titles[alert.kind].format(post=alert.post)

    def name(self, value: object) -> str:
        """A name or quotation that keeps its own direction within the language."""
        text = str(value)
        return f"{ISOLATE}{text}{END}" if _RIGHT_TO_LEFT.search(text) else text

    def network(self, alert: Alert) -> str:
        network = alert.network or ""
        return self.name(_NETWORKS.get(network, network))

    def day(self, moment: datetime) -> str:
        return f"{moment.day} {self.months[moment.month - 1]} {moment.year}"

    def month(self, month: str) -> str:
        """`March 2026` of `2026-03`."""
        year, _, number = month.partition("-")
        return f"{self.months[int(number) - 1]} {year}"

    def moment(self, moment: datetime, zone: str) -> str:
        """Day, time and zone as people there read them."""
        local = moment.astimezone(ZoneInfo(zone))
        return f"{self.day(local)}, {local:%H:%M} ({self.name(zone)})"

    def share(self, alert: Alert) -> int:
        """How much of the budget is spent, in whole percent."""
        return alert.spent_usd_micros * 100 // max(alert.budget_usd_micros, 1)


def join(*sentences: str) -> str:
    """Those of the sentences that say something, one after another."""
    return " ".join(sentence for sentence in sentences if sentence)
