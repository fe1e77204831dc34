"""What a calendar writes on a post: a hundred of them on one page, so nothing is worked out twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.campaign import Campaign
from bot.pipeline.agenda import MOVABLE, Days
from bot.pipeline.clashes import Clash
from bot.planning.calendar import zone_named
from bot.store.agenda import AgendaPost
from bot.web.speech import _
from bot.web.speech.figures import digits
from bot.web.speech.moments import city, day, local
from bot.web.speech.words import language_word, network_word, state_word


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One post as words, for a calendar in one zone and a reader in perhaps another."""

    post: AgendaPost
    #: The campaign's.
    zone: str
    #: On the calendar's clock; on the campaign's and on the reader's where these show something else.
    time: str
    campaign_time: str
    own_time: str
    #: Day and time in the campaign's zone; in the reader's where that differs.
    when: str
    own_when: str
    #: As a field for date and time holds it.
    wall: str
    state: str
    network: str
    language: str
    can_move: bool
    #: What a form says that its reader saw.
    seen: str
    clashes: tuple[Clash, ...]


class Chips:
    """Makes the chips of one page."""

    def __init__(
        self, shown: Days, campaigns: Mapping[str, Campaign], *, own_zone: str | None, may_move: bool
    ) -> None:
        self._shown = shown
        self._campaigns = campaigns
        self._own_zone = own_zone
        self._may_move = may_move
        self._days: dict[date, str] = {}
        self._words: dict[str, str] = {}
        self._zones: dict[str, ZoneInfo] = {}
        self._cities: dict[str, str] = {}
        # Translators may order them otherwise.
        self._when = _("%(day)s, %(time)s (%(city)s)", day="{day}", time="{time}", city="{city}")
        self._time = _("%(time)s in %(city)s", time="{time}", city="{city}")

    def of(self, post: AgendaPost) -> Chip:
        """The chip of a post."""
        campaign = self._campaigns.get(post.campaign)
        grid = self._shown.zone
        zone = grid if campaign is None else campaign.zone
        own = self._own_zone or zone
        there, here, on_grid = (self._local(post.due_at, name) for name in (zone, own, grid))
        return Chip(
            post=post,
            zone=zone,
            time=_clock(on_grid),
            campaign_time="" if _same(there, on_grid) else self._timed(there, zone),
            own_time="" if _same(here, on_grid) else self._timed(here, own),
            when=self._dated(there, zone),
            own_when="" if _same(here, there) else self._dated(here, own),
            wall=f"{there:%Y-%m-%dT%H:%M}",
            state=self._word(state_word, post.state.value),
            network=self._word(network_word, post.network.value),
            language=self._word(language_word, post.language),
            can_move=self._may_move and post.state in MOVABLE,
            seen=post.digest,
            clashes=self._shown.by_post.get(post.id, ()),
        )

    def _local(self, when: datetime, name: str) -> datetime:
        zone = self._zones.get(name)
        if zone is None:
            zone = self._zones[name] = zone_named(name)
        return when.astimezone(zone)

    def _dated(self, there: datetime, zone: str) -> str:
        on = there.date()
        if on not in self._days:
            self._days[on] = day(on, now=self._shown.now)
        return self._when.format(day=self._days[on], time=_clock(there), city=self._city(zone))

    def _timed(self, there: datetime, zone: str) -> str:
        return self._time.format(time=_clock(there), city=self._city(zone))

    def _city(self, zone: str) -> str:
        if zone not in self._cities:
            self._cities[zone] = city(zone)
        return self._cities[zone]

    def _word(self, write: Callable[[str], str], key: str) -> str:
        if key not in self._words:
            self._words[key] = write(key)
        return self._words[key]


def own_hours(shown: Days, own_zone: str | None) -> dict[int, str]:
    """What the reader's clock shows at each full hour of the grid, where it is the same on all its days."""
    if own_zone is None:
        return {}
    found: dict[int, set[str]] = {}
    for one in shown.days:
        for hour in one.hours:
            for place in hour.places:
                start = place.stretch.at - timedelta(minutes=place.stretch.minute)
                found.setdefault(hour.hour, set()).add(_clock(local(start, own_zone)))
    written = {hour: times.pop() for hour, times in found.items() if len(times) == 1}
    is_the_same = all(time == digits(f"{hour:02d}:00") for hour, time in written.items())
    return {} if is_the_same else written


def _clock(there: datetime) -> str:
    return digits(f"{there.hour:02d}:{there.minute:02d}")


def _same(one: datetime, other: datetime) -> bool:
    return one.utcoffset() == other.utcoffset()
