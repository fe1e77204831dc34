"""What campaign files may hold, key by key, as pydantic models: read from them, and explained to editors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.content.fields import (
    AccountName,
    Channel,
    Count,
    Day,
    Duration,
    Handle,
    Hashtag,
    Key,
    Language,
    Link,
    Mention,
    Moment,
    NetworkName,
    Quiet,
    Server,
    Share,
    SlotLanguages,
    Switch,
    Text,
    VisibilityName,
    WallTime,
    WeekdayName,
    YearlyDay,
    Zone,
)
from bot.content.values import duration_text
from bot.core.campaign import Campaign


class Written(BaseModel):
    """One mapping of a content file. A key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WrittenHashtags(Written):
    """Hashtags of one language."""

    required: list[Hashtag] = Field(
        default=[], description="Always in the post, in this order.", examples=[["#NotHostages"]]
    )
    optional: list[Hashtag] = Field(
        default=[], description="Dropped last-first when a post is too long.", examples=[["#Syria"]]
    )


class WrittenPace(Written):
    """How fast an account may post; every part may be left out."""

    gap: Duration | None = Field(
        default=None, description="The least time after its last post.", examples=["15 minutes"]
    )
    per_hour: Count | None = Field(
        default=None, description="At most so many posts within any sixty minutes.", examples=[4]
    )
    per_day: Count | None = Field(
        default=None, description="At most so many posts on one day of the campaign's zone.", examples=[20]
    )
    quiet: Quiet | None = Field(
        default=None,
        description="Hours in which it does not post, in quotes, wall time in the campaign's zone.",
        examples=["23:00-07:00"],
    )


class WrittenAccount(Written):
    """One account of the campaign."""

    name: AccountName = Field(
        description="Unique over all campaigns. The settings with its secrets begin with this name.",
        examples=["my_campaign_x"],
    )
    network: NetworkName = Field(description="The network it is on.", examples=["x"])
    languages: list[Language] = Field(
        min_length=1, description="The campaign's languages that it speaks.", examples=[["ar", "en"]]
    )
    links: Switch = Field(
        default=True,
        description="Whether posts carry the source's link. X: $0.200 a post with a link, $0.015 without.",
        examples=[False],
    )
    server: Server | None = Field(
        default=None,
        description="Mastodon: the server that the account is on.",
        examples=["https://social.example"],
    )
    handle: Handle | None = Field(
        default=None,
        description="Bluesky: the account's handle, without @.",
        examples=["campaign.example.org"],
    )
    channel: Channel | None = Field(
        default=None,
        description="Telegram: the channel, its public name with @ or its number, in quotes.",
        examples=["@my_campaign"],
    )
    visibility: VisibilityName | None = Field(
        default=None,
        description="Mastodon: public, or unlisted: in no public timeline. public when left out.",
        examples=["unlisted"],
    )
    dry_run: Switch = Field(default=False, description="true: it never leaves dry-run.", examples=[True])
    pace: WrittenPace = Field(
        default=WrittenPace(),
        json_schema_extra={"default": {}},
        description="How fast it may post; no bound when left out.",
        examples=[{"gap": "15 minutes", "per_day": 20, "quiet": "23:00-07:00"}],
    )
    send_again: Switch = Field(
        default=False,
        description="true: a post whose answer got lost, and that the network does not show, is sent again "
        "without asking. It may then be public twice.",
        examples=[True],
    )
    unwarned: Switch = Field(
        default=False,
        description="true: a text with a content warning leaves without it where the network shows none "
        "before a text (X, Bluesky). Held for a person when left out.",
        examples=[True],
    )


class WrittenPostingTime(Written):
    """A time at which the campaign posts: "09:00", or with weekdays {at: "18:30", weekdays: [fri, sat]}."""

    model_config = ConfigDict(
        json_schema_extra=lambda schema: _or_string(schema, "^([01][0-9]|2[0-3]):[0-5][0-9]$")
    )

    at: WallTime = Field(description="Wall time in the campaign's zone, in quotes.", examples=["18:30"])
    weekdays: list[WeekdayName] = Field(
        default=[], description="On these days only; on all when left out.", examples=[["fri", "sat"]]
    )

    @model_validator(mode="before")
    @classmethod
    def _from_bare_time(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"at": value}


class WrittenBurst(Written):
    """Many posts within hours, as at a launch."""

    key: Key = Field(description="Its name, unique in the campaign.", examples=["launch"])
    start: Moment = Field(
        description="Its first post, wall time in the campaign's zone.", examples=["2020-07-06 18:00"]
    )
    posts: Count = Field(description="How many posts.", examples=[12])
    every: Duration = Field(description="The time from one to the next.", examples=["10 minutes"])


