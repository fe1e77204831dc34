"""Runs in its own environment: what a user would build of an ORM, APScheduler 3, tweepy and twitter-text.

A table of accounts, a table of posts, one job that sends a post and writes down its id. It is written as
a good tutorial would write it. Prints what it measured, JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import requests
import tweepy
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from twitter_text import parse_tweet

WHAT, FOLDER, API_URL = sys.argv[1:4]
ACCOUNTS, POSTS = int(sys.argv[4]), int(sys.argv[5])
#: As long as most posts are.
BODY = "According to the Invented Network for Measuring, 1,234 people are counted here and nowhere else. "
PATIENCE_SECONDS = 600
#: How long nothing ran; the last post became due a minute before it was over.
OUTAGE = timedelta(hours=2)

engine = create_engine(f"sqlite:///{FOLDER}/obvious.db")


class Base(DeclarativeBase):
    pass


class Account(Base):
    """Whose posts they are."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key: Mapped[str]
    api_secret: Mapped[str]
    access_token: Mapped[str]
    access_token_secret: Mapped[str]


class Post(Base):
    """What is sent at its moment."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    body: Mapped[str]
    hashtags: Mapped[str]
    scheduled_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="scheduled", index=True)
    tweet_id: Mapped[str | None]
    error: Mapped[str | None]
    sent_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def text(self) -> str:
        return f"{self.body}\n\n{self.hashtags}"


class _Here(requests.adapters.HTTPAdapter):
    """Takes what is meant for X to the server of the measurement: tweepy knows one host only."""

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://api.twitter.com", API_URL)
        return super().send(request, **options)


@cache
def client_of(account_id: int) -> tweepy.Client:
    with Session(engine) as session:
        account = session.get_one(Account, account_id)
        client = tweepy.Client(
            consumer_key=account.api_key,
            consumer_secret=account.api_secret,
            access_token=account.access_token,
            access_token_secret=account.access_token_secret,
        )
    client.session.mount("https://api.twitter.com", _Here())
    return client


def publish(session: Session, post: Post) -> None:
    """Check the length, send, and write down what came of it."""
    if parse_tweet(post.text).valid:
        try:
            response = client_of(post.account_id).create_tweet(text=post.text)
        except tweepy.TweepyException as error:
            post.status, post.error = "failed", str(error)
        else:
            post.status, post.tweet_id, post.sent_at = "sent", response.data["id"], now()
    else:
        post.status, post.error = "failed", "too long"
    session.commit()


def publish_due() -> None:
    """The job that runs every minute: all that is due, one after another."""
    due = (
        select(Post).where(Post.status == "scheduled", Post.scheduled_at <= now()).order_by(Post.scheduled_at)
    )
    with Session(engine) as session:
        for post in session.scalars(due).all():
            publish(session, post)


def publish_one(post_id: int) -> None:
    """The job of one post, run at its own moment."""
    with Session(engine) as session:
        publish(session, session.get_one(Post, post_id))


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def add_posts(*, scheduled_at: datetime, apart: timedelta) -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(1, ACCOUNTS + 1):
            keys = {
                name: f"invented-{name}-of-{number}"
                for name in ("api_key", "api_secret", "access_token", "access_token_secret")
            }
            session.add(Account(id=number, **keys))
        for number in range(1, POSTS + 1):
            post = Post(
                account_id=1 + number % ACCOUNTS,
                body=f"{BODY}{number}",
                hashtags="#Invented #Measured",
                scheduled_at=scheduled_at + number * apart,
            )
            session.add(post)
        session.commit()


def sent() -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).where(Post.status == "sent")) or 0


def backlog() -> dict[str, float]:
    """Posts a second when the job finds a backlog."""
    add_posts(scheduled_at=now() - timedelta(minutes=10), apart=timedelta(milliseconds=1))
    started = time.perf_counter()
    publish_due()
    seconds = time.perf_counter() - started
    assert sent() == POSTS
    return {"per_second": POSTS / seconds}


def side_by_side() -> dict[str, float]:
    """Posts a second when every post has a date job of its own, all due at one moment.

    With the misfire time that APScheduler ships, most of them would not be sent at all.
    """
    due_at = datetime.now(UTC) + timedelta(seconds=1)
    add_posts(scheduled_at=due_at.replace(tzinfo=None), apart=timedelta(0))
    for number in range(1, ACCOUNTS + 1):
        client_of(number)
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
    finished = _Counter(scheduler)
    for number in range(1, POSTS + 1):
        scheduler.add_job(publish_one, "date", run_date=due_at, args=[number])
    scheduler.start()
    finished.wait(POSTS)
    seconds = (datetime.now(UTC) - due_at).total_seconds()
    scheduler.shutdown()
    assert sent() == POSTS
    return {"per_second": POSTS / seconds}


def outage() -> dict[str, float]:
    """How many of the jobs that became due during an outage are run, with the misfire time as shipped."""
    add_posts(scheduled_at=now() - OUTAGE, apart=(OUTAGE - timedelta(minutes=1)) / POSTS)
    store = {"default": SQLAlchemyJobStore(url=f"sqlite:///{FOLDER}/jobs.db")}
    before = BackgroundScheduler(timezone=UTC, jobstores=store)
    before.start(paused=True)
    with Session(engine) as session:
        for post in session.scalars(select(Post)):
            moment = post.scheduled_at.replace(tzinfo=UTC)
            before.add_job(publish_one, "date", run_date=moment, args=[post.id])
    before.shutdown()

    started = time.perf_counter()
    store = {"default": SQLAlchemyJobStore(url=f"sqlite:///{FOLDER}/jobs.db")}
    scheduler = BackgroundScheduler(timezone=UTC, jobstores=store)
    finished = _Counter(scheduler)
    scheduler.start()
    finished.wait(POSTS)
    seconds = time.perf_counter() - started
    left = len(scheduler.get_jobs())
    scheduler.shutdown()
    return {
        "sent": sent(),
        "run": finished.of[EVENT_JOB_EXECUTED],
        "dropped": finished.of[EVENT_JOB_MISSED],
        "left": left,
        "seconds": seconds,
    }


class _Counter:
    """Counts what the scheduler says of its jobs."""

    def __init__(self, scheduler: BackgroundScheduler) -> None:
        self.of: Counter[int] = Counter()
        self._changed = threading.Condition()
        scheduler.add_listener(self._note, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)

    def _note(self, event: JobExecutionEvent) -> None:
        with self._changed:
            self.of[event.code] += 1
            self._changed.notify()

    def wait(self, expected: int) -> None:
        with self._changed:
            done = self._changed.wait_for(lambda: self.of.total() >= expected, PATIENCE_SECONDS)
        assert done, f"only {self.of.total()} of {expected} jobs ended"


print(json.dumps({"backlog": backlog, "side_by_side": side_by_side, "outage": outage}[WHAT]()))
