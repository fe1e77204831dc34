"""The kinds of single values in content files as pydantic types, read as `values` says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core.core_schema import CoreSchema, no_info_plain_validator_function

from bot.content.places import CHANNEL, HANDLE, SERVER, read_channel, read_handle, read_server
from bot.content.values import (
    ACCOUNT_NAME,
    DAY,
    DURATION,
    KEY,
    LANGUAGE,
    MENTION,
    MONTH_DAY,
    PICTURE,
    QUIET_HOURS,
    TIME,
    MonthDay,
    YesNo,
    choose,
    read_account_name,
    read_answer,
    read_count,
    read_day,
    read_duration,
    read_figure,
    read_hashtag,
    read_key,
    read_language,
    read_link,
    read_mention,
    read_moment,
    read_month_day,
    read_name,
    read_period,
    read_picture,
    read_quiet_hours,
    read_share,
    read_switch,
    read_text,
    read_time,
    read_zone,
)
from bot.core.campaign import LanguagesAtSlot, Network, QuietHours, Visibility, Weekday
from bot.core.dates import Period


@dataclass(frozen=True, eq=False)
class _ReadBy:
    """Tells pydantic to read a value with a function of `values`, and editors what it looks like."""

    read: Callable[[object], object]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


def _string(pattern: re.Pattern[str] | str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{getattr(pattern, 'pattern', pattern)}$"}


def _choice(words: type[StrEnum]) -> _ReadBy:
    return _ReadBy(choose(words), {"type": "string", "enum": [word.value for word in words]})


Text = Annotated[str, _ReadBy(read_text, {"type": "string"})]
Name = Annotated[str, _ReadBy(read_name, {"type": "string"})]
Key = Annotated[str, _ReadBy(read_key, _string(KEY))]
AccountName = Annotated[str, _ReadBy(read_account_name, _string(ACCOUNT_NAME))]
Server = Annotated[str, _ReadBy(read_server, _string(SERVER))]
Handle = Annotated[str, _ReadBy(read_handle, _string(HANDLE))]
Channel = Annotated[str, _ReadBy(read_channel, {**_string(CHANNEL), "type": ["string", "integer"]})]
Language = Annotated[str, _ReadBy(read_language, _string(LANGUAGE))]
Zone = Annotated[str, _ReadBy(read_zone, {"type": "string"})]
WallTime = Annotated[time, _ReadBy(read_time, _string(TIME))]
Day = Annotated[date, _ReadBy(read_day, _string(DAY))]
Moment = Annotated[datetime, _ReadBy(read_moment, _string(f"{DAY.pattern} {TIME.pattern}"))]
YearlyDay = Annotated[MonthDay, _ReadBy(read_month_day, _string(MONTH_DAY))]
Duration = Annotated[timedelta, _ReadBy(read_duration, _string(DURATION))]
Switch = Annotated[bool, _ReadBy(read_switch, {"type": "boolean"})]
Answer = Annotated[bool, _ReadBy(read_answer, {"type": "string", "enum": list(YesNo)})]
PictureDigest = Annotated[str, _ReadBy(read_picture, _string(PICTURE))]
NetworkName = Annotated[Network, _choice(Network)]
VisibilityName = Annotated[Visibility, _choice(Visibility)]
WeekdayName = Annotated[Weekday, _choice(Weekday)]
SlotLanguages = Annotated[LanguagesAtSlot, _choice(LanguagesAtSlot)]
Share = Annotated[float, _ReadBy(read_share, {"type": "number", "minimum": 0, "maximum": 1})]
Count = Annotated[int, _ReadBy(read_count, {"type": "integer", "minimum": 1})]
Figure = Annotated[int | Decimal, _ReadBy(read_figure, {"type": "number"})]
PeriodText = Annotated[Period, _ReadBy(read_period, {"type": ["string", "integer"]})]
Link = Annotated[str, _ReadBy(read_link, _string("https?://[!-~]+"))]
Quiet = Annotated[QuietHours, _ReadBy(read_quiet_hours, _string(QUIET_HOURS))]
Mention = Annotated[str, _ReadBy(read_mention, _string(MENTION))]
Hashtag = Annotated[str, _ReadBy(read_hashtag, _string("#.+"))]
