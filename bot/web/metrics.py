"""`/metrics`: figures for Prometheus, from bounded reads and from what this process counted itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot.pipeline.health import COUNTED_UP_TO, Health
from bot.web.answering import Answer

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from bot.pipeline.outcome import Sent
    from bot.pipeline.sweep import Swept

#: Seconds between a post's moment and its request: most leave within one, the grace is a quarter of an hour.
_LATENESS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)


class Metrics:
    """The figures of this process and of its store, in a registry of their own."""

    def __init__(self, health: Callable[[], Health], *, version: str, mode: str) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Stored(health, version=version, mode=mode))
        self._attempts = Counter(
            "campaign_bot_attempts",
            "Requests that this process made since it began, by the state to which they moved their post.",
            ["outcome"],
            registry=self._registry,
        )
        self._swept = Counter(
            "campaign_bot_swept",
            "Posts that this process looked after since it began, by the state to which it moved them.",
            ["state"],
            registry=self._registry,
        )
        self._lateness = Histogram(
            "campaign_bot_lateness_seconds",
            "From a post's moment to its first request, of the posts that this process tried.",
            buckets=_LATENESS,
            registry=self._registry,
        )

    def sent(self, sent: Sent) -> None:
        """Count what became of one post in one step."""
        attempt = sent.attempt
        if attempt is None:
            return
        self._attempts.labels(outcome=sent.state.value).inc()
        if attempt.number == 1:
            late = (attempt.started_at - sent.post.due_at).total_seconds()
            self._lateness.observe(max(late, 0.0))

    def swept(self, swept: Swept) -> None:
        """Count one post that the sweep moved."""
        self._swept.labels(state=swept.state.value).inc()

    def answer(self) -> Answer:
        return Answer(status=HTTPStatus.OK, kind=CONTENT_TYPE_LATEST, body=generate_latest(self._registry))


class _Stored(Collector):
    """What the store says at the moment of asking."""

    def __init__(self, health: Callable[[], Health], *, version: str, mode: str) -> None:
        self._health = health
        self._labels = {"version": version, "mode": mode}

    def collect(self) -> Iterator[Metric]:
        health = self._health()
        yield InfoMetricFamily("campaign_bot_build", "Which program runs, and in which mode.", self._labels)
        yield _gauge(
            "last_tick_age_seconds", "Since the send step last ran.", health.last_tick.total_seconds()
        )
        yield _gauge("healthy", "1 when /healthz answers 200.", float(not health.problems))
        yield _gauge("database_up", "1 when the database can be read.", float(health.stored is not None))
        yield _gauge("paused_by_file", "1 while the PAUSE file is there.", float(health.is_paused_by_file))
        stored = health.stored
        if stored is None:
            return
        posts = GaugeMetricFamily(
            "campaign_bot_posts",
            f"Posts in each state, counted up to {COUNTED_UP_TO}.",
            labels=["state"],
        )
        for state, number in stored.posts.items():
            posts.add_metric([state.value], number)
        yield posts
        oldest = 0.0 if stored.oldest_due is None else stored.oldest_due.total_seconds()
        yield _gauge(
            "oldest_due_age_seconds", "How long the oldest post waits that should have left; 0: none.", oldest
        )
        yield _gauge("pauses", "Pauses in force.", stored.pauses)
        yield _gauge(
            "spent_usd", "Spent on all accounts in this month (UTC).", stored.spent_usd_micros / 1_000_000
        )


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"campaign_bot_{name}", help_text, value=value)
