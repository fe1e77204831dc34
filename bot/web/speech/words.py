"""The single words that badges, filters and headings need, in the page's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

from bot.alerting.alert import AlertKind
from bot.core.campaign import Kind, LanguagesAtSlot, Network
from bot.core.people import Role
from bot.core.post import Mode, SlotKind, State
from bot.pipeline.compose import APPROVAL
from bot.pipeline.guards import CONTENT
from bot.pipeline.operate import PERSON
from bot.web.speech.moments import language_name
from bot.web.speech.sentences import gettext, noted

Key = TypeVar("Key")

_STATES = {
    State.HELD: noted("held"),
    State.READY: noted("ready"),
    State.CLAIMED: noted("taken up"),
    State.SENDING: noted("sending"),
    State.UNCONFIRMED: noted("unconfirmed"),
    State.UNKNOWN: noted("unknown"),
    State.SENT: noted("sent"),
    State.REJECTED: noted("rejected"),
    State.MISSED: noted("missed"),
    State.CANCELLED: noted("cancelled"),
    State.WITHDRAWN: noted("withdrawn"),
}
_STATE_HINTS = {
    State.HELD: noted("Waits for a person."),
    State.READY: noted("Leaves at its moment."),
    State.CLAIMED: noted("A worker has taken it up; nothing was sent."),
    State.SENDING: noted("The request may have left."),
    State.UNCONFIRMED: noted("The outcome is not known yet; the network is looked at."),
    State.UNKNOWN: noted("It may be public or not; a person has to say."),
    State.SENT: noted("Published, with a receipt."),
    State.REJECTED: noted("The network refused it, or it cannot be written."),
    State.MISSED: noted("Its moment passed; nothing was sent."),
    State.CANCELLED: noted("A person took it out of the queue."),
    State.WITHDRAWN: noted("Deleted on the network."),
}
GUARDS = {
    "source": noted("source"),
    "period": noted("period"),
    "hashtags": noted("hashtags"),
    "repeats": noted("repeats"),
    "pace": noted("pace"),
    "money": noted("money"),
    "picture": noted("picture"),
    "warning": noted("warning"),
    CONTENT: noted("content"),
    APPROVAL: noted("approval"),
    PERSON: noted("a person"),
}
KINDS = {Kind.FACT: noted("fact"), Kind.CALL: noted("call to action")}
NETWORKS = {
    Network.X: "X",
    Network.MASTODON: "Mastodon",
    Network.BLUESKY: "Bluesky",
    Network.TELEGRAM: "Telegram",
}
_ROLES = {
    Role.VIEWER: noted("viewer"),
    Role.AUTHOR: noted("author"),
    Role.APPROVER: noted("approver"),
    Role.ADMIN: noted("admin"),
}
_MODES = {Mode.DRY_RUN: noted("dry-run"), Mode.LIVE: noted("live")}
_SLOTS = {
    SlotKind.REGULAR: noted("posting time"),
    SlotKind.BURST: noted("burst"),
    SlotKind.OCCASION: noted("occasion"),
    SlotKind.QUEUED: noted("queued by hand"),
}
_AT_SLOT = {
    LanguagesAtSlot.TURN: noted("one language at a time, in turn"),
    LanguagesAtSlot.ALL: noted("all languages at once"),
}
_EVENTS = {
    "queued": noted("queued"),
    "planned": noted("planned"),
    "synced": noted("content taken in"),
    "moved": noted("moved"),
    "rewritten": noted("written anew"),
    "intent": noted("attempt opened"),
    "outcome": noted("answer"),
    "looked": noted("looked at the network"),
    "paused": noted("paused"),
    "resumed": noted("resumed"),
    "approved": noted("approved"),
    "refused": noted("refused"),
    "overruled": noted("guard overruled"),
}
_ALERTS = {
    AlertKind.UNKNOWN: noted("unknown post"),
    AlertKind.PAUSED: noted("paused by the bot"),
    AlertKind.OVERDUE: noted("due and not tried"),
    AlertKind.WORKER: noted("silent worker"),
    AlertKind.REJECTED: noted("rejected post"),
    AlertKind.MISSED: noted("missed post"),
    AlertKind.BUDGET: noted("the month's budget"),
    AlertKind.LOG_HEAD: noted("the send log's anchor"),
}
_ERRORS = {
    HTTPStatus.BAD_REQUEST: noted("This could not be understood"),
    HTTPStatus.UNAUTHORIZED: noted("Sign in first"),
    HTTPStatus.FORBIDDEN: noted("You may not do this"),
    HTTPStatus.NOT_FOUND: noted("There is nothing here"),
    HTTPStatus.METHOD_NOT_ALLOWED: noted("This cannot be done here"),
    HTTPStatus.CONFLICT: noted("This cannot be done now"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: noted("This is too large"),
    HTTPStatus.MISDIRECTED_REQUEST: noted("The bot does not answer under this name"),
    HTTPStatus.UNPROCESSABLE_ENTITY: noted("Something in it is wrong"),
    HTTPStatus.TOO_MANY_REQUESTS: noted("Too many tries"),
    HTTPStatus.INTERNAL_SERVER_ERROR: noted("The page broke"),
    HTTPStatus.SERVICE_UNAVAILABLE: noted("The bot cannot do this at the moment"),
}
_REMEDIES = {
    HTTPStatus.BAD_REQUEST: noted("Go back, load the page again, and try once more."),
    HTTPStatus.UNAUTHORIZED: noted("Ask for a new link where the bot runs, or sign in."),
    HTTPStatus.FORBIDDEN: noted("Ask somebody whose role allows it."),
    HTTPStatus.NOT_FOUND: noted("The address may be mistyped, or what was here is gone."),
    HTTPStatus.METHOD_NOT_ALLOWED: noted("Go back to the page you came from."),
    HTTPStatus.CONFLICT: noted("Somebody else may have changed it: load the page again."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: noted("Send it in smaller pieces."),
    HTTPStatus.MISDIRECTED_REQUEST: noted("Use the address that the bot printed when it started."),
    HTTPStatus.UNPROCESSABLE_ENTITY: noted("Go back and mend it."),
    HTTPStatus.TOO_MANY_REQUESTS: noted("Wait a few minutes, then try again."),
    HTTPStatus.INTERNAL_SERVER_ERROR: noted(
        "What happened stands in the bot's own log; nothing was half done."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: noted("Try again in a minute."),
}


def state_word(state: State | str) -> str:
    return _word(_STATES, State(state))


def state_hint(state: State | str) -> str:
    """What the state means, in one sentence."""
    return _word(_STATE_HINTS, State(state))


def guard_word(name: str) -> str:
    return _word(GUARDS, name)


def kind_word(kind: Kind | str) -> str:
    return _word(KINDS, Kind(kind))


def network_word(network: Network | str) -> str:
    """The network's own name, which is the same in every language."""
    return NETWORKS.get(Network(network), str(network))


