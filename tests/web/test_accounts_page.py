"""The accounts page: how each stands, pausing one, and asking its network who it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot.core.campaign import Pace, QuietHours
from bot.core.errors import NotNowError
from bot.core.post import Mode, State
from bot.store import pauses, spending
from posting import ACCOUNT, CAMPAIGN, NOW, SECOND_ACCOUNT, force_state, write
from stage import Stage
from visiting import Visitor, words_of

PAGE = "/accounts"


def _paused(stage: Stage) -> list[tuple[str | None, str, str]]:
    with stage.db.read() as tx:
        return [(pause.account, pause.reason, pause.who) for pause in pauses.active(tx)]


def _goes_live(visitor: Visitor, *, api_url: str = "http://127.0.0.1:9", **secrets: str) -> None:
    values = {f"{ACCOUNT.name.upper()}_{name}": secret for name, secret in secrets.items()}
    settings = replace(visitor.app.settings, mode=Mode.LIVE, x_api_url=api_url, _values=values)
    visitor.app.settings = settings


def test_each_account_shows_its_limits_its_next_post_and_what_waits(stage: Stage, viewer: Visitor):
    pace = Pace(gap=timedelta(minutes=20), per_hour=4, per_day=30)
    stage.take_in(replace(CAMPAIGN, accounts=(replace(ACCOUNT, pace=pace), SECOND_ACCOUNT)))
    stage.add(due_at=NOW + timedelta(hours=1), texts=("The very next words.",))
    unknown = stage.add(due_at=NOW - timedelta(hours=1))
    write(stage.db, lambda tx: force_state(tx, unknown, State.UNKNOWN))

    words = words_of(viewer.see(PAGE))

    assert "at least 20 minutes between two posts at most 4 posts an hour at most 30 posts a day" in words
    assert "The very next words." in words
    assert "ready 1" in words
    assert "unknown 1" in words
    assert "never yet" in words
    assert SECOND_ACCOUNT.name in words


def test_an_account_that_waits_says_until_when(stage: Stage, viewer: Visitor):
    pace = Pace(gap=timedelta(minutes=20))
    stage.take_in(replace(CAMPAIGN, accounts=(replace(ACCOUNT, pace=pace),)))
    stage.outlets.mode = "dry-run"
    stage.add()
    stage.process().send()

    words = words_of(viewer.see(PAGE))

    assert "waits for its pace" in words
    # 09:20 in UTC.
    assert "12:20 (Damascus)" in words


def test_an_account_that_its_own_pace_made_wait_was_not_asked_by_its_network(stage: Stage, viewer: Visitor):
    pace = Pace(gap=timedelta(minutes=20))
    stage.take_in(replace(CAMPAIGN, accounts=(replace(ACCOUNT, pace=pace),)))
    process = stage.process()
    stage.add_all([stage.ready_post(), stage.ready_post(language="ar", texts=("Other invented words.",))])
    process.send()
    process.send()
    assert stage.waits_until() == NOW + timedelta(minutes=10)

    words = words_of(viewer.see(PAGE))
    stage.take_in(replace(CAMPAIGN, accounts=(ACCOUNT,)))
    unbound = words_of(viewer.see(PAGE))

    assert "network answered" not in words + unbound
    assert "waits until 12:10" in unbound


def test_an_account_that_its_network_asked_to_wait_says_what_it_answered(stage: Stage, viewer: Visitor):
    stage.network(NotNowError("an invented limit is reached", until=NOW + timedelta(minutes=30)))
    stage.add()
    stage.process().send()

    words = words_of(viewer.see(PAGE))

    assert "waits until 12:30" in words
    assert "by what the network answered: an invented limit is reached" in words


def test_the_month_shows_what_was_spent_and_what_is_left(stage: Stage, viewer: Visitor):
    write(stage.db, lambda tx: spending.reserve(tx, account=ACCOUNT.name, cost_usd_micros=3_200_000, now=NOW))

    without = words_of(viewer.see(PAGE))
    viewer.app.settings = replace(viewer.app.settings, x_monthly_budget_usd_micros=25_000_000)
    with_ceiling = viewer.see(PAGE)

    assert "$3.20 spent. There is no ceiling" in without
    assert "$21.80 left" in words_of(with_ceiling)
    assert "<meter" in with_ceiling


def test_an_account_is_paused_with_its_reason_and_undone_at_once(stage: Stage, approver: Visitor):
    answer = approver.send(
        "/accounts/pause", page=PAGE, account=ACCOUNT.name, reason="the network asks questions", back=PAGE
    )
    page = approver.follow(answer)

    assert _paused(stage) == [(ACCOUNT.name, "the network asks questions", approver.name)]
    assert "Undo" in words_of(page)
    assert "the network asks questions" in page

    approver.follow(approver.send("/accounts/resume", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert _paused(stage) == []


def test_a_pause_without_a_reason_still_pauses(stage: Stage, author: Visitor):
    page = author.follow(author.send("/accounts/pause", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert [account for account, _, _ in _paused(stage)] == [ACCOUNT.name]
    # Only an approver may undo it.
    assert "Undo" not in words_of(page)


def test_an_author_does_not_resume(stage: Stage, author: Visitor):
    stage.pause(account=ACCOUNT.name)

    answer = author.send("/accounts/resume", page=PAGE, account=ACCOUNT.name)

    assert answer.status_code == 403
    assert len(_paused(stage)) == 1


@pytest.mark.parametrize("what", ["pause", "resume", "test"])
def test_a_viewer_changes_nothing(stage: Stage, viewer: Visitor, what: str):
    answer = viewer.send(f"/accounts/{what}", page=PAGE, account=ACCOUNT.name, reason="x")

    assert answer.status_code == 403
    assert _paused(stage) == []
    assert "Pause this account" not in viewer.see(PAGE)


@pytest.mark.parametrize("what", ["pause", "resume", "test"])
def test_an_account_that_there_is_not_is_named(stage: Stage, approver: Visitor, what: str):
    answer = approver.send(f"/accounts/{what}", page=PAGE, account="nobody<b>")

    assert answer.status_code == 404
    assert "nobody<b>" not in answer.text
    assert _paused(stage) == []


def test_in_a_dry_run_there_is_nothing_to_test(approver: Visitor):
    page = approver.follow(approver.send("/accounts/test", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert "there is nothing to test" in words_of(page)


def test_the_network_says_who_the_account_is_and_nothing_is_posted(
    approver: Visitor, fake_x: Any, x_secrets: dict[str, str]
):
    _goes_live(approver, api_url=fake_x.url, **x_secrets)

    page = approver.follow(approver.send("/accounts/test", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert "the network knows it as @campaign. Nothing was posted." in words_of(page)
    assert fake_x.posts() == []


def test_what_is_missing_is_said_in_words(approver: Visitor):
    _goes_live(approver)

    page = approver.follow(approver.send("/accounts/test", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert f"{ACCOUNT.name.upper()}_API_KEY" in words_of(page)


def test_a_network_that_cannot_be_reached_shows_no_token(approver: Visitor, x_secrets: dict[str, str]):
    _goes_live(approver, **x_secrets)

    page = approver.follow(approver.send("/accounts/test", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert 'class="told warning"' in page
    assert not any(secret in page for secret in x_secrets.values())


def test_a_second_test_waits_for_the_first(approver: Visitor, x_secrets: dict[str, str]):
    _goes_live(approver, **x_secrets)
    assert approver.app._testing.acquire(blocking=False)

    page = approver.follow(approver.send("/accounts/test", page=PAGE, account=ACCOUNT.name, back=PAGE))

    assert "another account is being tested" in words_of(page)
    approver.app._testing.release()


def test_the_pause_file_stops_every_account(stage: Stage, viewer: Visitor):
    stage.pause_file.touch()

    words = words_of(viewer.see(PAGE))

    assert "may post now" not in words


def test_quiet_hours_say_when_they_end(stage: Stage, viewer: Visitor):
    pace = Pace(quiet=QuietHours(start=time(11), end=time(14, 30)))
    stage.take_in(replace(CAMPAIGN, accounts=(replace(ACCOUNT, pace=pace),)))

    words = words_of(viewer.see(PAGE))

    # It is noon in Damascus.
    assert "quiet from 11:00 to 14:30 (Damascus)" in words
    assert "14:30 (Damascus) after its quiet hours" in words


def test_a_month_whose_ceiling_is_reached_says_so(stage: Stage, viewer: Visitor):
    write(stage.db, lambda tx: spending.reserve(tx, account=ACCOUNT.name, cost_usd_micros=3_000_000, now=NOW))
    viewer.app.settings = replace(viewer.app.settings, x_monthly_budget_usd_micros=2_000_000)

    words = words_of(viewer.see(PAGE))

    assert "$0.00 left" in words
    assert "The ceiling is reached" in words


def test_without_a_campaign_the_page_says_what_to_do_first(stage: Stage, viewer: Visitor):
    stage.take_in(replace(CAMPAIGN, accounts=()))

    words = words_of(viewer.see(PAGE))

    assert "No account yet" in words
    assert "campaign.yaml" in words


def test_a_page_in_arabic_is_in_arabic(stage: Stage, url: str):
    visitor = Visitor(stage, url=url, language="ar")
    page = visitor.see(PAGE)
    visitor.close()

    assert 'dir="rtl"' in page
    assert f"<bdi>{ACCOUNT.name}</bdi>" in page
