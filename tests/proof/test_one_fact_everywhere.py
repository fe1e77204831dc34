"""One fact in two languages, with a picture, its warning and its source, on all four networks.

One run of the real program sends it to a fake X, a real Bluesky server, a real server with Mastodon's API and
a fake Telegram; then it is fetched back from each, as a follower's program would, and compared.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import SystemClock
from followers import Read, expected, on_pds, on_snac, on_telegram, on_x
from lamps import ALT, HANDLE, LANGUAGES, NETWORKS, TEXTS, WARNING, Campaign, secrets_of
from snac import running_snac

# The first of them may have to wait until the servers are installed.
pytestmark = [pytest.mark.xdist_group("pds"), pytest.mark.timeout(900)]


@dataclass(frozen=True, kw_only=True)
class Everywhere:
    """The fact after one run, and the networks that have it."""

    campaign: Campaign
    read: Callable[[str], list[Read]]


@pytest.fixture(scope="module")
def everywhere(
    tmp_path_factory: pytest.TempPathFactory,
    pds_server: Any,
    _fake_x_process: Any,
    _fake_telegram_process: Any,
) -> Iterator[Everywhere]:
    x, telegram = _fake_x_process, _fake_telegram_process
    x.reset()
    telegram.reset()
    with running_snac(tmp_path_factory.mktemp("snac") / "data") as snac:
        variables = {
            "BOT_X_API_URL": x.url,
            "BOT_BLUESKY_URL": pds_server.url,
            "BOT_TELEGRAM_API_URL": telegram.url,
            **secrets_of(app_password=pds_server.app_password(HANDLE), token=snac.token),
        }
        path = tmp_path_factory.mktemp("lamps")
        campaign = Campaign(path, server=snac.url, handle=HANDLE, variables=variables)
        campaign.run("check")
        campaign.run("sync")
        campaign.queue()
        campaign.run_until_sent(len(NETWORKS) * len(LANGUAGES))
        readers: dict[str, Callable[[], Iterator[Read]]] = {
            "x": lambda: on_x(x),
            "mastodon": lambda: on_snac(snac),
            "bluesky": lambda: on_pds(pds_server),
            "telegram": lambda: on_telegram(telegram),
        }
        yield Everywhere(campaign=campaign, read=lambda network: list(readers[network]()))


@pytest.mark.parametrize("network", NETWORKS)
def test_one_fact_reads_right_on_every_network_in_both_languages(everywhere, network):
    picture = everywhere.campaign.pictures[network]

    read = everywhere.read(network)

    assert read == [expected(network, language, picture=picture) for language in LANGUAGES]


def test_every_post_is_in_the_send_log_with_its_link(everywhere):
    attempts = everywhere.campaign.attempts()

    wanted = {(network, language) for network in NETWORKS for language in LANGUAGES}
    assert {(one["network"], one["language"]) for one in attempts} == wanted
    assert len(attempts) == len(wanted)
    for one in attempts:
        assert (one["state"], one["text"]) == ("sent", TEXTS[one["language"]])
        assert (one["picture_alt"], one["picture_warning"]) == (ALT[one["language"]], True)
        assert one["url"].startswith("http")
        assert one["remote_id"]
    assert len({one["url"] for one in attempts}) == len(wanted)


def test_second_run_sends_nothing_twice(everywhere):
    before = {network: everywhere.read(network) for network in NETWORKS}

    everywhere.campaign.run("sync")
    said = everywhere.campaign.run("send", "--json")

    assert json.loads(said) == {"sent": [], "swept": []}
    assert {network: everywhere.read(network) for network in NETWORKS} == before


# -- killed in between -----------------------------------------------------------------------------

#: What each network is asked for when a post leaves, and for its picture before it.
_POSTS = {
    "x": "POST /2/tweets",
    "mastodon": "POST /api/v1/statuses",
    "bluesky": "POST /xrpc/com.atproto.repo.putRecord",
    "telegram": "POST /bot{token}/send{what}",
}
_PICTURES = {
    "x": "POST /2/media/upload",
    "mastodon": "POST /api/v2/media",
    "bluesky": "POST /xrpc/com.atproto.repo.uploadBlob",
}
#: Seconds: longer than a killed process lives; and between two looks at who was asked.
_FOR_EVER, _LOOK_EVERY = 60.0, 0.05


@pytest.fixture
def fakes(fake_x: Any, fake_mastodon: Any, fake_bluesky: Any, fake_telegram: Any) -> dict[str, Any]:
    return dict(zip(NETWORKS, (fake_x, fake_mastodon, fake_bluesky, fake_telegram), strict=True))


@pytest.fixture
def campaign(tmp_path: Path, fakes: dict[str, Any]) -> Campaign:
    handle = "lamps.example.org"
    secrets = secrets_of(app_password=f"invented-app-password-of-{handle}", token="invented-token-of-lamps")
    variables = {
        "BOT_X_API_URL": fakes["x"].url,
        "BOT_BLUESKY_URL": fakes["bluesky"].url,
        "BOT_TELEGRAM_API_URL": fakes["telegram"].url,
    }
    return Campaign(tmp_path, server=fakes["mastodon"].url, handle=handle, variables={**variables, **secrets})


def _kill_while(campaign: Campaign, fakes: Mapping[str, Any], asked: Mapping[str, str]) -> None:
    """Send until each of these networks has done what it was asked for and answers nobody; then kill -9."""
    before = {network: _asked(fakes[network], what) for network, what in asked.items()}
    for network, what in asked.items():
        fakes[network].faults({"kind": "late", "when": "after", "seconds": _FOR_EVER, "on": what})
    clock = SystemClock()
    deadline = clock.monotonic() + _FOR_EVER
    with campaign.start("send") as process:
        while any(_asked(fakes[network], what) == before[network] for network, what in asked.items()):
            assert clock.monotonic() < deadline, (campaign.path / "out.txt").read_text(encoding="utf-8")
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_EVERY)
        process.kill()


def _asked(fake: Any, what: str) -> int:
    method, path = what.replace("{token}", "").split(" ")
    form = re.sub(r"\\\{\w+\\\}", ".*", re.escape(path))
    return sum(
        entry.get("method") == method and re.fullmatch(form, entry["path"]) is not None
        for entry in fake.journal()
    )


def _tell_what_is_there(campaign: Campaign, fakes: Mapping[str, Any]) -> None:
    """Say of each unknown post what a person sees who looks at the network."""
    for number, network, language, state in campaign.posts():
        if state == "unknown":
            assert network == "telegram", "every other network shows what it has"
            there = [post["id"] for post in fakes[network].posts() if TEXTS[language] in post["text"]]
            link = f"https://t.me/lamps_channel/{there[0]}"
            campaign.run("resolve", str(number), "--live", link, "--by", "Huda", waits=True)


def test_fact_whose_sender_is_killed_while_its_picture_is_brought_is_there_once(campaign, fakes):
    campaign.queue(["mastodon"], ["en"])
    _kill_while(campaign, fakes, {"mastodon": _PICTURES["mastodon"]})
    campaign.let_time_pass()

    campaign.run("send")

    assert [state for *_, state in campaign.posts()] == ["sent"]
    (post,) = fakes["mastodon"].posts()
    assert (post["text"], post["fields"]["spoiler_text"]) == (TEXTS["en"], WARNING["en"])
    assert [shown["sha256"] for shown in post["pictures"]] == [campaign.pictures["mastodon"]]
    assert _asked(fakes["mastodon"], _PICTURES["mastodon"]) == 2


@pytest.mark.slow
def test_fact_whose_sender_is_killed_again_and_again_is_on_every_network_once(campaign, fakes):
    campaign.queue()
    # Telegram takes a picture with its post: there both of its posts have met a kill by then.
    last = {network: _POSTS[network] for network in _PICTURES}
    for asked in ({**_POSTS, **_PICTURES}, _POSTS, last):
        _kill_while(campaign, fakes, asked)
        campaign.let_time_pass()

    for _ in range(2):
        campaign.run("send", waits=True)
        campaign.let_time_pass()
        _tell_what_is_there(campaign, fakes)

    assert [state for *_, state in campaign.posts()] == ["sent"] * 8
    for network, fake in fakes.items():
        told = "⚠️ {}\n\n" if network == "telegram" else ""
        texts = [told.format(WARNING[language]) + TEXTS[language] for language in LANGUAGES]
        assert Counter(post["text"] for post in fake.posts()) == Counter(texts), network
        assert all(
            [shown["sha256"] for shown in post["pictures"]] == [campaign.pictures[network]]
            for post in fake.posts()
        )
