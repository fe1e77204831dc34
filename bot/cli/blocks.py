"""Posts as blocks on a page: when and where, which item, its text, its length, its cost, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cli.page import Block, Mark, Page
from bot.cli.writing import count, duration, usd

if TYPE_CHECKING:
    from bot.core.media import PostPicture
    from bot.core.post import Part, Post
    from bot.pipeline.outcome import Sent
    from bot.pipeline.rehearse import RehearsedPost
    from bot.store.log_reading import LoggedAttempt

#: Characters of a picture's digest: enough to tell pictures apart.
_SHOWN = 12
#: How a state looks on a terminal.
STATE_STYLES: Mapping[str, str] = {
    "held": "yellow",
    "ready": "cyan",
    "claimed": "cyan",
    "sending": "cyan",
    "unconfirmed": "yellow",
    "unknown": "bold red",
    "sent": "green",
    "rejected": "red",
    "missed": "yellow",
    "cancelled": "dim",
    "withdrawn": "dim",
}


def local(moment: datetime, zone: str) -> datetime:
    """The moment as clocks in that zone show it."""
    return moment.astimezone(ZoneInfo(zone))


def day(moment: datetime) -> str:
    """`Wednesday 25 November 2026`."""
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def moment_in(moment: datetime, zone: str) -> str:
    """`Wed 2026-11-25 18:30 Asia/Damascus`."""
    return f"{local(moment, zone):%a %Y-%m-%d %H:%M} {zone}"


def in_how_long(moment: datetime, now: datetime) -> str:
    """`in 3 h 25 min`, `now`; empty for what is past."""
    minutes = round((moment - now) / timedelta(minutes=1))
    if minutes < 0:
        return ""
    if minutes < 1:
        return "now"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    words = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number]
    return f"in {' '.join(words[:2])}"


def measures(post: Post | RehearsedPost, parts: Sequence[Part] = ()) -> Sequence[str]:
    """Length and limit as the network counts, of each part of a thread, and the cost where there is one.

    Without `parts` the longest part is measured.
    """
    found = [f"thread of {len(parts)} parts"] if len(parts) > 1 else []
    found += [f"{part.length:,}/{_limit(post, part.number):,}" for part in parts]
    if not parts:
        # What is too long to stand beside the picture is of a later part.
        first = _limit(post, 1)
        limit = first if post.length <= first else _limit(post, 2)
        found.append(f"{post.length:,}/{limit:,}")
    if post.cost_usd_micros:
        found.append(usd(post.cost_usd_micros))
    return found


def _limit(post: Post | RehearsedPost, part: int) -> int:
    from bot.core.campaign import Network
    from bot.text.networks import rules_of_part

    has_picture = post.picture is not None
    rules = rules_of_part(Network(post.network), part, warning=post.content_warning, has_picture=has_picture)
    return rules.max_length


def _warning_notes(post: Post | RehearsedPost) -> list[tuple[str, str]]:
    """The content warning, and whether followers see it before the text."""
    from bot.core.campaign import Network
    from bot.text.networks import rules_for

    if not post.content_warning:
        return []
    is_shown = rules_for(Network(post.network)).warns
    name = "content warning" if is_shown else f"content warning, which {post.network} does not show"
    return [(name, post.content_warning)]


def rehearsed_block(post: RehearsedPost, *, zone: str) -> Block:
    notes = [("why", post.why)]
    if post.state != "ready":
        notes.insert(0, (post.state.value, post.reason))
    notes += _warning_notes(post) + _picture_notes(post.picture)
    return Block(
        heading=[
            Mark(words=f"{post.local_time:%H:%M} {zone}", style="bold"),
            *_where(post.account, post.language),
            _state("" if post.state == "ready" else post.state.value),
        ],
        about=f"{post.kind} {post.item}",
        text=post.text,
        measures=measures(post, post.parts),
        notes=notes,
    )


def post_block(post: Post, *, now: datetime | None = None, parts: Sequence[Part] = ()) -> Block:
    """A post of the store; `now` adds how long it is until its moment, `parts` the length of each."""
    notes = [("why", post.why)]
    if post.reason:
        notes.insert(0, (post.state.value, post.reason))
    notes += _warning_notes(post) + _picture_notes(post.picture)
    when = moment_in(post.due_at, post.slot.zone)
    wait = "" if now is None else in_how_long(post.due_at, now)
    if wait:
        when += f" ({wait})"
    return Block(
        heading=[
            Mark(words=f"post {post.id}", style="bold"),
            Mark(words=when, style="bold"),
            *_where(post.account, post.language),
            _state(post.state.value),
        ],
        about=f"{post.kind} {post.item}",
        text=post.text,
        measures=measures(post, parts),
        notes=notes,
    )


def waiting_block(post: Post) -> Block:
    """A post of the store in a list, under its day; its text on one line."""
    return Block(
        heading=[
            Mark(words=f"post {post.id}", style="bold"),
            Mark(words=f"{local(post.due_at, post.slot.zone):%H:%M} {post.slot.zone}", style="bold"),
            *_where(post.account, post.language),
            _state(post.state.value),
            Mark(words="" if post.picture is None else "with a picture"),
        ],
        about=f"{post.kind} {post.item}",
        text=" ".join(post.text.split()),
        notes=[(post.state.value, post.reason)] if post.reason else [],
    )


def sent_block(sent: Sent, *, at: datetime) -> Block:
    """What became of a post that was due, `at` that moment."""
    post, attempt, receipt = sent.post, sent.attempt, sent.receipt
    how = sent.state.value
    if attempt is not None and attempt.mode != "live":
        how += f" ({attempt.mode})"
    notes = _picture_notes(post.picture if attempt is None else attempt.picture)
    if receipt is not None and receipt.url is not None:
        notes.append(("link", receipt.url))
    if sent.reason:
        notes.append((sent.state.value, sent.reason))
    return Block(
        heading=[
            Mark(words=f"post {post.id}", style="bold"),
            Mark(words=moment_in(at, post.slot.zone), style="bold"),
            *_where(post.account, post.language),
            _state(how, style=STATE_STYLES[sent.state.value]),
        ],
        about=f"{post.kind} {post.item}",
        text=post.text if attempt is None else attempt.text,
        measures=measures(post),
        notes=notes,
    )


def attempt_block(attempt: LoggedAttempt) -> Block:
    """An attempt of the send log, its text on one line."""
    state = attempt.state if attempt.mode == "live" else f"{attempt.state} ({attempt.mode})"
    part = "" if attempt.part == 1 else f"part {attempt.part}"
    tries = "" if attempt.attempt == 1 else f"attempt {attempt.attempt}"
    took = "" if attempt.ended_at is None else duration(attempt.ended_at - attempt.started_at)
    # Of what is sent it says what the network made otherwise than it was asked to.
    told = ("note" if attempt.state == "sent" else "error", attempt.error)
    said = (*_picture_notes(attempt.shown), ("link", attempt.url), told)
    return Block(
        heading=[
            Mark(words=f"{attempt.started_at:%H:%M:%S}", style="bold"),
            Mark(words=f"post {attempt.post}"),
            *(Mark(words=words) for words in (part, tries)),
            *_where(attempt.account, attempt.language),
            Mark(words=state, style=STATE_STYLES.get(attempt.state, "")),
            Mark(words=took, style="dim"),
        ],
        about=f"{attempt.kind} {attempt.item}",
        text=" ".join(attempt.text.split()),
        notes=[(label, words) for label, words in said if words],
    )


def print_days(page: Page, posts: Iterable[RehearsedPost], *, zones: Mapping[str, str]) -> None:
    """Print posts under the days of their campaigns' clocks."""
    today = ""
    for post in posts:
        if day(post.local_time) != today:
            today = day(post.local_time)
            page.heading(today)
        page.block(rehearsed_block(post, zone=zones[post.campaign]))


def numbers(posts: Sequence[Post]) -> str:
    """`post 41`, `posts 41, 42 and 43`."""
    words = [str(post.id) for post in posts]
    if len(words) == 1:
        return f"post {words[0]}"
    return f"posts {', '.join(words[:-1])} and {words[-1]}"


def many(posts: Sequence[object]) -> str:
    return count(len(posts), "post")


def _picture_notes(picture: PostPicture | None) -> list[tuple[str, str]]:
    """Which picture, how followers meet it, and what it shows."""
    if picture is None:
        return []
    file = picture.file
    warned = ", behind a warning" if picture.warning else ""
    return [
        ("picture", f"{file.digest[:_SHOWN]}… {file.width:,} × {file.height:,}{warned}"),
        ("it shows", picture.alt),
    ]


def _where(account: str, language: str) -> Iterator[Mark]:
    yield Mark(words=account, style="cyan")
    yield Mark(words=language)


def _state(words: str, *, style: str = "") -> Mark:
    return Mark(words=words, style=style or STATE_STYLES.get(words, ""))
