"""A fake Bluesky: an account's server (PDS) in a process of its own, with the fake X's faults and journal.

    python -m bot.emulator.bluesky --port 0 --journal FILE

Any handle exists: the app password of `anna.example.org` is `invented-app-password-of-anna.example.org`.
It answers as a PDS 0.5.35 did (2026-11-21), where the bot asks. A picture that no post shows is kept for
ever, or for the seconds of the setting `keeps_blobs_seconds`.
Control is the fake X's: POST /_fake/faults, /_fake/settings, /_fake/reset; GET /_fake/posts, /_fake/journal.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.core.clock import Clock
from bot.emulator.bluesky_blobs import Blobs
from bot.emulator.bluesky_lexicon import COLLECTION, RefusalError, check_record, invalid
from bot.emulator.bluesky_tokens import claims_of, token_of
from bot.emulator.contract import Contract
from bot.emulator.faults import Fault, read_fault
from bot.emulator.handler import Handler
from bot.emulator.routes import Call, Reply
from bot.emulator.server import FakeX
from bot.emulator.starting import run
from bot.emulator.state import State

PASSWORD_PREFIX = "invented-app-password-of-"
PUT = "POST /xrpc/com.atproto.repo.putRecord"
GET = "GET /xrpc/com.atproto.repo.getRecord"
UPLOAD = "POST /xrpc/com.atproto.repo.uploadBlob"
#: A refresh token that was used is taken for so long once more, and gives the same session again.
_GRACE = timedelta(hours=2)
_HOUR = timedelta(hours=1)


@dataclass(kw_only=True)
class StoredRecord:
    key: str
    handle: str
    value: dict[str, Any]
    cid: str
    made_at: datetime
    deleted: bool = False


class BlueskyState(State):
    """What the fake Bluesky keeps; faults, journal and clock are the fake X's."""

    accepting = (200, {"uri": f"at://did:plc:invented/{COLLECTION}/3jxtb5w2hkt2m", "cid": "bafyreiinvented"})

    def __init__(self, *, clock: Clock, journal: Path | None = None, keep_journal: bool = True) -> None:
        super().__init__(contract=Contract(None), clock=clock, journal=journal, keep_journal=keep_journal)
        #: What the request under way on this thread told, and what was made for it.
        self._here = threading.local()
        self._forget()

    def _forget(self) -> None:
        self.records: list[StoredRecord] = []
        self.blobs = Blobs()
        self.handles: dict[str, str] = {}
        #: Sessions that were renewed: the new one's number and when, by the old one's.
        self.renewed: dict[str, tuple[str, datetime]] = {}
        self.sign_ins: list[datetime] = []
        self.passwords: dict[str, str] = {}
        #: How long an access token holds, and a refresh token: seconds.
        self.access_seconds, self.refresh_seconds = 7200.0, 90 * 86400.0
        #: Tokens that were signed before the last change of this are no good any more.
        self.generation = 0
        #: Sign-ins in five minutes; writes in an hour. None: any number.
        self.sign_in_limit = 30
        self.write_limit: int | None = None
        #: Where an account's DID document says that its server is. None: here. Empty: it says nothing.
        self.pds: str | None = None

    def reset(self) -> None:
        with self.lock:
            super().reset()
            self._forget()

    def settle(self, given: dict[str, Any]) -> None:
        known = {"access_seconds", "refresh_seconds", "generation", "sign_in_limit", "write_limit"}
        if "keeps_blobs_seconds" in given:
            self.blobs.keeps_seconds = given.pop("keeps_blobs_seconds")
        own = {name: given.pop(name) for name in (known | {"passwords", "pds"}) & set(given)}
        super().settle(given)
        with self.lock:
            for name, value in own.items():
                setattr(self, name, value)

    def read_fault(self, given: dict[str, Any]) -> Fault:
        looks = given.get("kind") in ("stale", "empty_page")
        return read_fault({"on": GET if looks else PUT, "content_type": "application/json", **given})

    def account_of(self, _: str, address: str, authorization: str) -> str | None:
        """Any request is taken; the methods ask for the token."""
        self._here.host = f"http://{urlsplit(address).netloc}"
        self._here.token = authorization.removeprefix("Bearer ")
        self._here.made = None
        try:
            return self.handle_of_token("access")
        except RefusalError:
            return ""

    def echo(self, told: str) -> dict[str, Any]:
        return {"error": "Echo", "message": told}

    def limit_headers(self, account: str) -> dict[str, str]:
        if self.write_limit is None:
            return {}
        now = int(self.world.now().timestamp())
        left = max(self.write_limit - self._writes(account), 0)
        names = ("limit", "remaining", "reset")
        values = (self.write_limit, left, now + 3600 - now % 3600)
        return {f"ratelimit-{name}": str(value) for name, value in zip(names, values, strict=True)}

    def stored_by(self, call: Call, reply: Reply) -> str | None:  # noqa: ARG002
        made: str | None = self._here.made
        return made

    def timeline_without(self, fault: Fault, reply: Reply) -> Reply:  # noqa: ARG002
        return _not_found("a record that is there").reply

    def perform(self, call: Call) -> Reply:
        method = _METHODS.get((call.method, call.path.removeprefix("/xrpc/")))
        with self.lock:
            try:
                if method is None:
                    raise RefusalError(501, "MethodNotImplemented", "Method Not Implemented")
                return 200, method(self, call)
            except RefusalError as error:
                return error.reply

    def told_by(self, call: Call) -> dict[str, Any]:
        fields = call.json()
        asked = fields if isinstance(fields, dict) else {}
        record = asked.get("record")
        return {
            "text": record.get("text") if isinstance(record, dict) else None,
            "picture": call.body if UPLOAD.endswith(call.path) else None,
            "rkey": asked.get("rkey"),
            "body_sha256": hashlib.sha256(call.body).hexdigest(),
        }

    def view_of_posts(self) -> list[dict[str, Any]]:
        return [
            {
                "id": stored.key,
                "account": stored.handle,
                "text": stored.value["text"],
                "record": stored.value,
                "pictures": [] if stored.deleted else self.blobs.seen(stored.handle, stored.value),
                "cid": stored.cid,
                "made_at": stored.made_at.isoformat(),
                "reply_to": stored.value.get("reply", {}).get("parent", {}).get("uri", "").rpartition("/")[2]
                or None,
                "deleted": stored.deleted,
            }
            for stored in self.records
        ]

    # -- what the methods need ---------------------------------------------------------------------

    def session(self, handle: str, *, number: str | None = None) -> dict[str, Any]:
        """A session as the server gives it; with the number of one, that one again."""
        did, now = self.did_of(handle), self.world.now()
        number = number or f"{self.world.next_id()}"
        claims = {"sub": did, "handle": handle, "jti": number, "generation": self.generation}
        ends = (now + timedelta(seconds=self.access_seconds), now + timedelta(seconds=self.refresh_seconds))
        access, refresh = (
            token_of({**claims, "scope": f"com.atproto.{scope}", "exp": int(end.timestamp())})
            for scope, end in zip(("access", "refresh"), ends, strict=True)
        )
        given = {"did": did, "handle": handle, "accessJwt": access, "refreshJwt": refresh, "active": True}
        pds = self._here.host if self.pds is None else self.pds
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}
        return {**given, "didDoc": {"id": did, "service": [service]}} if pds else given

    def claims_of_token(self, scope: str) -> dict[str, Any]:
        token = self._here.token
        if not token:
            raise RefusalError(401, "AuthMissing", "Authentication Required")
        claims = claims_of(token)
        if claims is None or claims["scope"] != f"com.atproto.{scope}":
            raise RefusalError(400, "InvalidToken", "Token could not be verified")
        if claims["generation"] != self.generation:
            raise RefusalError(400, "InvalidToken", "Token could not be verified")
        if claims["exp"] <= self.world.now().timestamp():
            raise RefusalError(400, "ExpiredToken", "Token has expired")
        return claims

    def handle_of_token(self, scope: str) -> str:
        return str(self.claims_of_token(scope)["handle"])

    def did_of(self, handle: str) -> str:
        digest = hashlib.sha256(handle.encode()).digest()
        did = f"did:plc:{base64.b32encode(digest).decode().lower()[:24]}"
        self.handles[did] = handle
        return did

    def find(self, handle: str, key: str) -> StoredRecord | None:
        found = [one for one in self.records if (one.handle, one.key) == (handle, key) and not one.deleted]
        return found[0] if found else None

    def make(self, stored: StoredRecord) -> None:
        self.records.append(stored)
        self._here.made = stored.key

    def _writes(self, handle: str) -> int:
        start = self.world.now() - _HOUR
        return sum(one.handle == handle and one.made_at > start for one in self.records)

    def check_limit(self, handle: str) -> None:
        if self.write_limit is not None and self._writes(handle) >= self.write_limit:
            raise RefusalError(429, "RateLimitExceeded", "Rate Limit Exceeded")


