"""Every error of the bot, as one tree. A message names the thing, the value and the remedy.

BotError
├── ConfigError            a setting is missing or unreadable; carries every problem at once
├── ContentError           a content file, template or queued text is wrong; carries every problem at once
├── RenderError            an item cannot become a post for this account and language
├── NotFoundError          no such campaign, account, item or post
├── NotAllowedError        the states or the rules forbid what was asked
├── StoreError             the database is missing, too old, too new or not writable
├── BrokenLogError         the send log's chain does not hold
└── PublishError           a publisher's answer that is not a receipt
    ├── NotSentError       certainly not sent: the connection was never made
    ├── NotNowError        certainly not sent: the network names a later moment
    ├── RejectedError      certainly not sent: the network refuses this post
    │   └── AccountError   … and will refuse every post of this account until a person acts
    └── UnconfirmedError   the outcome is not known
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class BotError(Exception):
    """Anything the bot can name. The command line prints it as one line and exits with 1."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One mistake and its remedy, with the place where a person can mend it."""

    where: str
    what: str
    remedy: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.what}" + (f" — {self.remedy}" if self.remedy else "")


class _ProblemsError(BotError):
    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConfigError(_ProblemsError):
    """Settings are missing or unreadable."""


class ContentError(_ProblemsError):
    """Content, a template or a queued text is wrong."""


class RenderError(BotError):
    """An item cannot become a post for this account and language."""


class NotFoundError(BotError):
    """No such campaign, account, item or post."""


class NotAllowedError(BotError):
    """The states or the rules forbid what was asked."""


class StoreError(BotError):
    """The database is missing, too old, too new or not writable."""


class BrokenLogError(BotError):
    """The send log's chain does not hold."""


class PublishError(BotError):
    """A publisher's answer that is not a receipt."""


class NotSentError(PublishError):
    """Certainly not sent: the connection was never made."""


class NotNowError(PublishError):
    """Certainly not sent: the network asks to wait. `until` is None when it names no moment."""

    def __init__(self, message: str, *, until: datetime | None) -> None:
        super().__init__(message)
        self.until = until


class RejectedError(PublishError):
    """Certainly not sent: the network refuses this post."""


class AccountError(RejectedError):
    """Certainly not sent: the network refuses this account until a person acts: 401, 402, a 403 about it."""


class UnconfirmedError(PublishError):
    """The outcome is not known: the post may be public."""