def language_word(code: str) -> str:
    """A language of texts: `Arabic`; its code where it has no name here."""
    return language_name(code)


def role_word(role: Role | str) -> str:
    return _word(_ROLES, Role(role))


def mode_word(mode: Mode | str) -> str:
    return _word(_MODES, Mode(mode))


def slot_word(kind: SlotKind | str) -> str:
    """Why a slot exists."""
    return _word(_SLOTS, SlotKind(kind))


def at_slot_word(choice: LanguagesAtSlot | str) -> str:
    return _word(_AT_SLOT, LanguagesAtSlot(choice))


def event_word(event: str) -> str:
    """What an entry of the send log records; its own name where there is no word for it."""
    return _word(_EVENTS, event)


def alert_word(kind: AlertKind | str) -> str:
    return _word(_ALERTS, AlertKind(kind))


def error_word(status: HTTPStatus | int) -> str:
    """What went wrong, as a heading."""
    return _word(_ERRORS, HTTPStatus(status), otherwise=HTTPStatus(status).phrase)


def error_remedy(status: HTTPStatus | int) -> str:
    """What to do about it."""
    return _word(_REMEDIES, HTTPStatus(status), otherwise="")


def _word(words: Mapping[Key, str], key: Key, *, otherwise: str | None = None) -> str:
    found = words.get(key)
    if found is None:
        return str(key) if otherwise is None else otherwise
    return gettext(found)


FOR_TEMPLATES: Mapping[str, Callable[..., str]] = {
    one.__name__: one
    for one in (
        *(state_word, state_hint, guard_word, kind_word, network_word, language_word, role_word, mode_word),
        *(slot_word, at_slot_word, event_word, alert_word, error_word, error_remedy),
    )
}