def _create_session(state: BlueskyState, call: Call) -> dict[str, Any]:
    asked, now = call.json() or {}, state.world.now()
    state.sign_ins = [at for at in state.sign_ins if now - at < timedelta(minutes=5)] + [now]
    if len(state.sign_ins) > state.sign_in_limit:
        raise RefusalError(429, "RateLimitExceeded", "Rate Limit Exceeded")
    handle = str(asked.get("identifier", ""))
    if asked.get("password") != state.passwords.get(handle, PASSWORD_PREFIX + handle):
        raise RefusalError(401, "AuthenticationRequired", "Invalid identifier or password")
    return state.session(handle)


def _refresh_session(state: BlueskyState, _: Call) -> dict[str, Any]:
    claims, now = state.claims_of_token("refresh"), state.world.now()
    number, since = state.renewed.get(claims["jti"], ("", now))
    if now - since > _GRACE:
        raise RefusalError(400, "ExpiredToken", "Token has been revoked")
    session = state.session(claims["handle"], number=number or None)
    state.renewed.setdefault(claims["jti"], (str((claims_of(session["refreshJwt"]) or {})["jti"]), now))
    return session


def _get_session(state: BlueskyState, _: Call) -> dict[str, Any]:
    handle = state.handle_of_token("access")
    return {"did": state.did_of(handle), "handle": handle, "active": True}


