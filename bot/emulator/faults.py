"""Faults on demand: which request is spoiled, how, and whether its post was stored before."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

CREATE = "POST /2/tweets"
TIMELINE = "GET /2/users/{id}/tweets"

#: Each kind, with what it does; those marked after leave a post behind unless told otherwise.
KINDS = {
    "refuse": "the connection is reset at once, unread",
    "drop": "the connection is closed without an answer",
    "reset": "the connection is reset without an answer",
    "status": "an answer with `status`, and `body`, `headers`, `content_type` if given",
    "errors_only": "200 with nothing but errors",
    "duplicate": "403: duplicate content, true (after) or false (before)",
    "echo": "an answer with `status` that repeats the request's credentials, in `body` too if none is given",
    "redirect": "307 to another address of this server",
    "truncated": "half of the answer, then the end",
    "wrong_json": "an accepting answer that is no JSON",
    "empty": "an accepting answer without a body",
    "dribble": "one byte each `interval` seconds, of the `head` or the `body`",
    "late": "the answer after `seconds`; when `before`, the post is stored only then",
    "stale": "a timeline without the posts of the last `seconds`",
    "empty_page": "a timeline that shows nothing",
}
_AFTER = {"truncated", "wrong_json", "empty", "dribble", "late"}


@dataclass(kw_only=True)
class Fault:
    kind: str
    #: `before`: the fault strikes before anything is stored; `after`: what was asked for is done first.
    when: str
    on: str
    times: int = 1
    account: str | None = None
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/problem+json"
    seconds: float = 1.0
    interval: float = 1.0
    part: str = "body"
    #: Whether a dribbled answer says how long it is.
    sized: bool = True

    @property
    def commits(self) -> bool:
        return self.when == "after"

    def strikes(self, method: str, path: str, account: str | None) -> bool:
        wanted_method, _, template = self.on.partition(" ")
        form = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
        here = wanted_method == method and re.fullmatch(form, path) is not None
        return here and self.account in (None, account)


def read_fault(given: dict[str, Any]) -> Fault:
    """Raises ValueError, in words, for a fault that this server does not know."""
    kind = given.get("kind", "")
    if kind not in KINDS:
        raise ValueError(f"no fault {kind!r}; there are: {', '.join(KINDS)}")
    defaults = {
        "when": "after" if kind in _AFTER else "before",
        "on": TIMELINE if kind in ("stale", "empty_page") else CREATE,
    }
    try:
        fault = Fault(**{**defaults, **given})
    except TypeError as error:
        raise ValueError(f"fault {kind!r}: {error}") from error
    if fault.when not in ("before", "after"):
        raise ValueError(f"fault {kind!r}: when is 'before' or 'after', not {fault.when!r}")
    return fault


@dataclass(kw_only=True)
class Script:
    """Faults in their order; after them, perhaps, faults by chance."""

    faults: list[Fault] = field(default_factory=list)
    chance: float = 0.0
    among: list[Fault] = field(default_factory=list)
    dice: random.Random = field(default_factory=random.Random)

    def take(self, method: str, path: str, account: str | None) -> Fault | None:
        """The fault for this request, used up; None when it is to be answered as X would."""
        for fault in self.faults:
            if fault.kind != "refuse" and fault.strikes(method, path, account):
                return self._used(fault)
        here = [fault for fault in self.among if fault.strikes(method, path, account)]
        return self.dice.choice(here) if here and self.dice.random() < self.chance else None

    def take_refusal(self) -> bool:
        """Whether the next connection is to be refused."""
        refusals = [fault for fault in self.faults if fault.kind == "refuse"]
        return bool(refusals) and self._used(refusals[0]) is not None

    def _used(self, fault: Fault) -> Fault:
        fault.times -= 1
        if fault.times <= 0:
            self.faults.remove(fault)
        return fault
