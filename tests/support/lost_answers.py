"""Answers after which nobody knows whether a request was obeyed, whatever network it went to."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.mark import ParameterSet

from bot.core.errors import UnconfirmedError


def lost_answers(body: Any = "<html>unavailable</html>") -> list[ParameterSet]:
    """Faults, each with its error and whether the post was stored; `body` is that of a server's own error."""
    whens = ("before", "after")
    faults: dict[str, dict[str, Any]] = {
        **{f"{kind} {when}": {"kind": kind, "when": when} for kind in ("drop", "reset") for when in whens},
        **{
            f"{status} {when}": {"kind": "status", "status": status, "when": when, "body": body}
            for status in (408, 409, 500, 502, 503, 504)
            for when in whens
        },
        **{kind: {"kind": kind, "when": "after"} for kind in ("truncated", "wrong_json", "empty")},
    }
    return [
        pytest.param(fault, UnconfirmedError, fault["when"] == "after", id=name)
        for name, fault in faults.items()
    ]
