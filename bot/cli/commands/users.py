"""`users`: who may sign in to the console, and with which role."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.catalogue import USERS
from bot.cli.documents import moment_or_none, write_document
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, pass_session
from bot.cli.writing import rfc3339
from bot.core.people import Role

if TYPE_CHECKING:
    from bot.pipeline.register import Standing

_ROLES = click.Choice([role.value for role in Role])
_name: Callable[[options.Command], options.Command] = click.argument("name", metavar="NAME")


@click.group(cls=LazyGroup, entries=USERS)
def users() -> None:
    """Say who may sign in to the console.

    Without users there is one person, who comes in from this machine by a one-time link. With the first
    user everybody signs in. Roles, each may do all that those before it may: viewer reads; author writes,
    queues and can stop everything; approver approves, releases and resumes; admin adds users. Approvers and
    admins type a code from an app, too.

    \b
    Example:
      campaign-bot users add Huda --role admin
    """


@click.command(name="add")
@_name
@click.option("--role", "role_name", required=True, type=_ROLES, help="What the user may do.")
@options.by
@pass_session
def add(session: Session, *, name: str, role_name: str, by: str | None) -> None:
    """Add a user, and print a link to choose a password: it works once, for 24 hours.

    Give it to the user on a way that nobody else reads. No password is ever typed on a command line.

    \b
    Example:
      campaign-bot users add Huda --role approver
    """
    register = session.app.register(options.decider(by))
    is_first = not register.users()
    token = register.add(name, Role(role_name))
    session.page.line(f"Added: {' '.join(name.split())}, {role_name}.", style="bold")
    if is_first:
        session.page.line("From now on everybody signs in; whoever came in by a one-time link is out.")
    _print_link(session, token)
    if not any(one.role is Role.ADMIN for one in register.users()):
        told = "there is no admin yet: users are added and removed on the command line alone"
        session.complain(told, is_error=False)


@click.command(name="list")
@options.as_json
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """Show who may sign in: role, whether password and codes are set up, and when last seen.

    \b
    Example:
      campaign-bot users list --json
    """
    found = session.app.register(options.person_here()).users()
    if as_json:
        write_document({"users": [_document(one) for one in found]})
        return
    if not found:
        session.page.line("There are no users: one person comes in by a one-time link, from this machine.")
        return
    rows = [[one.name, one.role.value, _stands(one), _seen(one)] for one in found]
    session.page.table(["name", "role", "stands", "last seen (UTC)"], rows)


@click.command(name="role")
@_name
@click.argument("role_name", metavar="ROLE", type=_ROLES)
@options.by
@pass_session
def role(session: Session, *, name: str, role_name: str, by: str | None) -> None:
    """Give a user another role, from the next sign-in on; who is signed in is signed out.

    \b
    Example:
      campaign-bot users role Huda author
    """
    written = session.app.register(options.decider(by)).set_role(name, Role(role_name))
    session.page.line(f"{written} is {role_name} from now on, and signs in again.", style="bold")


@click.command(name="reset")
@_name
@options.by
@pass_session
def reset(session: Session, *, name: str, by: str | None) -> None:
    """Forget a user's password and codes, and print a link to choose anew; also opens a closed door.

    \b
    Example:
      campaign-bot users reset Huda
    """
    written, token = session.app.register(options.decider(by)).reset(name)
    session.page.line(f"Reset: {written} is signed out, and sets up password and codes anew.", style="bold")
    _print_link(session, token)


@click.command(name="remove")
@_name
@options.by
@pass_session
def remove(session: Session, *, name: str, by: str | None) -> None:
    """Let a user in no more; who is signed in is signed out. The send log keeps the name.

    \b
    Example:
      campaign-bot users remove Huda
    """
    register = session.app.register(options.decider(by))
    written = register.remove(name)
    session.page.line(f"Removed: {written}.", style="bold")
    if not register.users():
        told = "there are no users any more: whoever has a one-time link comes in, from this machine"
        session.complain(told, is_error=False)


def _print_link(session: Session, token: str) -> None:
    session.page.line("The link to choose a password, once, within 24 hours:")
    session.page.line(f"{session.settings.console_address}/password/{token}")
    if session.settings.console_url is None and session.settings.console_port == 0:
        session.complain(NO_PORT, is_error=False)


#: Port 0 is another one at each start.
NO_PORT = "BOT_CONSOLE_PORT is 0: write the port that `run` printed into the link"


def _stands(user: Standing) -> str:
    if not user.has_password:
        return "no password yet"
    return "no codes yet" if user.role.needs_codes and not user.has_codes else "ready"


def _seen(user: Standing) -> str:
    return "never" if user.last_seen_at is None else f"{user.last_seen_at:%Y-%m-%d %H:%M}"


def _document(user: Standing) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role.value,
        "has_password": user.has_password,
        "has_codes": user.has_codes,
        "added_at": rfc3339(user.added_at),
        "last_seen_at": moment_or_none(user.last_seen_at),
    }