def _put_record(state: BlueskyState, call: Call) -> dict[str, Any]:
    handle, asked = state.handle_of_token("access"), call.json()
    if not isinstance(asked, dict) or not isinstance(asked.get("record"), dict):
        raise invalid("Input must have the property record")
    record, key = asked["record"], str(asked.get("rkey"))
    if asked.get("repo") not in (state.did_of(handle), handle):
        raise invalid("Could not find repo")
    check_record(record, collection=asked.get("collection"), key=key)
    state.check_limit(handle)
    stored, cid = state.find(handle, key), _cid(record)
    uri = f"at://{state.did_of(handle)}/{COLLECTION}/{key}"
    answer = {"uri": uri, "cid": cid, "validationStatus": "valid"}
    if "swapRecord" in asked and stored is not None and stored.cid not in (cid, asked["swapRecord"]):
        raise RefusalError(400, "InvalidSwap", f"Record was at {stored.cid}")
    if stored is None or stored.cid != cid:
        # The same record again changes nothing, and asks for no picture.
        state.blobs.show(handle, record, now=state.world.now())
    if stored is None:
        state.make(StoredRecord(key=key, handle=handle, value=record, cid=cid, made_at=state.world.now()))
    elif stored.cid != cid:
        # Without swapRecord it writes over what is there.
        stored.value, stored.cid = record, cid
    return answer


def _get_record(state: BlueskyState, call: Call) -> dict[str, Any]:
    given = call.parameters()
    repo, key = given.get("repo", ""), given.get("rkey", "")
    handle = state.handles.get(repo, repo if not repo.startswith("did:") else None)
    if handle is None:
        raise RefusalError(502, "UpstreamFailure", "Upstream service unreachable")
    uri = f"at://{state.did_of(handle)}/{given.get('collection')}/{key}"
    stored = state.find(handle, key)
    if stored is None or given.get("collection") != COLLECTION:
        raise _not_found(uri)
    return {"uri": uri, "cid": stored.cid, "value": stored.value}


def _delete_record(state: BlueskyState, call: Call) -> dict[str, Any]:
    handle, asked = state.handle_of_token("access"), call.json() or {}
    stored = state.find(handle, str(asked.get("rkey")))
    if stored is not None:
        stored.deleted = True
        left = (one.value for one in state.records if one.handle == handle and not one.deleted)
        state.blobs.forget(handle, left)
    return {}


def _upload_blob(state: BlueskyState, call: Call) -> dict[str, Any]:
    handle = state.handle_of_token("access")
    return state.blobs.take(handle, call.body, declared=call.content_type, now=state.world.now())


def _get_blob(state: BlueskyState, call: Call) -> dict[str, Any]:
    given = call.parameters()
    blob = state.blobs.shown(state.handles.get(given.get("did", ""), ""), given.get("cid", ""))
    return {"bytes": blob.data, "mimeType": blob.media_type}


def _not_found(uri: str) -> RefusalError:
    return RefusalError(400, "RecordNotFound", f"Could not locate record: {uri}")


_METHODS: dict[tuple[str, str], Callable[[BlueskyState, Call], dict[str, Any]]] = {
    ("POST", "com.atproto.server.createSession"): _create_session,
    ("POST", "com.atproto.server.refreshSession"): _refresh_session,
    ("GET", "com.atproto.server.getSession"): _get_session,
    ("POST", "com.atproto.repo.putRecord"): _put_record,
    ("GET", "com.atproto.repo.getRecord"): _get_record,
    ("POST", "com.atproto.repo.deleteRecord"): _delete_record,
    ("POST", "com.atproto.repo.uploadBlob"): _upload_blob,
    ("GET", "com.atproto.sync.getBlob"): _get_blob,
}


def _cid(record: dict[str, Any]) -> str:
    """A name for the record's content, in the shape of a CID; the real one is made of DAG-CBOR."""
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=False).encode()
    digest = b"\x01\x71\x12\x20" + hashlib.sha256(canonical).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


class BlueskyHandler(Handler):
    server_version = "fake-bluesky"

    def _send_json(self, reply: Reply, headers: dict[str, str]) -> None:
        status, body = reply
        if isinstance(body.get("bytes"), bytes):
            self._send(status, body["bytes"], body["mimeType"], {}, headers)
        else:
            super()._send_json(reply, headers)


class FakeBluesky(FakeX):
    """An account's server on Bluesky, as far as the bot can tell."""

    handler = BlueskyHandler


def main() -> None:
    run(FakeBluesky, BlueskyState, module="bot.emulator.bluesky", name="Bluesky")


if __name__ == "__main__":
    main()
