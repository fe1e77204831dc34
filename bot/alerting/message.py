"""Makes one message of alerts, in the operators' language: a title, a few sentences, what to type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.alerting.alert import Alert, AlertKind
from bot.alerting.arabic import Arabic
from bot.alerting.english import English
from bot.alerting.turkish import Turkish
from bot.alerting.wording import Wording

_WORDINGS: Mapping[str, type[Wording]] = {"ar": Arabic, "en": English, "tr": Turkish}
#: The languages that alerts are written in.
LANGUAGES = tuple(_WORDINGS)
#: No message has more lines: who gets hundreds of alerts reads none.
MOST_LINES = 20
_URGENCY = {kind: place for place, kind in enumerate(AlertKind)}


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is delivered."""

    title: str
    body: str


def compose(alerts: Sequence[Alert], *, language: str) -> Message:
    """One message of one or more alerts, the most urgent first. Raises ValueError when there is none.

    A command stands on a line of its own, without any mark, so that it can be copied.
    """
    if not alerts:
        raise ValueError("no alert, no message")
    wording = _wording(language)
    ordered = sorted(alerts, key=lambda alert: _URGENCY[alert.kind])
    title = (
        wording.title(ordered[0])
        if len(ordered) == 1
        else f"{wording.name('campaign-bot')}: {wording.alerts(len(ordered))}"
    )
    return Message(title=title, body="\n".join(_lines(ordered, wording)))


def test_message(*, language: str) -> Message:
    """A message that says that it is a test."""
    title, body = _wording(language).test()
    return Message(title=title, body=body)


def _lines(alerts: Sequence[Alert], wording: Wording) -> list[str]:
    lines: list[str] = []
    for told, alert in enumerate(alerts):
        about = [wording.sentence(alert), *_command(alert)]
        # One line is left for those that find no room.
        room = MOST_LINES if told == len(alerts) - 1 else MOST_LINES - 1
        if len(lines) + len(about) > room:
            return [*lines, wording.more(len(alerts) - told)]
        lines += about
    return lines


def _command(alert: Alert) -> list[str]:
    """What to type; nothing where there is nothing to type."""
    match alert.kind:
        case AlertKind.UNKNOWN:
            arguments = f"resolve {alert.post} --live URL"
        case AlertKind.PAUSED:
            named = (
                ("campaign", alert.campaign),
                ("account", alert.account),
                ("language", alert.language),
            )
            arguments = " ".join(["resume", *(f"--{what} {name}" for what, name in named if name)])
        case AlertKind.OVERDUE | AlertKind.REJECTED:
            arguments = f"queue show {alert.post}"
        case AlertKind.MISSED:
            arguments = f"queue move {alert.post} --to MOMENT"
        case AlertKind.WORKER:
            arguments = "queue list --state sending"
        case AlertKind.BUDGET:
            arguments = "accounts"
        case AlertKind.LOG_HEAD:
            return []
    return [f"campaign-bot {arguments}"]


@cache
def _wording(language: str) -> Wording:
    return _WORDINGS[language]()
