"""In dry-run nothing leaves."""

from __future__ import annotations

from bot.core.post import Receipt
from bot.publishing.dry_run import build
from bot.publishing.protocol import AccountSettings


def test_receipt_of_a_dry_run_has_no_link(clock, request_of):
    publisher = build(AccountSettings(account="a", api_url="", secrets={}), clock=clock)

    receipt = publisher.publish(request_of())

    assert receipt == Receipt(remote_id="dry-run-invented-key", url=None)


def test_what_a_dry_run_left_behind_is_certainly_absent(clock, request_of):
    publisher = build(AccountSettings(account="a", api_url="", secrets={}), clock=clock)
    publisher.publish(request_of())

    assert publisher.find(request_of(), since=clock.now()) is None
    assert publisher.recovery.absent_reads == 1


def test_dry_run_has_nothing_to_withdraw_and_is_its_own_account(clock):
    publisher = build(AccountSettings(account="a", api_url="", secrets={}), clock=clock)

    publisher.withdraw("dry-run-invented-key")

    assert publisher.check() == "a"
