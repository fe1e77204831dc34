"""The queue: every post by its state, searched, filtered, sorted; many held, released or moved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.core.campaign import Campaign, Kind, Network
from bot.core.errors import BotError
from bot.core.people import Role
from bot.core.post import WAITING, Post, State
from bot.pipeline.browse import Order, QueueFilter
from bot.pipeline.moments import parse_moment, shifted
from bot.pipeline.seen import standing_of
from bot.web.asking import app, back, may, own_path, person, told
from bot.web.pages import Pages
from bot.web.speech import _, ngettext, noted
from bot.web.speech.said import said
from bot.web.speech.words import kind_word, language_word, network_word, state_word

pages = Pages(__name__)

#: States by tab, in the order of the tabs; the last one is every state.
TABS: Mapping[str, tuple[State, ...]] = {
    "coming": (State.READY, State.CLAIMED, State.SENDING),
    "held": (State.HELD,),
    "missed": (State.MISSED,),
    "unknown": (State.UNKNOWN, State.UNCONFIRMED),
    "rejected": (State.REJECTED,),
    "sent": (State.SENT,),
    "all": (),
}
TAB_NAMES = {
    "coming": noted("Coming"),
    "held": noted("Held"),
    "missed": noted("Missed"),
    "unknown": noted("Unknown"),
    "rejected": noted("Rejected"),
    "sent": noted("Sent"),
    "all": noted("All"),
}
ORDER_NAMES = {
    Order.SOONEST: noted("Soonest first"),
    Order.LATEST: noted("Latest first"),
    Order.CHANGED: noted("Changed last"),
}
#: What a post can be done to from the list.
ACTED_ON = WAITING | {State.MISSED}
#: Posts that one form names; a page shows fewer.
_AT_ONCE = 100
#: Posts of which an undo is offered: it stands in the browser's cookie, which holds 4 KB.
_UNDONE = 50
#: Refusals that are told one by one: the browser's cookie keeps few lines.
_TOLD = 3
_LONGEST_SEARCH = 200
_LONGEST_REASON = 500
_UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
#: In either direction.
_FARTHEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    #: One of TABS; empty when the address names a state that no tab stands for.
    tab: str
    filter: QueueFilter
    order: Order
    page: str | None
    older_texts: int | None
    #: What the address says of all this but the page, to be said again.
    words: Mapping[str, str]

    def without(self, *names: str, **more: object) -> str:
        """The address without these words, and with more, from its first page."""
        words: dict[str, Any] = {name: value for name, value in self.words.items() if name not in names}
        return url_for("queue.queue", **{**words, **more})


@pages.get("/queue", needs=Role.VIEWER)
def queue() -> str:
    asked = _asked()
    shown = app().browser.queue(
        asked.filter, order=asked.order, page=asked.page, older_texts=asked.older_texts
    )
    return render_template(
        "queue.html",
        asked=asked,
        shown=shown,
        tabs=TABS,
        tab_names=TAB_NAMES,
        order_names=ORDER_NAMES,
        acted_on=ACTED_ON,
        standing_of=standing_of,
        choices=_choices(app().inspector.campaigns()),
        chips=_chips(asked),
        longest_search=_LONGEST_SEARCH,
        longest_reason=_LONGEST_REASON,
    )


@pages.post("/queue/hold", needs=Role.AUTHOR)
def hold() -> Response:
    reason = _reason("held in the console, no reason given")
    operator = app().operator(person().name)
    done = _each(_numbers(), lambda number: operator.hold(number, reason=reason, seen=_seen(number)))
    held = " ".join(str(post.id) for post in done.posts)
    undo = _undo("queue.release", done, posts=held) if may(Role.APPROVER) else None
    _tell(done, ngettext("%(num)s post is held.", "%(num)s posts are held.", len(done.posts)), undo=undo)
    return back(url_for("queue.queue"))


@pages.post("/queue/release", needs=Role.APPROVER)
def release() -> Response:
    """Release each post as its row showed it, and overrule the guard that it named, no other."""
    operator, inspector = app().operator(person().name), app().inspector

    def one(number: int) -> Post:
        # What was seen binds the guard, too: where it is another one by now, nothing is released.
        guard = inspector.post(number).post.guard
        return operator.release(number, seen=_seen(number), overruling=() if guard is None else (guard,))

    done = _each(_numbers(), one)
    number = len(done.posts)
    _tell(done, ngettext("%(num)s post is released.", "%(num)s posts are released.", number))
    return back(url_for("queue.queue"))


@pages.post("/queue/move", needs=Role.AUTHOR)
def move() -> Response:
    """Move each post to a moment, or by a span; `was` holds earlier moments, to go back to."""
    operator, browser = app().operator(person().name), app().inspector
    was = _earlier_moments()
    to, by = request.form.get("to", "").strip(), _span()
    if not was and not to and by is None:
        told(_("Say when: name a moment, or how much later or earlier."), is_warning=True)
        return back(url_for("queue.queue"))
    moved_from: list[str] = []

    def one(number: int) -> Post:
        post = browser.post(number).post
        after = operator.move(number, to=was.get(number) or _target(post, to, by), seen=_seen(number))
        moved_from.append(f"{number}:{int(post.due_at.timestamp() * 1000)}")
        return after

    done = _each(list(was) or _numbers(), one)
    undo = None if was else _undo("queue.move", done, was=" ".join(moved_from))
    _tell(done, ngettext("%(num)s post is moved.", "%(num)s posts are moved.", len(done.posts)), undo=undo)
    return back(url_for("queue.queue"))


@pages.post("/queue/cancelling", needs=Role.AUTHOR)
def ask_to_cancel() -> Response:
    """Nothing is cancelled before a page has named the posts."""
    numbers = " ".join(str(number) for number in _numbers())
    came_from = own_path(request.form.get("back")) or url_for("queue.queue")
    return redirect(url_for("queue.cancelling", posts=numbers, back=came_from), code=303)


@pages.get("/queue/cancelling", needs=Role.AUTHOR)
def cancelling() -> str | Response:
    came_from = own_path(request.args.get("back")) or url_for("queue.queue")
    found: list[Post] = []
    for number in _numbers_in(request.args.get("posts", "").split()):
        try:
            found.append(app().inspector.post(number).post)
        except BotError:
            continue
    if not found:
        told(_("Choose the posts first."), is_warning=True)
        return redirect(came_from, code=303)
    return render_template(
        "queue_cancelling.html",
        posts=found,
        came_from=came_from,
        longest_reason=_LONGEST_REASON,
        standing_of=standing_of,
    )


@pages.post("/queue/cancel", needs=Role.AUTHOR)
def cancel() -> Response:
    reason = _reason("cancelled in the console, no reason given")
    operator = app().operator(person().name)
    done = _each(_numbers(), lambda number: operator.cancel(number, reason=reason, seen=_seen(number)))
    number = len(done.posts)
    _tell(done, ngettext("%(num)s post is cancelled.", "%(num)s posts are cancelled.", number))
    return back(url_for("queue.queue"))


# -- what an address asks for ------------------------------------------------------------------------


def _asked() -> Asked:
    words = {
        name: value
        for name in (
            "tab",
            "state",
            "text",
            "campaign",
            "account",
            "network",
            "language",
            "kind",
            "item",
            "order",
        )
        if (value := request.args.get(name, "").strip()[:_LONGEST_SEARCH])
    }
    # What no state, network or kind is called narrows nothing.
    for name, known in (("state", State), ("network", Network), ("kind", Kind)):
        if words.get(name) not in (None, *(one.value for one in known)):
            del words[name]
    tab, states = _tab(words)
    order = words.get("order", "")
    return Asked(
        tab=tab,
        filter=QueueFilter(
            states=states,
            needs_person=bool(request.args.get("person")),
            campaign=words.get("campaign"),
            account=words.get("account"),
            network=words.get("network"),
            language=words.get("language"),
            kind=words.get("kind"),
            item=words.get("item") if "campaign" in words else None,
            text=words.get("text", ""),
        ),
        order=Order(order) if order in list(Order) else _usual_order(states),
        page=request.args.get("page"),
        older_texts=request.args.get("older", type=int),
        words={**words, **({"person": "1"} if request.args.get("person") else {})},
    )


def _tab(words: Mapping[str, str]) -> tuple[str, tuple[State, ...]]:
    """The tab and the states that the address means; a state alone may have a tab of its own."""
    if words.get("tab") in TABS:
        return words["tab"], TABS[words["tab"]]
    if words.get("state") in list(State):
        state = State(words["state"])
        return next((tab for tab, states in TABS.items() if states == (state,)), ""), (state,)
    return ("all", ()) if words.get("item") or request.args.get("person") else ("coming", TABS["coming"])


def _usual_order(states: tuple[State, ...]) -> Order:
    """What is to come: the next first; what has been, and everything: the newest first."""
    to_come = {*TABS["coming"], *TABS["held"]}
    return Order.SOONEST if states and to_come.issuperset(states) else Order.LATEST


def _chips(asked: Asked) -> Mapping[str, str]:
    """What the list is narrowed to, in words, by the words of the address."""
    words: dict[str, Callable[[str], str]] = {
        "state": state_word,
        "network": network_word,
        "language": language_word,
        "kind": kind_word,
        "person": lambda _one: _("needs a person"),
    }
    names = ("state", "text", "campaign", "account", "network", "language", "kind", "item", "person")
    given = {name: asked.words[name] for name in names if name in asked.words}
    return {name: words.get(name, str)(value) for name, value in given.items()}


def _choices(campaigns: list[Campaign]) -> Mapping[str, list[str]]:
    accounts = [account for campaign in campaigns for account in campaign.accounts]
    return {
        "campaign": [campaign.key for campaign in campaigns],
        "account": list(dict.fromkeys(account.name for account in accounts)),
        "network": [one.value for one in Network if any(account.network is one for account in accounts)],
        "language": list(dict.fromkeys(code for campaign in campaigns for code in campaign.languages)),
        "kind": [kind.value for kind in Kind],
    }


# -- many posts at once ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of each post that a form named."""

    posts: list[Post]
    #: Which post, and why not in the bot's own words.
    refusals: list[tuple[int, str]]


