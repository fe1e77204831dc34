"""X's API, as far as the bot speaks it: each route takes a call and gives a status and a JSON body."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from bot.emulator.pictures import measure
from bot.emulator.world import (
    MAX_ALT,
    MAX_IMAGE_BYTES,
    MAX_LONG_WEIGHT,
    MAX_WEIGHT,
    MEDIA_KEPT,
    StoredMedia,
    World,
    page_token,
    post_view,
    read_page_token,
    user_id,
)
from bot.text.graphemes import utf16_length
from bot.text.weighted import weighted_length

Reply = tuple[int, dict[str, Any]]
#: A moment on the wall's clock and on the machine's own, which never steps: `at` and `monotonic_ns`.
Stamp = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One signed request."""

    method: str
    path: str
    query: str
    account: str
    content_type: str
    body: bytes
    #: The client's port: the same for requests on one connection.
    connection: int
    #: When it had arrived whole.
    arrived: Stamp
    #: By their names in small letters.
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            return None

    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form(self) -> dict[str, bytes]:
        """The fields of a multipart body, or of a JSON one with its `media` in base64."""
        if self.content_type.startswith("multipart/form-data"):
            head = f"Content-Type: {self.content_type}\r\n\r\n".encode()
            message = message_from_bytes(head + self.body, policy=HTTP)
            return {
                str(part.get_param("name", header="content-disposition")): _bytes_of(part)
                for part in message.iter_parts()
            }
        fields = self.json() or {}
        return {
            name: base64.b64decode(value) if name == "media" else str(value).encode()
            for name, value in fields.items()
        }


def answer(world: World, call: Call) -> Reply:
    """Do what the call asks for, as X would."""
    for method, pattern, route in _ROUTES:
        if method == call.method and (match := re.fullmatch(pattern, call.path)):
            return route(world, call, *match.groups())
    return 404, problem(404, "Not Found", "Not Found")


