"""Errors are one tree, and say everything at once."""

from __future__ import annotations

import inspect

from bot.core import errors
from bot.core.errors import (
    AccountError,
    BotError,
    ConfigError,
    ContentError,
    Problem,
    PublishError,
    RejectedError,
)


def _errors() -> dict[str, type[Exception]]:
    return {
        name: one
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, Exception) and not name.startswith("_")
    }


def test_every_error_is_in_the_tree_that_is_drawn():
    drawn = errors.__doc__ or ""

    assert all(issubclass(one, BotError) for one in _errors().values())
    assert [name for name in _errors() if name not in drawn] == []


def test_an_account_error_is_certainly_not_sent():
    assert issubclass(AccountError, RejectedError)
    assert issubclass(RejectedError, PublishError)


def test_all_problems_are_told_at_once_each_with_its_place_and_remedy():
    problems = [
        Problem(where="content/a/facts.yaml", line=12, what="no source", remedy="name one"),
        Problem(where="BOT_MODE", what="is no mode"),
    ]

    for error in (ContentError(problems), ConfigError(problems)):
        assert str(error) == "content/a/facts.yaml:12: no source — name one\nBOT_MODE: is no mode"
        assert error.problems == tuple(problems)
