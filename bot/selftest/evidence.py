"""Gathers what the judge looks at, in one shape: from the database, each network's posts and its journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.selftest.covers import Covered
from bot.selftest.fakes import entries_of, public_posts
from bot.selftest.networks import NETWORKS
from bot.selftest.stand import Stand
from bot.selftest.sums import picture_sum, sha256
from bot.selftest.verdict import Arrival, Evidence, Public
from bot.store import judging, send_log
from bot.store.database import Database
from bot.store.judging import Message
from bot.store.log_checks import AttemptsCheck
from bot.store.send_log import ChainCheck, Entry

_PAGE = 5_000
#: What must never be logged: a bug, and an outcome of a living worker whose post was judged without it.
_WORDS = ("nobody foresaw", "came too late")


def gather(stand: Stand, *, queued: int) -> Evidence:
    """Read everything, once no process works any more."""
    db = Database(stand.database_url)
    return Evidence(
        queued=queued,
        messages=list(_messages(db)),
        public=list(_public(stand)),
        arrivals=list(_arrivals(stand)),
        log=list(_log(db)),
        promises={account.name: NETWORKS[account.network].promises for account in stand.accounts},
        damage=_damage(db),
        errors=errors_in(stand.errors),
    )


def _messages(db: Database) -> Iterator[Message]:
    after = (0, 0)
    while True:
        with db.read() as tx:
            page = judging.read_messages(tx, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = (page[-1].post, page[-1].part)


def _log(db: Database) -> Iterator[Entry]:
    after = 0
    while True:
        with db.read() as tx:
            page = send_log.read_entries(tx, after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].seq


def _public(stand: Stand) -> Iterator[Public]:
    account_of = _accounts_by_user(stand)
    for name, url in stand.urls.items():
        uncover = NETWORKS[name].uncover
        for post in public_posts(url):
            said = Covered(text=post["text"], warning=None) if uncover is None else uncover(post)
            yield Public(
                id=post["id"],
                account=account_of[post["account"]],
                text_sha256=sha256(said.text),
                warning=said.warning,
                reply_to=post["reply_to"],
                picture=_picture_of(post),
            )


def _picture_of(post: Mapping[str, Any]) -> str | None:
    sums = [
        picture_sum(shown["sha256"], alt=shown["alt"] or "", warning=shown["warning"])
        for shown in post["pictures"]
    ]
    # No post of a proof has two: that would be as wrong as another one.
    return " and ".join(sums) or None


def _arrivals(stand: Stand) -> Iterator[Arrival]:
    account_of = _accounts_by_user(stand)
    for name in stand.urls:
        network = NETWORKS[name]
        for entry in entries_of(network, stand.folder):
            yield Arrival(
                account=account_of[entry["account"]],
                text_sha256=network.text_sum_of(entry),
                at=stand.moment_of(entry["monotonic_ns"] / 1e9),
                fault=entry["fault"],
                stored=entry["committed"],
                key=None if network.key is None else entry[network.key],
            )


def _accounts_by_user(stand: Stand) -> Mapping[str, str]:
    """Accounts by their names on the networks."""
    return {NETWORKS[account.network].user(account.name): account.name for account in stand.accounts}


def _damage(db: Database) -> list[str]:
    with db.read() as tx:
        found = list(judging.damage(tx))
    chain, attempts = ChainCheck(), AttemptsCheck()
    for check in (chain, attempts):
        more = True
        while more:
            with db.read() as tx:
                more = check.read_page(tx, page=_PAGE)
    return [*found, *chain.problems, *attempts.problems]


def errors_in(path: Path) -> list[str]:
    """What processes of the proof did not foresee, each with the last line of its traceback."""
    if not path.exists():
        return []
    found: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if any(words in line for words in _WORDS):
            found.append(line)
        elif found and line and not line[0].isspace() and not line.startswith("Traceback"):
            found[-1] = f"{found[-1].partition(' — ')[0]} — {line}"
    return found
