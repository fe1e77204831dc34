"""Which commands there are, where each lives, and its line in `--help`: nothing is imported to show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One command: where it lives, and what it does in one line."""

    module: str
    name: str
    help: str


def _in(module: str, name: str, text: str) -> Entry:
    return Entry(module=f"bot.cli.commands.{module}", name=name, help=text)


#: In the order in which a newcomer meets them.
PROGRAM: Mapping[str, Entry] = {
    "check": _in("check", "check", "Name every mistake in content, templates, settings and accounts."),
    "rehearse": _in("rehearse", "rehearse", "Show the run to come, post by post; nothing is stored or sent."),
    "run": _in("run", "run", "Plan and send until stopped."),
    "send": _in("send", "send", "Send what is due now, once."),
    "sync": _in("sync", "sync", "Take the content files into the store."),
    "plan": _in("plan", "plan", "Plan the days ahead, and say why each item was picked."),
    "queue": _in("queue", "queue", "Work on single posts: add, list, show, hold, approve, move …"),
    "log": _in("log", "log", "Read the send log, verify it, export it."),
    "pause": _in("pause", "pause", "Stop sending, from this moment on, on every worker."),
    "resume": _in("pause", "resume", "Lift a pause; what was missed stays missed."),
    "resolve": _in("resolve", "resolve", "Say what became of an unknown post."),
    "alerts": _in("alerts", "alerts", "Show what operators were told, and what is open."),
    "accounts": _in("accounts", "accounts", "Show each account, its mode, and what it cost this month."),
    "content": _in("content", "content", "Spreadsheets in and out; what the console wrote; schemas."),
    "media": _in("media", "media", "Take pictures in, without place and device; show them."),
    "card": _in("card", "card", "Draw facts as pictures, and print what describes them."),
    "selftest": _in(
        "selftest", "selftest", "Kill workers in the middle of sending; see that nothing goes wrong."
    ),
    "users": _in("users", "users", "Say who may sign in to the console, and with which role."),
    "console": _in("console", "console", "Print how to come into the console while `run` runs."),
    "completion": _in("completion", "completion", "Print the completion script of a shell."),
}

QUEUE: Mapping[str, Entry] = {
    "add": _in("queue_add", "add", "Queue what somebody wrote on the spot, or an item of the files."),
    "list": _in("queue", "list_", "List posts; those that wait, unless told otherwise."),
    "show": _in("queue", "show", "Show one post with its attempts and its log entries."),
    "hold": _in("queue_decide", "hold", "Keep ready posts back until they are released."),
    "release": _in("queue_decide", "release", "Let held posts go at their moment."),
    "approve": _in("queue_decide", "approve", "Approve the very text, account and moment of held posts."),
    "move": _in("queue_decide", "move", "Give a waiting or missed post another moment."),
    "cancel": _in("queue_decide", "cancel", "Take posts out of the queue."),
}

LOG: Mapping[str, Entry] = {
    "verify": _in("log_chain", "verify", "Find a changed, removed or reordered entry, and name it."),
    "export": _in("log_chain", "export", "Write out every entry: attempts, decisions, sources, approvals."),
}

ALERTS: Mapping[str, Entry] = {
    "test": _in("alerts", "test", "Send a test message to each address, and say if it was taken."),
}

USERS: Mapping[str, Entry] = {
    "add": _in("users", "add", "Add a user, and print a link to choose a password."),
    "list": _in("users", "list_", "Show who may sign in, and how each of them stands."),
    "role": _in("users", "role", "Give a user another role."),
    "reset": _in("users", "reset", "Let a user choose a new password and set up new codes."),
    "remove": _in("users", "remove", "Let a user in no more, from now on."),
}

CONTENT: Mapping[str, Entry] = {
    "import": _in("content", "import_", "Turn a spreadsheet (CSV) into a content file."),
    "export": _in("content", "export", "Turn a campaign's items into a spreadsheet (CSV)."),
    "save": _in("content_console", "save", "Write what was changed in the console into the content files."),
    "settle": _in("content_console", "settle", "Settle what an item's file and the console disagree about."),
    "schema": _in("content", "schema", "Write the JSON Schema that editors complete content files with."),
}

MEDIA: Mapping[str, Entry] = {
    "add": _in("media", "add", "Rebuild a picture for posts, and show what was removed."),
    "list": _in("media", "list_", "Show the pictures that were added."),
}
