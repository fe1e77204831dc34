"""The networks of a proof, as one table: how each is played, who posts there, and what it promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.core.campaign import Account, Network
from bot.core.clock import Clock
from bot.publishing.protocol import AccountSettings, Publisher
from bot.publishing.transport import Timeouts
from bot.selftest import covers, faults
from bot.selftest.covers import Covered
from bot.selftest.faults import Fault
from bot.selftest.sums import sha256
from bot.selftest.verdict import Promises


class PublisherClass(Protocol):
    """A network's publisher, built with deadlines of one's own."""

    def __call__(self, settings: AccountSettings, *, clock: Clock, timeouts: Timeouts) -> Publisher: ...


@dataclass(frozen=True, kw_only=True)
class FakeNetwork:
    """One network as a proof plays it. In its texts `{user}` is the account's name on the network."""

    network: Network
    #: `python -m` this starts it.
    module: str
    #: Imports the publisher and no other.
    publisher: Callable[[], PublisherClass]
    #: The setting that names its address; None where the account itself names it.
    variable: str | None = None
    #: How it behaves before anything is sent …
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: … and what changes now and then while workers send, for the so many-th time.
    shaken: Callable[[int], Mapping[str, Any]] | None = None
    #: The invented secrets that it takes from any user (`python -m <module> --help`).
    secrets: Mapping[str, str]
    #: An account's name on the network, made of its name in the campaign.
    user: Callable[[str], str] = str
    #: What people copy who see a post.
    link: str
    #: What it can do to a request.
    faults: Callable[[], Sequence[Fault]]
    #: What its journal calls the key of a repeat. None: it knows no keys.
    key: str | None = None
    #: Whether it knows that key for a while only.
    forgets_keys: bool = False
    #: Whether followers can learn what a picture shows.
    tells_alt: bool = True
    #: Takes a content warning from before a text, in what it has and in what was asked. None: it knows none.
    uncover: Callable[[Mapping[str, Any]], Covered] | None = None

    def account(self, number: int, *, url: str, languages: tuple[str, ...]) -> Account:
        """The account of that number, as a campaign has it."""
        name = f"{self.network}_{number:02}"
        return Account(
            name=name,
            network=self.network,
            languages=languages,
            server=url if self.network is Network.MASTODON else None,
            handle=self.user(name) if self.network is Network.BLUESKY else None,
            channel=f"@{name}" if self.network is Network.TELEGRAM else None,
            # Nobody is here to be asked; what covers its pictures is judged all the same.
            unwarned=True,
        )

    def secrets_of(self, account: str) -> dict[str, str]:
        """The account's variables, as the environment would name them."""
        user = self.user(account)
        return {
            f"{account.upper()}_{name}": secret.format(user=user) for name, secret in self.secrets.items()
        }

    def link_of(self, account: str, post: str) -> str:
        return self.link.format(user=self.user(account), id=post)

    def text_sum_of(self, entry: Mapping[str, Any]) -> str:
        """The digest of the text that an entry of its journal asks to post, without its content warning."""
        said: str = entry["text_sha256"] if self.uncover is None else sha256(self.uncover(entry).text)
        return said

    @property
    def promises(self) -> Promises:
        return Promises(
            network=self.network.value,
            takes_repeats=self.key is not None,
            forgets_keys=self.forgets_keys,
            tells_alt=self.tells_alt,
            warns=self.uncover is not None,
        )


def _x() -> PublisherClass:
    from bot.publishing.x import XPublisher

    return XPublisher


def _mastodon() -> PublisherClass:
    from bot.publishing.mastodon import MastodonPublisher

    return MastodonPublisher


def _bluesky() -> PublisherClass:
    from bot.publishing.bluesky import BlueskyPublisher

    return BlueskyPublisher


def _telegram() -> PublisherClass:
    from bot.publishing.telegram import TelegramPublisher

    return TelegramPublisher


#: By name, in the order in which a proof shows them.
NETWORKS: Mapping[str, FakeNetwork] = {
    one.network.value: one
    for one in (
        FakeNetwork(
            network=Network.X,
            module="bot.emulator",
            publisher=_x,
            variable="BOT_X_API_URL",
            # Else X would hide that the bot sent something twice.
            settings={"takes_duplicates": True},
            secrets={
                "API_KEY": "invented-api-key",
                "API_SECRET": "invented-api-secret",
                "ACCESS_TOKEN": "invented-access-token-{user}",
                "ACCESS_TOKEN_SECRET": "invented-access-token-secret-{user}",
            },
            link="https://x.com/i/web/status/{id}",
            faults=faults.of_x,
        ),
        FakeNetwork(
            network=Network.MASTODON,
            module="bot.emulator.mastodon",
            publisher=_mastodon,
            secrets={"ACCESS_TOKEN": "invented-token-of-{user}"},
            link="http://127.0.0.1/@{user}/{id}",
            faults=faults.of_mastodon,
            key="key",
            forgets_keys=True,
            uncover=covers.on_mastodon,
        ),
        FakeNetwork(
            network=Network.BLUESKY,
            module="bot.emulator.bluesky",
            publisher=_bluesky,
            variable="BOT_BLUESKY_URL",
            # A session that is renewed after a hundred seconds is renewed often while workers die; and the
            # fake counts all accounts' sign-ins as one's.
            settings={"access_seconds": 400, "sign_in_limit": 10_000},
            # All sessions end, and nobody is told.
            shaken=lambda times: {"generation": times},
            secrets={"APP_PASSWORD": "invented-app-password-of-{user}"},
            user=lambda name: f"{name.replace('_', '-')}.example.org",
            link="https://bsky.app/profile/{user}/post/{id}",
            faults=faults.of_bluesky,
            key="rkey",
        ),
        FakeNetwork(
            network=Network.TELEGRAM,
            module="bot.emulator.telegram",
            publisher=_telegram,
            variable="BOT_TELEGRAM_API_URL",
            secrets={"BOT_TOKEN": "4200:invented-token-of-{user}"},
            link="https://t.me/{user}/{id}",
            faults=faults.of_telegram,
            tells_alt=False,
            uncover=covers.on_telegram,
        ),
    )
}
