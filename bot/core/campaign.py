"""What organisers write: campaigns, their accounts and moments, and the items they publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.core.dates import Period
from bot.core.media import Picture


class Kind(StrEnum):
    """What an item is. `call` is short for call to action."""

    FACT = "fact"
    CALL = "call"


class Network(StrEnum):
    """The networks an account can be on."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    TELEGRAM = "telegram"


class Visibility(StrEnum):
    """Who sees a post on Mastodon without following the account."""

    #: Everybody, in the public timelines too.
    PUBLIC = "public"
    #: Everybody who comes to the account or has the link.
    UNLISTED = "unlisted"


class Weekday(StrEnum):
    """Days of the week by name: numbers mean different days to different people."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class LanguagesAtSlot(StrEnum):
    """Whether a slot speaks one language, each in its turn, or all of the campaign's at once."""

    TURN = "turn"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Hashtags:
    """A campaign's hashtags in one language, with their `#`, in order of importance."""

    #: Always in the post.
    required: tuple[str, ...] = ()
    #: Dropped last-first when a post is too long.
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Wall times from `start` until just before `end`; over midnight where `end` is the earlier one."""

    start: time
    end: time

    def hold(self, wall_time: time) -> bool:
        if self.start < self.end:
            return self.start <= wall_time < self.end
        return wall_time >= self.start or wall_time < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast an account may post. None: no bound. A thread counts once."""

    #: The least time after the account's last post.
    gap: timedelta | None = None
    #: Posts within any sixty minutes.
    per_hour: int | None = None
    #: Posts within one day of the campaign's zone.
    per_day: int | None = None
    #: In the campaign's zone.
    quiet: QuietHours | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """One identity of a campaign on one network."""

    name: str
    network: Network
    languages: tuple[str, ...]
    #: Whether posts carry the source's link. X charges $0.200 for a post with one, $0.015 without.
    links: bool = True
    #: True: never leaves dry-run, whatever BOT_MODE says.
    dry_run: bool = False
    pace: Pace = Pace()
    #: True: what the network does not show after an answer got lost is sent once more without asking.
    send_again: bool = False
    #: True: a text with a content warning leaves without it where the network shows none before a text.
    unwarned: bool = False
    #: Mastodon: the account's server, e.g. `https://social.example`. None on other networks.
    server: str | None = None
    #: Bluesky: the account's handle, e.g. `campaign.example.org`. None on other networks.
    handle: str | None = None
    #: Telegram: the channel's public name (`@campaign`) or its number (`-100…`). None on other networks.
    channel: str | None = None
    #: Mastodon: who sees its posts.
    visibility: str = Visibility.PUBLIC


@dataclass(frozen=True, kw_only=True)
class PostingTime:
    """A wall time at which the campaign posts, on the named days (all, when none is named)."""

    at: time
    weekdays: tuple[Weekday, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Many posts within hours, as at a launch: `posts` of them, one `every` so often from `start`."""

    key: str
    #: Wall time in the campaign's zone.
    start: datetime
    posts: int
    every: timedelta


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """A day that comes back each year, with its own posting times and its own items."""

    key: str
    title: Mapping[str, str]
    month: int
    day: int
    times: tuple[time, ...]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign: who, in which languages and zone, with which hashtags, accounts and moments.

    Mappings are by language code (`ar`, `en`, `tr`). Dates and times are wall time in `zone`.
    """

    key: str
    title: Mapping[str, str]
    organisers: Mapping[str, tuple[str, ...]]
    languages: tuple[str, ...]
    #: IANA name, e.g. `Asia/Damascus`.
    zone: str
    hashtags: Mapping[str, Hashtags]
    accounts: tuple[Account, ...]
    posting_times: tuple[PostingTime, ...]
    bursts: tuple[Burst, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    #: First and last day with slots. None: no bound.
    start: date | None = None
    end: date | None = None
    #: Share of calls to action among the posts, 0 to 1.
    calls_share: float = 0.25
    #: The least time between two uses of one item in one language.
    cooldown: timedelta = timedelta(days=2)
    #: How late a post may leave before it is `missed`.
    grace: timedelta = timedelta(minutes=15)
    languages_at_slot: LanguagesAtSlot = LanguagesAtSlot.TURN
    #: True: every post waits for an approval of its exact text.
    approval: bool = False
    #: Languages whose numbers are written with Arabic-Indic digits.
    arabic_digits: bool = False
    #: The only mentions that texts may hold, with their `@`.
    mentions: tuple[str, ...] = ()
    #: True: a text too long for one message becomes several, each in answer to the one before.
    threads: bool = False
    #: True: a fact without a picture of its own leaves with a card that shows it.
    cards: bool = False

    @property
    def all_hashtags(self) -> tuple[str, ...]:
        """The hashtags of every language: a post in one may carry another's."""
        found = (tag for tags in self.hashtags.values() for tag in (*tags.required, *tags.optional))
        return tuple(dict.fromkeys(found))

    def illustrates(self, item: Item) -> bool:
        """Whether the item's posts carry a picture: its own, or a card."""
        return item.picture is not None or (self.cards and item.kind is Kind.FACT)

    def account(self, name: str) -> Account | None:
        return next((account for account in self.accounts if account.name == name), None)

    def occasion(self, key: str) -> Occasion | None:
        return next((occasion for occasion in self.occasions if occasion.key == key), None)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who reports a fact. `publisher` is by language, and is what followers read."""

    publisher: Mapping[str, str]
    #: ASCII only: percent-encoded and punycoded.
    url: str
    #: The day on which the organisers read it. None for a post queued on the spot.
    read_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A declaration that the figures `parts` add up to the figure `whole`."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One language of an item. `{name}` stands for the figure of that name."""

    text: str
    #: Used where the text does not fit the network.
    short: str | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """A fact or a call to action in one or more languages; one decision to publish."""

    campaign: str
    key: str
    kind: Kind
    wordings: Mapping[str, Wording]
    source: Source | None = None
    period: Period | None = None
    #: A fact without a closed period is held once this day has passed.
    recheck_on: date | None = None
    figures: Mapping[str, int | Decimal] = field(default_factory=dict)
    #: Numbers a text may hold that are no figures: dates, articles of law. As written in Latin digits.
    plain_numbers: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()
    #: By language; empty when the item needs none.
    content_warning: Mapping[str, str] = field(default_factory=dict)
    #: Keys of the campaign's occasions; such an item is used on those days only.
    occasions: tuple[str, ...] = ()
    #: It leaves with the first part of each post.
    picture: Picture | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.wordings)