def _each(numbers: list[int], act: Callable[[int], Post]) -> Done:
    """Act on each post by itself: one that is refused keeps no other back."""
    done = Done(posts=[], refusals=[])
    for number in numbers:
        try:
            done.posts.append(act(number))
        except (BotError, ValueError) as error:
            done.refusals.append((number, str(error)))
    return done


def _tell(done: Done, summary: str, *, undo: tuple[str, Mapping[str, str]] | None = None) -> None:
    if done.posts:
        told(summary, undo=undo)
    elif not done.refusals:
        told(_("Choose the posts first."), is_warning=True)
    for number, reason in done.refusals[:_TOLD]:
        what = said(reason) or reason
        names_it = reason.startswith(f"post {number}")
        told(what if names_it else _("Post %(number)s: %(what)s", number=number, what=what), is_warning=True)
    more = len(done.refusals) - _TOLD
    if more > 0:
        told(
            ngettext(
                "%(num)s more post was refused; it is as it was.",
                "%(num)s more posts were refused; they are as they were.",
                more,
            ),
            is_warning=True,
        )


def _undo(endpoint: str, done: Done, **fields: str) -> tuple[str, dict[str, str]] | None:
    """Takes back what was done to posts, as long as they stand as it left them; None for too many."""
    if len(done.posts) > _UNDONE:
        return None
    return url_for(endpoint), {**fields, **{f"seen-{post.id}": standing_of(post) for post in done.posts}}


