"""What the server keeps: the world, the faults, the journal; one request at a time changes them."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from pathlib import Path
from typing import Any

from bot.core.clock import Clock, SystemClock
from bot.emulator.contract import Contract
from bot.emulator.faults import Fault, Script, read_fault
from bot.emulator.pictures import seen
from bot.emulator.routes import DUPLICATE, Call, Reply, Stamp, answer, invalid, problem
from bot.emulator.signing import Signatures
from bot.emulator.world import StoredPost, World


class State:
    #: What it answers in place of X where nothing was done, and the answer says that something was.
    accepting: Reply = (201, {"data": {"id": "1", "text": ""}})
    #: What `duplicate` answers, whether it is true or not.
    says_duplicate: Reply = DUPLICATE
    #: What it answers to whom it does not know.
    unauthorized: Reply = (401, problem(401, "Unauthorized", "Unauthorized"))

    def __init__(
        self,
        *,
        contract: Contract,
        clock: Clock,
        journal: Path | None = None,
        keep_journal: bool = True,
        show: bool = False,
    ) -> None:
        self.contract = contract
        self._clock = clock
        #: The machine's own, for the journal and the signatures: never a faster one.
        self._real = SystemClock()
        self.world = World(clock=clock)
        self.script = Script()
        self.signatures = Signatures()
        self.violations: list[str] = []
        self.journal: list[dict[str, Any]] = []
        #: Set when what was under way no longer counts: after a reset, and at the end.
        self.over = threading.Event()
        self.lock = threading.RLock()
        self._file = journal.open("a", encoding="utf-8") if journal else None
        self._keep_journal = keep_journal
        self._show = show

    def reset(self) -> None:
        with self.lock:
            self.over.set()
            self.over = threading.Event()
            # Ids keep growing, as X's do.
            self.world = World(clock=self._clock, last_id=self.world.last_id)
            self.script = Script()
            self.violations.clear()
            self.journal.clear()
            self._write({"event": "reset"})

    def settle(self, given: dict[str, Any]) -> None:
        """Change how this X behaves. Raises ValueError for a setting it has not."""
        known = {"vocabulary", "long_posts", "post_limit", "takes_duplicates", "clock_offset_seconds"}
        known.add("processing_questions")
        if unknown := set(given) - known:
            raise ValueError(f"no setting {sorted(unknown)}; there are: {sorted(known)}")
        with self.lock:
            for name, value in given.items():
                setattr(self.world, name, value)

    def script_faults(self, given: dict[str, Any]) -> None:
        """Add `faults` to those that wait; or set `chance`, `seed` and the faults `among` which it falls."""
        with self.lock:
            self.script.faults += [self.read_fault(fault) for fault in given.get("faults", ())]
            if "chance" in given:
                self.script.chance = float(given["chance"])
                self.script.among = [self.read_fault(fault) for fault in given["among"]]
                self.script.dice = random.Random(given.get("seed"))

    def read_fault(self, given: dict[str, Any]) -> Fault:
        return read_fault(given)

    def account_of(self, method: str, address: str, authorization: str) -> str | None:
        """Whose request it is; None when that cannot be told."""
        return self.signatures.account_of(method, address, authorization)

    def echo(self, told: str) -> dict[str, Any]:
        """The body of an error that repeats what the request told."""
        return {"title": "Echo", "detail": told}

    def stored_by(self, call: Call, reply: Reply) -> str | None:
        """The id of the post that was stored for a call; None when none was."""
        is_post = reply[0] == 201 and call.path == "/2/tweets"
        post_id: str | None = reply[1]["data"]["id"] if is_post else None
        return post_id

    def perform(self, call: Call) -> Reply:
        """Do what the call asks for, and hold both sides against X's description."""
        with self.lock:
            if call.content_type.startswith("application/json") and call.json() is None:
                return invalid("The body is no JSON.")
            said = None
            if self.world.vocabulary == "current":
                said = self.contract.problem_of_request(call.method, call.path, call.query, _fields(call))
            status, body = answer(self.world, call) if said is None else invalid(said)
            if wrong := self.contract.problem_of_answer(call.method, call.path, status, body):
                self.violations.append(f"answer {status} to {call.method} {call.path}: {wrong}")
            if call.method == "POST" and call.path == "/2/tweets" and status == 201:
                self._print(self.world.posts[int(body["data"]["id"])])
            return status, body

    def timeline_without(self, fault: Fault, reply: Reply) -> Reply:
        """A timeline that lags behind, or shows nothing."""
        hidden_from = 0.0 if fault.kind == "empty_page" else self.world.now().timestamp() - fault.seconds
        data = [
            post
            for post in reply[1].get("data", ())
            if self.world.posts[int(post["id"])].made_at.timestamp() < hidden_from
        ]
        meta = {"result_count": len(data)}
        return reply[0], {"data": data, "meta": meta} if data else {"meta": meta}

    def limit_headers(self, account: str) -> dict[str, str]:
        now = int(self.world.now().timestamp())
        limit = 100 if self.world.post_limit is None else self.world.post_limit
        return {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(limit - self.world.used(account), 0)),
            "x-rate-limit-reset": str(now + 900 - now % 900),
        }

    def record(self, call: Call, *, fault: Fault | None, status: int | None, stored: str | None) -> None:
        """Append to the journal: what arrived, and whether a post was stored for it."""
        told = self.told_by(call)
        text, picture = told.pop("text", None), told.pop("picture", None)
        self._write(
            {
                "event": "request",
                **call.arrived,
                "account": call.account,
                "connection": call.connection,
                "method": call.method,
                "path": call.path,
                **told,
                "picture_sha256": hashlib.sha256(picture).hexdigest() if isinstance(picture, bytes) else None,
                "text_sha256": hashlib.sha256(text.encode()).hexdigest() if isinstance(text, str) else None,
                "committed": stored is not None,
                "post": stored,
                "fault": None if fault is None else f"{fault.kind} {fault.when}",
                "status": status,
            }
        )

    def told_by(self, call: Call) -> dict[str, Any]:
        """What the journal says of a request: `text` and `picture` by their digests, the rest as it is."""
        asked = call.json() if call.content_type.startswith("application/json") else None
        text = asked.get("text") if isinstance(asked, dict) else None
        return {"text": text, "body_sha256": hashlib.sha256(call.body).hexdigest()}

    def record_refusal(self) -> None:
        self._write({"event": "refused", "committed": False})

    def view_of_posts(self) -> list[dict[str, Any]]:
        """Every post of every account, oldest first, deleted ones too."""
        return [
            {
                "id": str(post.id),
                "account": post.account,
                "text": post.text,
                "shown": post.shown,
                "made_at": post.made_at.isoformat(),
                "reply_to": None if post.reply_to is None else str(post.reply_to),
                "media": post.media,
                "pictures": [
                    seen(media.data, alt=media.alt, warning=media.warns)
                    for media in map(self.world.media.__getitem__, post.media)
                ],
                "deleted": post.deleted,
            }
            for post in sorted(self.world.posts.values(), key=lambda post: post.id)
        ]

    def stamp(self) -> Stamp:
        """This moment on two clocks: the wall's for people, the machine's own for proofs."""
        return {
            "at": self._real.now().isoformat(timespec="microseconds"),
            "monotonic_ns": int(self._real.monotonic() * 1e9),
        }

    def _write(self, entry: dict[str, Any]) -> None:
        with self.lock:
            stamped = {**self.stamp(), **entry}
            if self._keep_journal:
                self.journal.append(stamped)
            if self._file:
                self._file.write(json.dumps(stamped) + "\n")
                self._file.flush()

    def _print(self, post: StoredPost) -> None:
        if self._show:
            reply = f", in reply to {post.reply_to}" if post.reply_to else ""
            print(f"{post.made_at:%H:%M:%S} @{post.account} (post {post.id}{reply})")
            print("\n".join(f"  {line}" for line in post.text.splitlines()) + "\n", flush=True)


def _fields(call: Call) -> Any:
    """The body as X describes it: JSON, or the fields of a form, numbers among them."""
    if not call.content_type.startswith("multipart/form-data"):
        return call.json() if call.content_type.startswith("application/json") else None
    # What the bytes of the media are, the description does not say.
    return {name: "" if name == "media" else _typed(value.decode()) for name, value in call.form().items()}


def _typed(value: str) -> object:
    return int(value) if value.isdecimal() else value
