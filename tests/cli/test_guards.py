"""What a person sees of repeats, of money, and of overruling them."""

from __future__ import annotations

_ADD = ("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--language", "en")
_CALL = (*_ADD, "--kind", "call", "--by", "Sami", "--at")


def _queued_twice(here) -> None:
    assert here(*_CALL, "2031-05-05 10:00", "--text", "Where are they?").status == 0
    assert here(*_CALL, "2031-05-06 10:00", "--text", "WHERE are they").status == 0


def test_the_second_of_two_is_held_and_names_the_first(here):
    here(*_CALL, "2031-05-05 10:00", "--text", "Where are they?")

    added = here(*_CALL, "2031-05-06 10:00", "--text", "WHERE are they", "--json").json

    assert (added["state"], added["guard"]) == ("held", "repeats")
    assert added["reason"] == (
        "repeats: says the same as post 1, which waits for 2031-05-05 on not_hostages_x"
    )


def test_release_overrules_a_repeat_and_shows_who_did(here):
    _queued_twice(here)

    released = here("queue", "release", "2", "--by", "Huda")
    shown = here("queue", "show", "2")

    assert released.out.startswith("post 2 is ready; its moment is Tue 2031-05-06 10:00 Asia/Damascus.")
    assert "Overruled for this text and moment: repeats." in shown.out
    assert "overruled guards repeats, reason repeats: says the same as post 1" in shown.out
    assert "who Huda" in shown.out


def test_accounts_show_what_is_spent_and_left(here, monkeypatch):
    monkeypatch.setenv("BOT_X_MONTHLY_BUDGET_USD", "12.50")

    told = here("accounts")

    assert "X this month (UTC): $0.00 of $12.50 spent, $12.50 left." in told.out


def test_a_budget_that_is_no_amount_is_named_with_its_remedy(here, monkeypatch):
    monkeypatch.setenv("BOT_X_MONTHLY_BUDGET_USD", "lots")

    told = here("accounts")

    assert told.status == 1
    assert told.complaints == [
        "BOT_X_MONTHLY_BUDGET_USD: 'lots' is no amount in US dollars: write e.g. 25 or 12.50; "
        "nothing for no ceiling"
    ]


def test_rehearsing_names_the_months_above_the_ceiling(here, monkeypatch):
    monkeypatch.setenv("BOT_X_MONTHLY_BUDGET_USD", "1")

    told = here("rehearse", "--days", "28", "--from", "2031-05-03")

    assert "2031-05: $3.18 is above the month's ceiling of $1.00: the rest would be held." in told.out
