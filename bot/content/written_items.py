"""What files of items may hold, key by key, as pydantic models: read from them, and explained to editors."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag

from bot.content.fields import Answer, Day, Figure, Name, PeriodText, PictureDigest, Text
from bot.content.values import FIGURE_NAME, KEY
from bot.content.written import (
    Written,
    WrittenAccount,
    WrittenBurst,
    WrittenHashtags,
    WrittenOccasion,
    WrittenPace,
    WrittenPostingTime,
    WrittenSource,
)


class WrittenSum(Written):
    """Figures that add up to another."""

    whole: Name = Field(description="The figure that is the sum.", examples=["total"])
    parts: list[Name] = Field(
        min_length=2, description="The figures that add up to it.", examples=[["women", "men"]]
    )


class WrittenPicture(Written):
    """A picture that leaves with the posts of an item."""

    file: PictureDigest = Field(
        description="The picture in the media folder, by what `campaign-bot media add FILE` printed.",
        examples=["…64 signs that `campaign-bot media add FILE` printed…"],
    )
    alt: dict[str, Text] = Field(
        description="What it shows, by language, for those who do not see it; {name} stands for a figure.",
        examples=[{"en": "A street with broken lamps"}],
    )
    warning: Answer = Field(
        description="yes: it may distress, and followers see it only after a warning. no: it may not.",
        examples=["yes", "no"],
    )


def _source_form(value: object) -> str:
    return "inline" if isinstance(value, dict) else "named"


#: Steps that pydantic puts into the place of an error, and that no file has.
SOURCE_FORMS = frozenset({"inline", "named"})


class WrittenItem(Written):
    """A fact or a call to action."""

    source: (
        Annotated[
            Annotated[Name, Tag("named")] | Annotated[WrittenSource, Tag("inline")],
            Discriminator(_source_form),
        ]
        | None
    ) = Field(
        default=None,
        description="Who reports it: a key of the campaign's sources, or the source itself.",
        examples=["observatory-2020"],
    )
    period: PeriodText | None = Field(
        default=None,
        description="The time it speaks of: 2020, 2020-06, 2020-06-30, or two of them with a slash.",
        examples=["2011-03/2020-06"],
    )
    recheck_on: Day | None = Field(
        default=None,
        description="For a fact without a closed period: held once this day has passed.",
        examples=["2027-01-01"],
    )
    figures: dict[str, Figure] = Field(
        default={},
        description="Its numbers by name, without quotes; {name} in a text stands for one.",
        examples=[{"total": 14388}],
        json_schema_extra={"propertyNames": {"pattern": f"^{FIGURE_NAME.pattern}$"}},
    )
    sums: list[WrittenSum] = Field(
        default=[],
        description="Figures that must add up.",
        examples=[[{"whole": "total", "parts": ["women", "men"]}]],
    )
    plain_numbers: list[Text] = Field(
        default=[],
        description="Numbers in the texts that are no figures, in Latin digits and in quotes.",
        examples=[["2254"]],
    )
    text: dict[str, Text] = Field(
        description="What is posted, by language, without link, hashtags and source.",
        examples=[{"en": "At least {total} people …"}],
    )
    short: dict[str, Text] = Field(
        default={}, description="Used where the text does not fit, by language.", examples=[{"en": "…"}]
    )
    content_warning: dict[str, Text] = Field(
        default={},
        description="Shown before the text, in all languages or none.",
        examples=[{"en": "Torture"}],
    )
    occasions: list[Name] = Field(
        default=[],
        description="Keys of the campaign's occasions: it is used on those days only.",
        examples=[["human-rights-day"]],
    )
    picture: WrittenPicture | None = Field(
        default=None,
        description="The picture that leaves with its posts.",
        examples=[{"file": "…", "alt": {"en": "…"}, "warning": "no"}],
    )


class WrittenFact(WrittenItem):
    """A fact: with its source, and with a period or a day on which to check it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["source", "text"],
            "anyOf": [{"required": ["period"]}, {"required": ["recheck_on"]}],
        }
    )


class WrittenCall(WrittenItem):
    """A call to action."""


class WrittenItems(Written):
    """Facts and calls to action of one campaign."""

    facts: dict[str, WrittenFact] = Field(
        default={},
        description="Facts by key; keys are unique in the campaign.",
        examples=[{"my-fact": {"text": {"en": "…"}}}],
        json_schema_extra={"propertyNames": {"pattern": f"^{KEY.pattern}$"}},
    )
    calls: dict[str, WrittenCall] = Field(
        default={},
        description="Calls to action by key; keys are unique in the campaign.",
        examples=[{"my-call": {"text": {"en": "…"}}}],
        json_schema_extra={"propertyNames": {"pattern": f"^{KEY.pattern}$"}},
    )


#: Which model the entries under a key follow.
MODEL_UNDER: dict[str, type[Written]] = {
    "hashtags": WrittenHashtags,
    "accounts": WrittenAccount,
    "pace": WrittenPace,
    "posting_times": WrittenPostingTime,
    "bursts": WrittenBurst,
    "occasions": WrittenOccasion,
    "sources": WrittenSource,
    "source": WrittenSource,
    "sums": WrittenSum,
    "picture": WrittenPicture,
    "facts": WrittenFact,
    "calls": WrittenCall,
}
