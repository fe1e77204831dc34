"""How a publisher is built from its account's settings, and what is wrong with them, said beforehand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from bot.core.clock import Clock
from bot.core.errors import ConfigError, Problem
from bot.publishing.protocol import AccountSettings, Publisher
from bot.publishing.secrecy import silence

#: What is wrong, and what to do about it.
Finding = tuple[str, str]


class _Make(Protocol):
    def __call__(self, settings: AccountSettings, *, clock: Clock) -> Publisher: ...


def _all_secrets(settings: AccountSettings) -> Iterable[str]:
    return settings.secrets.values()


@dataclass(frozen=True, kw_only=True)
class BuildOf:
    """A network's entry point: builds its publisher, and reads the links of its posts."""

    make: _Make
    secret_names: tuple[str, ...]
    #: What is wrong with an account's settings.
    findings: Callable[[AccountSettings], Iterable[Finding]]
    #: Loggers that would write secrets at DEBUG.
    talkative: tuple[str, ...]
    remote_id: Callable[[str], str | None]
    profile: Callable[[str], str | None]
    #: What no log may hold.
    secrets: Callable[[AccountSettings], Iterable[str]] = _all_secrets

    def __call__(self, settings: AccountSettings, *, clock: Clock) -> Publisher:
        """Raise ConfigError, naming each, when a secret is missing or the account has no proper address."""
        problems = [
            Problem(where=f"account {settings.account!r}", what=what, remedy=remedy)
            for what, remedy in self.findings(settings)
        ]
        if problems:
            raise ConfigError(problems)
        silence(self.talkative, self.secrets(settings))
        return self.make(settings, clock=clock)

    def remote_id_of(self, url: str) -> str | None:
        return self.remote_id(url)

    def profile_of(self, url: str) -> str | None:
        return self.profile(url)


def secret_findings(settings: AccountSettings, names: Iterable[str], *, remedy: str) -> Iterator[Finding]:
    """The named secrets that are missing, or that no header takes."""
    for name in names:
        if not re.fullmatch(r"[!-~]+", settings.secrets.get(name, "")):
            yield f"the secret {name} is missing or not plain ASCII", remedy


def address_findings(address: str, *, of: str, remedy: str, may_have_path: bool = True) -> Iterator[Finding]:
    """What is wrong with the address of a network or a server."""
    # What stands before an @ may be a password.
    shown = repr("…" + address.rpartition("@")[2] if "@" in address else address)
    if not _is_whole(address, may_have_path=may_have_path):
        yield f"{shown} is no address of {of}", remedy
        return
    url = urlsplit(address)
    if url.scheme == "http" and url.hostname not in {"127.0.0.1", "::1", "localhost"}:
        yield f"{shown} is not encrypted", "http is for this machine only: write https"


def _is_whole(address: str, *, may_have_path: bool) -> bool:
    """Whether requests can go there: a host, perhaps a port, and nothing else."""
    try:
        url = urlsplit(address)
        has_port_or_none = url.port != 0
    except ValueError:
        # No number of a port, or half an address.
        return False
    is_bare = not (url.query or url.fragment or "@" in url.netloc) and (
        may_have_path or not url.path.strip("/")
    )
    return url.scheme in {"http", "https"} and bool(url.hostname) and has_port_or_none and is_bare
