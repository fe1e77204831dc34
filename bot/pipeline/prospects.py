"""How each account stands and what it may still do: its limits, its next post, what waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.campaign import Account, Campaign, QuietHours
from bot.core.clock import Clock
from bot.core.errors import NotFoundError
from bot.core.post import Mode, Post, State
from bot.pipeline.pace import StoredHistory, Wait, wait_of
from bot.planning.calendar import instant_of, zone_named
from bot.store import accounts, contents, figures, pauses, spending
from bot.store.accounts import AccountNote
from bot.store.database import Database, Tx
from bot.store.pauses import Pause

#: Posts are counted no further: "1,000+".
COUNTED_UP_TO = 1000
#: No post has this number: none is left out of an account's history.
_NO_POST = 0


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """One account of one campaign."""

    account: Account
    campaign: str
    #: Of the campaign: its account's days and quiet hours are told by it.
    zone: str
    mode: Mode
    #: Pauses in force that hold all of its posts, or those of some language.
    pauses: tuple[Pause, ...]
    #: It is not asked for posts before then: for its pace, or for what its network answered.
    not_before: datetime | None
    #: What its newest attempt in live mode was answered, where that is why it waits; empty where it is not.
    answered: str
    last_sent_at: datetime | None
    #: What its pace makes it wait for; None when it may post now.
    wait: Wait | None
    #: When its quiet hours end; None outside of them.
    quiet_until: datetime | None
    next_post: Post | None
    #: Each counted up to COUNTED_UP_TO.
    ready: int
    held: int
    unknown: int
    #: Sent in live mode since the month began (UTC); counted up to COUNTED_UP_TO.
    sent_this_month: int
    #: What may have left counts, too.
    spent_this_month: int

    @property
    def is_stopped(self) -> bool:
        """Whether a pause holds all of its posts."""
        return any(pause.language is None for pause in self.pauses)

    @property
    def own_pauses(self) -> tuple[Pause, ...]:
        """Those that name this account and nothing more: to be lifted one by one."""
        return tuple(
            pause
            for pause in self.pauses
            if pause.account == self.account.name and pause.campaign is None and pause.language is None
        )


class Prospects:
    """Reads how the accounts stand. Changes nothing."""

    def __init__(self, db: Database, clock: Clock, *, mode_of: Callable[[Account], Mode]) -> None:
        self._db = db
        self._clock = clock
        self._mode_of = mode_of

    def all(self) -> list[Prospect]:
        """Every account of every campaign, in the order of the files."""
        now = self._clock.now()
        with self._db.read() as tx:
            read = _Read.of(tx, now=now)
            return [
                self._prospect(tx, account, stored.campaign, read, now=now)
                for stored in contents.read_campaigns(tx)
                for account in stored.campaign.accounts
            ]

    def known(self, name: str) -> Account:
        """The account of that name. Raises NotFoundError when no campaign has one."""
        with self._db.read() as tx:
            for stored in contents.read_campaigns(tx):
                account = stored.campaign.account(name)
                if account is not None:
                    return account
        raise NotFoundError(f"there is no account {name!r}: see the accounts page for those there are")

    def _prospect(
        self, tx: Tx, account: Account, campaign: Campaign, read: _Read, *, now: datetime
    ) -> Prospect:
        name, mode = account.name, self._mode_of(account)
        zone = zone_named(campaign.zone)
        history = StoredHistory(tx=tx, account=name, mode=mode.value, post=_NO_POST)
        note = read.notes.get(name)
        asked = None if note is None else note.not_before
        asked = asked if asked is not None and asked > now else None
        wait = wait_of(account, history, now=now, zone=zone)
        by_pace = asked is None or (wait is not None and asked <= wait.until)
        return Prospect(
            account=account,
            campaign=campaign.key,
            zone=campaign.zone,
            mode=mode,
            pauses=tuple(pause for pause in read.pauses if _concerns(pause, account, campaign)),
            not_before=asked,
            answered="" if by_pace else accounts.last_refusal(tx, name) or "",
            last_sent_at=None if note is None else note.last_sent_at,
            wait=wait,
            quiet_until=_quiet_until(account.pace.quiet, now, campaign.zone),
            next_post=figures.next_ready(tx, name),
            ready=figures.count_ready(tx, name, at_most=COUNTED_UP_TO),
            held=read.held.get(name, 0),
            unknown=read.unknown.get(name, 0),
            sent_this_month=figures.count_sent(tx, name, since=read.month, at_most=COUNTED_UP_TO),
            spent_this_month=read.spent.get(name, 0),
        )


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What is read once for all accounts."""

    month: datetime
    notes: Mapping[str, AccountNote]
    pauses: list[Pause]
    spent: Mapping[str, int]
    held: Mapping[str, int]
    unknown: Mapping[str, int]

    @classmethod
    def of(cls, tx: Tx, *, now: datetime) -> _Read:
        return cls(
            month=datetime(now.year, now.month, 1, tzinfo=UTC),
            notes=accounts.notes(tx),
            pauses=pauses.active(tx),
            spent=spending.by_account(tx, month=spending.month_of(now)),
            held=figures.by_account(tx, State.HELD, at_most=COUNTED_UP_TO),
            unknown=figures.by_account(tx, State.UNKNOWN, at_most=COUNTED_UP_TO),
        )


def _concerns(pause: Pause, account: Account, campaign: Campaign) -> bool:
    return (
        pause.campaign in (None, campaign.key)
        and pause.account in (None, account.name)
        and (pause.language is None or pause.language in account.languages)
    )


def _quiet_until(quiet: QuietHours | None, now: datetime, zone: str) -> datetime | None:
    if quiet is None:
        return None
    local = now.astimezone(zone_named(zone))
    if not quiet.hold(local.time()):
        return None
    end = datetime.combine(local.date(), quiet.end)
    # Over midnight: the hours end on the next day.
    if quiet.end <= local.time():
        end = datetime.combine(local.date() + timedelta(days=1), quiet.end)
    return instant_of(end, zone_named(zone))