def problem(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": "about:blank", "status": status}


def invalid(message: str) -> Reply:
    """X's answer to a request that it cannot take."""
    return 400, {
        "errors": [{"message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
    }


DUPLICATE: Reply = (
    403,
    problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."),
)


def _create_post(world: World, call: Call) -> Reply:
    asked = call.json()
    if not isinstance(asked, dict):
        return invalid("The body is no JSON object.")
    text, media = asked.get("text", ""), asked.get("media", {}).get("media_ids", [])
    reply_to = asked.get("reply", {}).get("in_reply_to_tweet_id")
    if not text.strip() and not media:
        return invalid("$.text: is missing or empty.")
    if world.post_limit is not None and world.used(call.account) >= world.post_limit:
        return 429, problem(429, "Too Many Requests", "Too Many Requests")
    if weighted_length(text) > (MAX_LONG_WEIGHT if world.long_posts else MAX_WEIGHT):
        return invalid("Your Tweet text is too long. For the most up-to-date limits, see the documentation.")
    if any(letter in text for letter in "\ufeff\ufffe\uffff"):
        return invalid("Your Tweet text has characters that are not valid.")
    shown = [world.media_of(call.account, name) for name in media]
    if not all(one is not None and _is_usable(one) for one in shown):
        return invalid("Your media IDs are invalid.")
    parent = world.posts.get(int(reply_to)) if reply_to else None
    if reply_to and (parent is None or parent.deleted):
        return invalid("You attempted to reply to a Tweet that is deleted or not visible to you.")
    if parent and parent.account != call.account:
        refused = "You can only reply to or quote posts where you are mentioned or are the author."
        return 403, problem(403, "Forbidden", refused)
    if world.has_duplicate(call.account, text):
        return DUPLICATE
    post = world.add_post(call.account, text, reply_to=int(reply_to) if reply_to else None, media=media)
    return 201, {"data": post_view(post, set(), vocabulary=world.vocabulary)}


def _delete_post(world: World, call: Call, post_id: str) -> Reply:
    post = world.posts.get(int(post_id))
    if post is None or post.account != call.account:
        return 403, problem(403, "Forbidden", "You are not allowed to delete this Tweet.")
    world.delete(post)
    return 200, {"data": {"deleted": True}}


def _who_am_i(world: World, call: Call) -> Reply:
    name = call.account.replace("_", " ").title()
    return 200, {"data": {"id": user_id(call.account), "name": name, "username": call.account}}


def _timeline(world: World, call: Call, of: str) -> Reply:
    given = call.parameters()
    fields_name = "post.fields" if world.vocabulary == "current" else "tweet.fields"
    known = ["id", "max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id"]
    known += ["exclude", fields_name]
    if unknown := [name for name in given if name not in known]:
        return invalid(f"The query parameter [{unknown[0]}] is not one of [{','.join(known)}]")
    size = int(given.get("max_results", "10"))
    if not 5 <= size <= 100:
        return invalid(f"The `max_results` query parameter value [{size}] is not between 5 and 100")
    before = read_page_token(given["pagination_token"]) if "pagination_token" in given else 10**19
    if before is None:
        return invalid("The `pagination_token` query parameter value is not valid")
    start, end = (_moment(given.get(name)) for name in ("start_time", "end_time"))
    matching = (
        post
        for post in world.of(call.account, since=start)
        if user_id(call.account) == of
        and int(given.get("since_id", "0")) < post.id < min(before, int(given.get("until_id", 10**19)))
        and (end is None or post.made_at < end)
        and not ("replies" in given.get("exclude", "") and post.reply_to)
    )
    # One more than a page holds: whether there is a next page is all that is asked of the rest.
    found = list(islice(matching, size + 1))
    page, fields = found[:size], set(given.get(fields_name, "").split(","))
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": str(page[0].id), "oldest_id": str(page[-1].id)}
    if len(found) > size:
        meta["next_token"] = page_token(page[-1].id)
    data = [post_view(post, fields, vocabulary=world.vocabulary) for post in page]
    return 200, {"data": data, "meta": meta} if data else {"meta": meta}


def _upload(world: World, call: Call) -> Reply:
    form = call.form()
    if "media" not in form or "media_category" not in form:
        return invalid("media and media_category are required")
    if len(form["media"]) > MAX_IMAGE_BYTES:
        return 413, problem(413, "Payload Too Large", "The file is larger than 5 MB.")
    measures = measure(form["media"])
    if measures is None:
        return invalid("The media type of this file is not supported.")
    media = world.add_media(call.account, form["media"])
    image = {"w": measures.width, "h": measures.height, "image_type": measures.media_type}
    view = {**_media_view(media), "size": len(media.data), "image": image}
    return 200, {"data": {**view, **_processing(media)}}


def _initialize(world: World, call: Call) -> Reply:
    asked = call.json() or {}
    media = world.add_media(call.account, segments={}, total=asked.get("total_bytes", 0))
    media.questions_left = max(media.questions_left, 1)
    return 200, {"data": _media_view(media)}


def _append(world: World, call: Call, media_id: str) -> Reply:
    form, media = call.form(), world.media_of(call.account, media_id)
    if media is None or media.segments is None or "media" not in form:
        return invalid("segment_index and media of an initialized upload are required")
    media.segments[int(form["segment_index"])] = form["media"]
    return 200, {"data": {"expires_at": int(world.now().timestamp()) + 86_400}}


def _finalize(world: World, call: Call, media_id: str) -> Reply:
    media = world.media_of(call.account, media_id)
    if media is None or media.segments is None:
        return invalid("This upload was not initialized.")
    media.data = b"".join(part for _, part in sorted(media.segments.items()))
    if len(media.data) != media.total:
        return invalid(f"Expected {media.total} bytes, received {len(media.data)}.")
    return 200, {"data": {**_media_view(media), "size": media.total, **_processing(media)}}


def _upload_status(world: World, call: Call) -> Reply:
    media = world.media_of(call.account, call.parameters().get("media_id", ""))
    if call.parameters().get("command") != "STATUS" or media is None:
        return invalid("command=STATUS and a known media_id are required")
    media.questions_left = max(media.questions_left - 1, min(media.questions_left, 0))
    done = {"processing_info": {"state": "succeeded", "progress_percent": 100}}
    return 200, {"data": {**_media_view(media), **(_processing(media) or done)}}


def _metadata(world: World, call: Call) -> Reply:
    asked = call.json() or {}
    media = world.media_of(call.account, asked.get("id", ""))
    if media is None:
        return invalid("$.id: is no media of this account.")
    given = asked.get("metadata", {})
    words = given.get("alt_text", {}).get("text")
    if words is not None and utf16_length(words) > MAX_ALT:
        return invalid(f"$.metadata.alt_text.text: is longer than {MAX_ALT}.")
    media.alt = words
    media.warns = any(given.get("sensitive_media_warning", {}).values())
    return 200, {"data": {"id": media.id, "associated_metadata": given}}


def _media_view(media: StoredMedia) -> dict[str, Any]:
    kept = int(MEDIA_KEPT.total_seconds())
    return {"id": media.id, "media_key": f"3_{media.id}", "expires_after_secs": kept}


def _processing(media: StoredMedia) -> dict[str, Any]:
    """What X says of a picture that it is not done with; nothing once it is."""
    if media.questions_left < 0:
        return {"processing_info": {"state": "failed"}}
    state = {"state": "pending", "check_after_secs": 1}
    return {"processing_info": state} if media.questions_left else {}


def _is_usable(media: StoredMedia) -> bool:
    return bool(media.data) and media.questions_left == 0


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


_ROUTES: tuple[tuple[str, str, Callable[..., Reply]], ...] = (
    ("POST", r"/2/tweets", _create_post),
    ("DELETE", r"/2/tweets/(\d+)", _delete_post),
    ("GET", r"/2/users/me", _who_am_i),
    ("GET", r"/2/users/(\d+)/tweets", _timeline),
    ("POST", r"/2/media/upload", _upload),
    ("POST", r"/2/media/upload/initialize", _initialize),
    ("POST", r"/2/media/upload/(\d+)/append", _append),
    ("POST", r"/2/media/upload/(\d+)/finalize", _finalize),
    ("GET", r"/2/media/upload", _upload_status),
    ("POST", r"/2/media/metadata", _metadata),
)
