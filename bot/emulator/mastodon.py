"""A fake Mastodon server: its API in a process of its own, with the fake X's faults and the fake X's journal.

    python -m bot.emulator.mastodon --port 0 --journal FILE

Any account exists: the access token of `anna` is `invented-token-of-anna`. `settings` make it as other
servers are: `knows_keys`, `knows_source`, `knows_v2`, `knows_pages`, `deletes`, `hides_mentions`; its limits
are `max_characters`, `link_characters`, `post_limit` (in five minutes) and `keeps_keys_for` (seconds); those
of pictures are in `mastodon_media.py`. /_fake/posts shows what followers see of a picture, by its digest.
Control is the fake X's: POST /_fake/faults, /_fake/settings, /_fake/reset; GET /_fake/posts, /_fake/journal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bot.core.clock import Clock
from bot.emulator.contract import Contract
from bot.emulator.faults import Fault, read_fault
from bot.emulator.handler import Handler
from bot.emulator.mastodon_html import REMOTE_MENTION, html_of
from bot.emulator.mastodon_media import MediaManners, RefusalError, Shelf
from bot.emulator.pictures import seen
from bot.emulator.routes import Call, Reply
from bot.emulator.server import FakeX
from bot.emulator.starting import run
from bot.emulator.state import State
from bot.text.graphemes import count_graphemes
from bot.text.links import find_links

TOKEN_PREFIX = "invented-token-of-"
CREATE = "POST /api/v1/statuses"
TIMELINE = "GET /api/v1/accounts/{id}/statuses"


@dataclass(kw_only=True)
class Manners(MediaManners):
    """What servers with this API do differently; as they stand here, like Mastodon 4.5."""

    knows_keys: bool = True
    knows_source: bool = True
    knows_v2: bool = True
    knows_pages: bool = True
    deletes: bool = True
    #: Shows `@name` where `@name@server` was written, as Mastodon does.
    hides_mentions: bool = True
    max_characters: int = 500
    link_characters: int = 23
    #: None: any number in five minutes.
    post_limit: int | None = None
    keeps_keys_for: float = 3600


@dataclass(kw_only=True)
class Status:
    id: str
    account: str
    text: str
    fields: dict[str, str]
    made_at: datetime
    reply_to: str | None
    deleted: bool = False


@dataclass(kw_only=True)
class Kept:
    """Everything that a reset forgets."""

    manners: Manners = field(default_factory=Manners)
    statuses: list[Status] = field(default_factory=list)
    shelf: Shelf = field(default_factory=Shelf)
    #: By account and key: the id, and when it was made.
    keys: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)


class MastodonState(State):
    """What the fake server keeps; faults, journal and clock are the fake X's."""

    accepting = (200, {"id": "1", "content": ""})
    says_duplicate = (422, {"error": "Validation failed"})
    unauthorized = (401, {"error": "The access token is invalid"})

    def __init__(self, *, clock: Clock, journal: Path | None = None, keep_journal: bool = True) -> None:
        super().__init__(contract=Contract(None), clock=clock, journal=journal, keep_journal=keep_journal)
        self.kept = Kept()

    def reset(self) -> None:
        with self.lock:
            super().reset()
            self.kept = Kept()

    def settle(self, given: dict[str, Any]) -> None:
        own = {one.name for one in fields(Manners)} & set(given)
        super().settle({name: value for name, value in given.items() if name not in own})
        with self.lock:
            for name in own:
                setattr(self.kept.manners, name, given[name])

    def read_fault(self, given: dict[str, Any]) -> Fault:
        where = TIMELINE if given.get("kind") in ("stale", "empty_page") else CREATE
        return read_fault({"on": where, "content_type": "application/json", **given})

    def account_of(self, _: str, __: str, authorization: str) -> str | None:
        name = re.fullmatch(rf"Bearer {TOKEN_PREFIX}(\w+)", authorization, re.ASCII)
        return None if name is None else name[1]

    def echo(self, told: str) -> dict[str, Any]:
        return {"error": told}

    def limit_headers(self, account: str) -> dict[str, str]:
        limit = self.kept.manners.post_limit or 300
        now = self.world.now().astimezone(UTC)
        reset = datetime.fromtimestamp((now.timestamp() // 300 + 1) * 300, tz=UTC)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self.used(account))),
            "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        }

    def used(self, account: str) -> int:
        start = self.world.now() - timedelta(minutes=5)
        return sum(status.account == account and status.made_at > start for status in self.kept.statuses)

    def stored_by(self, call: Call, reply: Reply) -> str | None:
        is_new = reply[0] == 200 and call.method == "POST" and call.path == "/api/v1/statuses"
        # A repeat of a key is answered with what was stored before.
        return str(reply[1]["id"]) if is_new and "_repeated" not in reply[1] else None

    def perform(self, call: Call) -> Reply:
        with self.lock:
            for method, pattern, route in _ROUTES:
                if method == call.method and (match := re.fullmatch(pattern, call.path)):
                    try:
                        reply = route(self, call, *match.groups())
                        return reply if isinstance(reply, tuple) else (200, reply)
                    except RefusalError as error:
                        return error.reply
            return 404, {"error": "Record not found"}

    def timeline_without(self, fault: Fault, reply: Reply) -> Reply:
        hidden_from = 0.0 if fault.kind == "empty_page" else self.world.now().timestamp() - fault.seconds
        shown: Any = reply[1]
        kept: Any = [
            one for one in shown if datetime.fromisoformat(one["created_at"]).timestamp() < hidden_from
        ]
        return reply[0], kept

    def told_by(self, call: Call) -> dict[str, Any]:
        asked = form_of(call)
        return {
            "text": asked.get("status"),
            "picture": call.form().get("file") if is_multipart(call) else None,
            "query": call.query,
            "fields": asked,
            "key": call.headers.get("idempotency-key"),
        }

    def view_of_posts(self) -> list[dict[str, Any]]:
        return [
            {
                "id": status.id,
                "account": status.account,
                "text": status.text,
                "content": self.content_of(status),
                "fields": status.fields,
                "pictures": [
                    seen(picture.data, alt=picture.description, warning=self.is_sensitive(status))
                    for picture in self.kept.shelf.of_status(status.id)
                ],
                "made_at": status.made_at.isoformat(),
                "reply_to": status.reply_to,
                "deleted": status.deleted,
            }
            for status in self.kept.statuses
        ]

    # -- what the routes need ----------------------------------------------------------------------

    def status(self, status_id: str) -> Status:
        for status in self.kept.statuses:
            if status.id == status_id and not status.deleted:
                return status
        raise RefusalError(404, "Record not found")

    def view(self, status: Status) -> dict[str, Any]:
        address = f"http://127.0.0.1/@{status.account}/{status.id}"
        made_at = status.made_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {
            "id": status.id,
            "created_at": made_at,
            "in_reply_to_id": status.reply_to,
            "sensitive": self.is_sensitive(status),
            "spoiler_text": status.fields.get("spoiler_text", ""),
            "visibility": status.fields.get("visibility", "public"),
            "language": status.fields.get("language"),
            "uri": address,
            "url": address,
            "content": self.content_of(status),
            "reblog": None,
            "account": {"id": account_id(status.account), "username": status.account},
            "media_attachments": [one.view() for one in self.kept.shelf.of_status(status.id)],
        }

    def is_sensitive(self, status: Status) -> bool:
        """Whether followers see what is attached only after a warning."""
        is_marked = self.kept.manners.covers_by_mark and status.fields.get("sensitive") == "1"
        return is_marked or bool(status.fields.get("spoiler_text"))

    def content_of(self, status: Status) -> str:
        """The text as HTML, as Mastodon writes it."""
        hides = self.kept.manners.hides_mentions
        return html_of(REMOTE_MENTION.sub(r"\1", status.text) if hides else status.text)

    def length(self, text: str) -> int:
        text = REMOTE_MENTION.sub(r"\1", text)
        links = [link for link in find_links(text) if "://" in link.url]
        taken = sum(count_graphemes(text[link.start : link.end]) for link in links)
        return count_graphemes(text) - taken + len(links) * self.kept.manners.link_characters


def form_of(call: Call) -> dict[str, str]:
    """The fields of a form, or of a JSON body."""
    if call.content_type.startswith("application/json"):
        given = call.json()
        return (
            {name: _as_in_a_form(value) for name, value in given.items()} if isinstance(given, dict) else {}
        )
    if call.content_type.startswith("application/x-www-form-urlencoded"):
        return {
            name: values[-1] for name, values in parse_qs(call.body.decode(), keep_blank_values=True).items()
        }
    if is_multipart(call):
        return {name: value.decode() for name, value in call.form().items() if name != "file"}
    return {}


def _as_in_a_form(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def is_multipart(call: Call) -> bool:
    return call.content_type.startswith("multipart/form-data")


def account_id(account: str) -> str:
    return str(10**17 + int(hashlib.sha256(account.encode()).hexdigest()[:12], 16))


def _create(state: MastodonState, call: Call) -> dict[str, Any]:
    kept, asked, now = state.kept, form_of(call), state.world.now()
    key = call.headers.get("idempotency-key")
    known = kept.keys.get((call.account, key)) if key and kept.manners.knows_keys else None
    if known is not None and (now - known[1]).total_seconds() < kept.manners.keeps_keys_for:
        return {**state.view(state.status(known[0])), "_repeated": True}
    limit = kept.manners.post_limit
    if limit is not None and state.used(call.account) >= limit:
        raise RefusalError(429, "Too many requests")
    text, most = asked.get("status", ""), kept.manners.max_characters
    if not text.strip():
        raise RefusalError(422, "Validation failed: Text can't be blank")
    if state.length(text) + count_graphemes(asked.get("spoiler_text", "")) > most:
        raise RefusalError(422, f"Validation failed: Text character limit of {most} exceeded")
    reply_to = asked.get("in_reply_to_id")
    if reply_to:
        state.status(reply_to)
    shown = asked.get("media_ids", "").split()
    pictures = kept.shelf.to_attach(shown, account=call.account, manners=kept.manners, now=now)
    status = Status(
        # As X's ids here do, they grow.
        id=str(state.world.next_id()),
        account=call.account,
        text=text,
        fields=asked,
        made_at=now,
        reply_to=reply_to,
    )
    kept.statuses.append(status)
    for picture in pictures:
        picture.status = status.id
    if key:
        kept.keys[call.account, key] = (status.id, now)
    return state.view(status)


def _bring(state: MastodonState, call: Call) -> Reply:
    manners = state.kept.manners
    if call.path.startswith("/api/v2") and not manners.knows_media_v2:
        raise RefusalError(404, "Not Found")
    return state.kept.shelf.bring(
        call.form() if is_multipart(call) else {},
        new_id=str(state.world.next_id()),
        account=call.account,
        manners=manners,
        now=state.world.now(),
    )


def _look(state: MastodonState, call: Call, media_id: str) -> Reply:
    manners, now = state.kept.manners, state.world.now()
    return state.kept.shelf.look(media_id, account=call.account, manners=manners, now=now)


def _own_statuses(state: MastodonState, call: Call, of: str) -> Any:
    given, manners = call.parameters(), state.kept.manners
    size = min(int(given.get("limit", "20")), 40)
    newest_first = [
        status
        for status in reversed(state.kept.statuses)
        if account_id(status.account) == of and not status.deleted
    ]
    if manners.knows_pages:
        before = int(given.get("max_id", 10**30))
        newest_first = [status for status in newest_first if int(status.id) < before]
    return [state.view(status) for status in newest_first[:size]]


def _source(state: MastodonState, _: Call, status_id: str) -> dict[str, Any]:
    if not state.kept.manners.knows_source:
        raise RefusalError(404, "Not Found")
    status = state.status(status_id)
    return {"id": status.id, "text": status.text, "spoiler_text": status.fields.get("spoiler_text", "")}


def _delete(state: MastodonState, call: Call, status_id: str) -> dict[str, Any]:
    status = state.status(status_id)
    if not state.kept.manners.deletes or status.account != call.account:
        raise RefusalError(404, "Record not found")
    status.deleted = True
    return {**state.view(status), "text": status.text}


def _who_am_i(_: MastodonState, call: Call) -> dict[str, Any]:
    return {"id": account_id(call.account), "username": call.account, "acct": call.account}


def _instance(state: MastodonState, call: Call) -> dict[str, Any]:
    if call.path.startswith("/api/v2") and not state.kept.manners.knows_v2:
        raise RefusalError(404, "Not Found")
    statuses = {
        "max_characters": state.kept.manners.max_characters,
        "characters_reserved_per_url": state.kept.manners.link_characters,
        "max_media_attachments": 4,
    }
    limits = ("image_size_limit", "image_matrix_limit", "description_limit", "supported_mime_types")
    media = {name: getattr(state.kept.manners, name) for name in limits}
    configuration = {"statuses": statuses, "media_attachments": media}
    return {"version": state.kept.manners.version, "configuration": configuration}


_ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("POST", r"/api/v1/statuses", _create),
    ("GET", r"/api/v1/statuses/(\d+)/source", _source),
    ("DELETE", r"/api/v1/statuses/(\d+)", _delete),
    ("POST", r"/api/v[12]/media", _bring),
    ("GET", r"/api/v1/media/(\d+)", _look),
    ("GET", r"/api/v1/accounts/verify_credentials", _who_am_i),
    ("GET", r"/api/v1/accounts/(\d+)/statuses", _own_statuses),
    ("GET", r"/api/v[12]/instance", _instance),
)


class MastodonHandler(Handler):
    server_version = "fake-mastodon"


class FakeMastodon(FakeX):
    """A Mastodon server, as far as the bot can tell."""

    handler = MastodonHandler


def main() -> None:
    run(FakeMastodon, MastodonState, module="bot.emulator.mastodon", name="Mastodon")


if __name__ == "__main__":
    main()
