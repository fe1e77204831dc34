"""Every error of the bot, as one tree. A message names the thing, the value and the remedy.

BotError
├── ConfigError            a setting is missing or unreadable; carries every problem at once
├── ContentError           a content file, template or queued text is wrong; carries every problem at once
├── RenderError            an item cannot become a post for this account and language
│   └── TooLongError       … because it does not fit; carries the text at its shortest
├── PictureError           a file is no picture that can be used; nothing of it was stored
│   └── CardTooLongError   … or a fact has more words than a card takes
├── NotFoundError          no such campaign, account, item or post
├── NotAllowedError        the states or the rules forbid what was asked
│   └── StaleItemError     somebody changed the item since it was read; carries what is stored now
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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.core.campaign import Item


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


class TooLongError(RenderError):
    """A post does not fit its network, even at its shortest: `text`, which the network counts as `length`."""

    def __init__(self, message: str, *, text: str, length: int) -> None:
        super().__init__(message)
        self.text = text
        self.length = length


class PictureError(BotError):
    """A file is no picture that can be used; nothing of it was stored."""


class CardTooLongError(PictureError):
    """A fact has more words than a card takes: it can leave without one."""


class NotFoundError(BotError):
    """No such campaign, account, item or post."""


class NotAllowedError(BotError):
    """The states or the rules forbid what was asked."""


class StaleItemError(NotAllowedError):
    """Somebody changed the item since it was read: nothing was stored, so nobody is overwritten.

    `item` and `digest` are what is stored now, both None when there is no such item any more;
    `changed_by` is who changed it last in the console, None when its file did.
    """

    def __init__(
        self,
        message: str,
        *,
        item: Item | None,
        digest: str | None,
        changed_by: str | None = None,
        is_retired: bool = False,
    ) -> None:
        super().__init__(message)
        self.item = item
        self.digest = digest
        self.changed_by = changed_by
        self.is_retired = is_retired


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