def _seen(number: int) -> str:
    """How the form says that its reader saw a post stand; a form that says nothing saw nothing."""
    return request.form.get(f"seen-{number}", "")


def _numbers() -> list[int]:
    """The posts that the form names: one field for each, or all in one."""
    return _numbers_in([*request.form.getlist("post"), *request.form.get("posts", "").split()])


def _numbers_in(words: list[str]) -> list[int]:
    numbers = (int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 18)
    return list(dict.fromkeys(numbers))[:_AT_ONCE]


def _reason(otherwise: str) -> str:
    return request.form.get("reason", "").strip()[:_LONGEST_REASON] or otherwise


def _span() -> timedelta | None:
    """How much later the posts are to be, or earlier; None when the form does not say."""
    unit = _UNITS.get(request.form.get("unit", ""))
    try:
        span = int(request.form.get("by", "").strip()) * (unit or timedelta(minutes=1))
    except (ValueError, OverflowError):
        return None
    return span if timedelta(0) < abs(span) <= _FARTHEST else None


def _target(post: Post, to: str, by: timedelta | None) -> datetime:
    """The moment for one post: wall time is that of its campaign."""
    if to:
        return parse_moment(to).instant(app().clock, zone=post.slot.zone)
    assert by is not None
    return shifted(post.due_at, by, zone=post.slot.zone)


def _earlier_moments() -> dict[int, datetime]:
    """Where posts stood before they were moved: `17:1764000000000`, in milliseconds since 1970 (UTC)."""
    earlier: dict[int, datetime] = {}
    for pair in request.form.get("was", "").split()[:_AT_ONCE]:
        number, _colon, moment = pair.partition(":")
        if all(word.isascii() and word.isdigit() and len(word) <= 14 for word in (number, moment)):
            earlier[int(number)] = datetime.fromtimestamp(int(moment) / 1000, UTC)
    return earlier