class WrittenOccasion(Written):
    """A day that comes back each year."""

    key: Key = Field(
        description="Its name, unique in the campaign; items refer to it.", examples=["human-rights-day"]
    )
    title: dict[str, Text] = Field(
        description="Its name, by language.", examples=[{"en": "Human Rights Day"}]
    )
    on: YearlyDay = Field(description="Month and day, in quotes.", examples=["12-10"])
    times: list[WallTime] = Field(
        min_length=1, description="Its own posting times, in quotes.", examples=[["10:00", "16:00"]]
    )


class WrittenSource(Written):
    """Who reports a fact."""

    publisher: dict[str, Text] = Field(
        description="Who reports it, by language; followers read this.",
        examples=[{"en": "Example Observatory"}],
    )
    url: Link = Field(
        description="The link, in ASCII: percent-encoded and punycoded.",
        examples=["https://example.org/report"],
    )
    read_on: Day = Field(description="The day on which you read it.", examples=["2026-11-20"])


class WrittenCampaign(Written):
    """A campaign: who, in which languages and time zone, with which hashtags, accounts and moments."""

    title: dict[str, Text] = Field(description="Its name, by language.", examples=[{"en": "Not Hostages"}])
    organisers: dict[str, list[Text]] = Field(
        description="Who runs it, by language.", examples=[{"en": ["White Helmets", "Horrya Press"]}]
    )
    languages: list[Language] = Field(
        min_length=1, description="Every item is written in each of these.", examples=[["ar", "en"]]
    )
    zone: Zone = Field(description="IANA time zone of all its dates and times.", examples=["Asia/Damascus"])
    start: Day | None = Field(default=None, description="The first day with posts.", examples=["2020-07-06"])
    end: Day | None = Field(default=None, description="The last day with posts.", examples=["2020-07-12"])
    hashtags: dict[str, WrittenHashtags] = Field(
        description="By language; {} for a language without any.",
        examples=[{"en": {"required": ["#NotHostages"]}}],
    )
    accounts: list[WrittenAccount] = Field(
        min_length=1,
        description="Where it posts.",
        examples=[[{"name": "my_campaign_x", "network": "x", "languages": ["ar", "en"]}]],
    )
    posting_times: list[WrittenPostingTime] = Field(
        default=[], description="When it posts, day by day.", examples=[["09:00", "18:30"]]
    )
    bursts: list[WrittenBurst] = Field(
        default=[],
        description="Many posts within hours, as at a launch.",
        examples=[[{"key": "launch", "start": "2020-07-06 18:00", "posts": 12, "every": "10 minutes"}]],
    )
    occasions: list[WrittenOccasion] = Field(
        default=[],
        description="Days that come back each year, with posting times and items of their own.",
        examples=[[{"key": "new-year", "title": {"en": "New Year"}, "on": "01-01", "times": ["10:00"]}]],
    )
    calls_share: Share = Field(
        default=Campaign.calls_share,
        description="Share of calls to action among the posts, 0 to 1.",
        examples=[0.3],
    )
    cooldown: Duration = Field(
        default=Campaign.cooldown,
        json_schema_extra={"default": duration_text(Campaign.cooldown)},
        description="The least time between two uses of one item in one language.",
        examples=["36 hours"],
    )
    grace: Duration = Field(
        default=Campaign.grace,
        json_schema_extra={"default": duration_text(Campaign.grace)},
        description="How late a post may leave before it is missed.",
        examples=["15 minutes"],
    )
    languages_at_slot: SlotLanguages = Field(
        default=Campaign.languages_at_slot,
        description="turn: one language at a time, each in its turn. all: all at once.",
        examples=["all"],
    )
    approval: Switch = Field(
        default=False,
        description="true: every post waits until a person approves its exact text.",
        examples=[True],
    )
    arabic_digits: Switch = Field(
        default=False,
        description="true: numbers in Arabic texts are written ١٢٣ instead of 123.",
        examples=[True],
    )
    threads: Switch = Field(
        default=False,
        description="true: a text too long for one post becomes several, each in answer to the one before.",
        examples=[True],
    )
    cards: Switch = Field(
        default=False,
        description="true: a fact without a picture of its own leaves with a card that shows it.",
        examples=[True],
    )
    mentions: list[Mention] = Field(
        default=[],
        description="The only mentions that texts may hold; their owners have agreed.",
        examples=[["@example"]],
    )
    sources: dict[Key, WrittenSource] = Field(
        default={},
        description="Who reports the facts, named once; facts refer to the name.",
        examples=[{"observatory-2020": {"publisher": {"en": "Example Observatory"}}}],
    )


def _or_string(schema: dict[str, Any], pattern: str) -> None:
    """Let editors accept the short form too."""
    mapping = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string", "pattern": pattern}, mapping]
