"""Each account gets the publisher of its network, with what its campaign file and the settings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import App
from bot.config import Settings, load_settings
from bot.core.campaign import Account, Campaign, Network, Visibility
from bot.core.clock import FixedClock
from bot.outlets import account_problems, build_outlet
from bot.store import contents

CLOCK = FixedClock(datetime(2026, 3, 1, 9, 0, tzinfo=UTC))
TOKEN = {"INVENTED_ACCESS_TOKEN": "invented-token"}


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[..., Settings]:
    """Read settings from these variables alone."""

    def read(**environment: str) -> Settings:
        return load_settings(
            {"BOT_DATA_DIR": str(tmp_path / "data"), **environment}, env_file=tmp_path / "absent.env"
        )

    return read


def _account(network: str, **more: object) -> Account:
    return Account(name="invented", network=network, languages=("en",), **more)  # type: ignore[arg-type]


def _campaign(account: Account) -> Campaign:
    return Campaign(
        key="invented",
        title={"en": "Invented"},
        organisers={"en": ("Somebody",)},
        languages=("en",),
        zone="UTC",
        hashtags={},
        accounts=(account,),
        posting_times=(),
    )


@pytest.mark.parametrize("mode", ["dry-run", "live"])
@pytest.mark.parametrize("never_leaves", [True, False], ids=["dry_run: true", "dry_run: false"])
def test_network_without_a_publisher_is_refused_in_every_mode(settings_of, mode, never_leaves):
    account = _account("invented", dry_run=never_leaves)

    [problem] = account_problems([account], settings_of(BOT_MODE=mode), clock=CLOCK)

    assert "no publisher is installed for it" in problem.what


def test_account_in_dry_run_needs_no_secret(settings_of):
    account = _account(Network.MASTODON, server="https://social.invalid")

    assert account_problems([account], settings_of(), clock=CLOCK) == []


def test_live_account_names_the_secret_that_it_lacks(settings_of):
    account = _account(Network.MASTODON, server="https://social.invalid")

    [problem] = account_problems([account], settings_of(BOT_MODE="live"), clock=CLOCK)

    assert problem.where == "INVENTED_ACCESS_TOKEN"


def test_live_account_of_a_campaign_that_named_no_server_yet_is_refused_in_words(settings_of):
    [problem] = account_problems(
        [_account(Network.MASTODON)], settings_of(BOT_MODE="live", **TOKEN), clock=CLOCK
    )

    assert "write it in the campaign file" in problem.remedy


def test_mastodon_account_is_served_at_its_own_server(settings_of):
    account = _account(Network.MASTODON, server="https://social.invalid")

    outlet = build_outlet(account, settings_of(BOT_MODE="live", **TOKEN), clock=CLOCK)

    assert repr(outlet.publisher) == "MastodonPublisher(account='invented', server='https://social.invalid')"


def test_account_that_moved_to_another_server_is_served_there(settings_of):
    account = _account(Network.MASTODON, server="https://one.invalid")
    app = App(settings_of(BOT_MODE="live", **TOKEN), clock=CLOCK)
    with app.db.write() as tx:
        contents.save_campaign(tx, _campaign(account), now=CLOCK.now())
    before = app.outlets.of("invented")
    unchanged = app.outlets.of("invented")

    moved = replace(account, server="https://two.invalid", visibility=Visibility.UNLISTED)
    with app.db.write() as tx:
        contents.save_campaign(tx, _campaign(moved), now=CLOCK.now())
    app.outlets.refresh()
    after = app.outlets.of("invented")

    assert before is unchanged
    assert "two.invalid" in repr(after.publisher)
    assert (before.place, after.place) == ("https://one.invalid", "https://two.invalid")
    app.db.close()
