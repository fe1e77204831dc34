"""Options that several commands share, and the kinds of values they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.core.post import State

if TYPE_CHECKING:
    from bot.pipeline.moments import Moment

Command = TypeVar("Command", bound=Callable[..., Any])

#: Further ahead nobody plans, and beyond year 9999 there are no dates.
_MOST_DAYS = 3660


#: A number of a post, or of posts: what the databases' row numbers reach.
NUMBER = click.IntRange(1, 2**63 - 1)


class MomentType(click.ParamType["Moment"]):
    """`now`, a day, wall time, or RFC 3339."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        from bot.pipeline.moments import Moment, parse_moment

        if isinstance(value, Moment):
            return value
        try:
            return parse_moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DayType(click.ParamType[date]):
    """A day of the calendar."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            self.fail(f"{value!r} is no day: write e.g. 2027-03-31", param, ctx)


class ByLanguageType(click.ParamType[tuple[str, str]]):
    """A text with its language before it: `en=A street at night`."""

    name = "text by language"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        language, equals, text = value.partition("=")
        if equals and language.strip() and not text.strip():
            self.fail(
                f"the description in {language.strip()} is empty: say what the picture shows", param, ctx
            )
        if not equals or not language.strip():
            self.fail(f"{value!r} names no language: write e.g. en='A street at night'", param, ctx)
        return language.strip(), text.strip()


class StateType(click.Choice[str]):
    """A state of a post."""

    name = "state"

    def __init__(self) -> None:
        super().__init__([state.value for state in State], case_sensitive=False)


def as_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def by(command: Command) -> Command:
    return click.option("--by", metavar="NAME", help="Who decides; your login name unless given.")(command)


def campaign(command: Command) -> Command:
    return click.option("--campaign", metavar="C", help="Of this campaign only.")(command)


def account(command: Command) -> Command:
    return click.option("--account", metavar="A", help="Of this account only.")(command)


def language(command: Command) -> Command:
    return click.option("--language", metavar="L", help="In this language only, e.g. ar.")(command)


def days(*, default: int | None, text: str) -> Callable[[Command], Command]:
    """`--days N`, from 1 on."""
    return click.option(
        "--days",
        type=click.IntRange(1, _MOST_DAYS),
        metavar="N",
        default=default,
        help=text,
    )


def reason(command: Command) -> Command:
    return click.option(
        "--reason", required=True, metavar="R", callback=_not_blank, help="Why; the send log keeps it."
    )(command)


def posts(command: Command) -> Command:
    return click.argument("posts", metavar="POST...", type=NUMBER, nargs=-1, required=True)(command)


def decider(name: str | None) -> str:
    """The name that the send log will show. Raises UsageError when none is known."""
    if name is not None and name.strip():
        return name.strip()
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        raise click.UsageError("nobody knows your login name: say who decides with --by NAME") from None


def person_here() -> str:
    """The name of the single person who uses the console: the login name, where there is one."""
    try:
        return decider(None)
    except click.UsageError:
        return "operator"


def within(number: int | None) -> timedelta | None:
    return None if number is None else timedelta(days=number)


def _not_blank(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("it is empty: write it in a few words")
    return value.strip()
