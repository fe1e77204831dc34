"""Clock changes in twelve zones, and clocks that are set: each post once, at its instant or not at all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import select

from bot.core.campaign import Item, PostingTime, Wording
from bot.core.clock import FixedClock
from bot.core.post import Post, Receipt, SlotKind, State
from bot.pipeline.plan import Planner
from bot.planning.calendar import clock_changes
from bot.publishing.protocol import PublishRequest
from bot.rendering.renderer import Renderer
from bot.store import posts
from bot.store.database import Database
from bot.store.tables import attempts
from posting import ACCOUNT, CAMPAIGN, ScriptedPublisher, fact
from stage import Stage
from stepping import SteppedClock, watching

#: Zones with changes at every hour of the night, of half an hour too, in both halves of the world.
ZONES = (
    "Asia/Beirut",
    "Africa/Cairo",
    "Europe/Paris",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Jerusalem",
    "Africa/Casablanca",
)
#: Steps that nobody notices are as far as a clock goes wrong here; larger ones pause everything.
SMALL = timedelta(seconds=60)
_FIRST = ("amber", "basalt", "cedar", "delta", "ember", "fjord", "grove")
_SECOND = ("island", "jasmine", "kelp", "lagoon", "meadow")


class _Dated(ScriptedPublisher):
    """A network that notes the true moment of each request."""

    def __init__(self, true: FixedClock) -> None:
        super().__init__()
        self._true = true
        self.moments: dict[str, datetime] = {}

    def publish(self, request: PublishRequest) -> Receipt:
        self.moments[request.key] = self._true.now()
        return super().publish(request)


class _Night:
    """A day and a half around one clock change, lived through by one worker."""

    def __init__(self, dice: random.Random, zone: str, database: Database, folder: Path, renderer: Renderer):
        start = datetime(dice.choice((2025, 2026)), 1, 1, tzinfo=UTC)
        self.change = dice.choice(clock_changes(zone, start=start, end=start + timedelta(days=365)))
        self.true = FixedClock(self.change.at - timedelta(hours=dice.randrange(4, 14)))
        self.clock = SteppedClock(self.true)
        self.dice = dice
        self.stage = Stage(database, self.clock, data_dir=folder, renderer=renderer)
        self.network = _Dated(self.true)
        self.stage.outlets.publishers = {ACCOUNT.name: self.network}
        self.stage.take_in(self._campaign(zone), _items())
        self.process, self.self_pause = watching(self.stage)
        self.planner = Planner(database, self.clock, renderer=renderer, prices=lambda *_: 0)

    def _campaign(self, zone: str) -> object:
        around = self.change.wall_before.hour
        times = {
            time((around + self.dice.randrange(-2, 3)) % 24, self.dice.randrange(0, 60, 5)) for _ in range(5)
        }
        return replace(
            CAMPAIGN,
            zone=zone,
            accounts=(replace(ACCOUNT, languages=("en",)),),
            posting_times=tuple(PostingTime(at=at) for at in sorted({*times, time(12, 0)})),
            cooldown=timedelta(0),
        )

    def live_through(self) -> None:
        """Let the hours pass, the clock be set, and a person set it right again."""
        self.planner.plan(days=2)
        end = self.change.at + timedelta(hours=6)
        while self.true.now() < end:
            self.clock.advance(timedelta(minutes=self.dice.uniform(0.2, 25)))
            if self.dice.random() < 0.25:
                self._set_the_clock()
            if self.dice.random() < 0.04:
                self.planner.plan(days=2)
            for step in self.dice.sample([self.process.sweep, self.process.sender.send_due], 2):
                step()
            if self.stage.pauses() and self.dice.random() < 0.6:
                self.clock.step(-self.clock.off)
                self.process.sweep()
                self.stage.resume()
        self.clock.step(-self.clock.off)
        self.process.sweep()
        if self.stage.pauses():
            self.stage.resume()
        self.process.sweep()

    def _set_the_clock(self) -> None:
        longest = self.dice.choice((1, 1, 30, 60, 61, 3_600, 86_400))
        self.clock.step(timedelta(seconds=self.dice.choice((-1, 1)) * longest) - self.clock.off)

    def judge(self) -> None:
        """Hold what the network saw against what was planned."""
        with self.stage.db.read() as tx:
            planned = [post for post in posts.read_posts(tx) if post.slot.kind is SlotKind.REGULAR]
            tried = {row.key: row for row in tx.execute(select(attempts))}
        by_number = {post.id: post for post in planned}
        left = Counter(tried[key].post_id for key in self.network.moments)
        assert set(left.values()) <= {1}
        assert set(left) == {post.id for post in planned if post.state is State.SENT}
        for key, moment in self.network.moments.items():
            post = by_number[tried[key].post_id]
            assert post.due_at - SMALL <= moment <= post.grace_until + SMALL, post.slot
        walls = Counter(by_number[number].slot.wall_time for number in left)
        assert set(walls.values()) <= {1}
        late = [post for post in planned if post.grace_until < self.true.now()]
        assert [post for post in late if not _is_settled(post)] == []
        assert self.stage.log_problems() == []


def _is_settled(post: Post) -> bool:
    return post.state is State.SENT or (post.state is State.MISSED and bool(post.reason))


def _items() -> list[Item]:
    return [
        fact(
            f"fact-{first}-{second}",
            wordings={"en": Wording(text=f"The {first} and the {second} are invented words, and no more.")},
        )
        for first in _FIRST
        for second in _SECOND
    ]


@pytest.fixture
def live(sqlite_file: Path, renderer: Renderer, prepared_sqlite: Path) -> Callable[[str, range], int]:
    """Lives through nights in one zone; says how many posts left."""

    def through(zone: str, seeds: range) -> int:
        left = 0
        for seed in seeds:
            folder = sqlite_file.parent / str(seed)
            folder.mkdir()
            database = Database(f"sqlite:///{copy(prepared_sqlite, folder / 'campaign-bot.sqlite3')}")
            night = _Night(random.Random(f"{zone} {seed}"), zone, database, folder, renderer)
            try:
                night.live_through()
                night.judge()
            except BaseException as error:
                error.add_note(f"{zone}, seed {seed}, around {night.change.at}")
                raise
            finally:
                night.stage.close()
                database.close()
            left += len(night.network.moments)
        return left

    return through


@pytest.mark.parametrize("zone", ZONES)
def test_each_post_leaves_once_at_its_instant_through_clock_changes_and_steps(
    zone: str, live: Callable[[str, range], int]
):
    left = live(zone, range(6))

    assert left > 6


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("zone", ZONES)
def test_each_post_leaves_once_in_five_thousand_nights(zone: str, live: Callable[[str, range], int]):
    left = live(zone, range(6, 423))

    assert left > 417
