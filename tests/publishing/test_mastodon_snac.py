"""A real server that is not Mastodon: what the publisher posts there reads back, and leaves once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from bot.core.clock import FixedClock
from bot.core.errors import AccountError, PublishError, RejectedError, UnconfirmedError
from bot.publishing import mastodon
from bot.publishing.mastodon import MastodonPublisher
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from cutting import cut_line
from snac import Snac, running_snac


@pytest.fixture(scope="module")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    with running_snac(tmp_path_factory.mktemp("snac") / "data") as server:
        yield server


@pytest.fixture
def publisher_at(snac: Snac, clock: FixedClock) -> Callable[..., MastodonPublisher]:
    """Make a publisher for the server's account, at its address or at another that leads there."""

    def make(url: str = snac.url, *, token: str = snac.token, **changes: Any) -> MastodonPublisher:
        settings = AccountSettings(account="a", api_url=url, secrets={"ACCESS_TOKEN": token}, **changes)
        mastodon.build(settings, clock=clock)
        return MastodonPublisher(settings, clock=clock, timeouts=Timeouts(connect=5, read=10, total=15))

    return make


@pytest.fixture
def since(clock: FixedClock) -> datetime:
    return clock.now()


TEXTS = [
    pytest.param(
        "تقول الشبكة إنّ ١٢٣ شخصًا اختفوا.\n\nالمصدر: مرصد\nhttps://example.org/a?x=1&y=2\n\n#سوريا #Syria",
        id="arabic",
    ),
    pytest.param("Kayıp İstanbul'da ağlıyor… #Suriye", id="turkish"),
    pytest.param("*stars* _lines_ `code` ~~no~~ **all**", id="what the server reads as markup"),
    pytest.param("# a head\n> a quote\n- a list", id="what it reads as headings and quotes"),
    pytest.param("a < b & c &lt; &amp; <b>no</b> <!-- \"so\" 'so'", id="html, which it does not escape"),
    pytest.param("Ask @somebody@social.invalid, or www.example.com", id="mention and bare name"),
    pytest.param("https://example.org/%D8%A3?x=*a*_b_#f", id="nothing but a link"),
    pytest.param("cafe\u0301 👨‍👩‍👧 🇸🇾 \u200fRLM \u2067isolate\u2069", id="marks and emoji"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_reads_back_as_it_was_posted(publisher_at, snac, since, request_of, text):
    publisher = publisher_at()

    receipt = publisher.publish(request_of(text))

    source = snac.ask("GET", f"/api/v1/statuses/{receipt.remote_id}/source").json()
    assert source["text"] == text
    assert publisher.find(request_of(text), since=since) == receipt


def test_content_warning_stands_before_the_text(publisher_at, snac, request_of):
    receipt = publisher_at().publish(request_of("With a warning.", content_warning="تعذيب"))

    [status] = [one for one in snac.statuses() if one["id"] == receipt.remote_id]
    assert (status["spoiler_text"], status["sensitive"]) == ("تعذيب", True)


def test_thread_is_a_chain_of_replies(publisher_at, snac, since, request_of):
    publisher = publisher_at()
    first = publisher.publish(request_of("Part one of a thread."))

    second = publisher.publish(request_of("Part two of a thread.", reply_to=first.remote_id))

    [status] = [one for one in snac.statuses() if one["id"] == second.remote_id]
    assert status["in_reply_to_id"] == first.remote_id
    assert publisher.find(request_of("Part two of a thread."), since=since) == second


def test_link_of_a_post_names_the_id_that_the_server_gave(publisher_at, snac, request_of):
    receipt = publisher_at().publish(request_of("With a link of its own."))

    assert mastodon.build.remote_id_of(receipt.url) == receipt.remote_id
    assert (
        mastodon.build.profile_of(receipt.url)
        == snac.ask("GET", "/api/v1/accounts/verify_credentials").json()["url"]
    )


def test_text_that_never_left_is_absent(publisher_at, since, request_of):
    assert publisher_at().find(request_of("Nobody ever sent this."), since=since) is None


@pytest.mark.parametrize("bytes_of_answer", [0, 20, 400], ids=["no answer", "half a head", "half a body"])
def test_post_whose_answer_was_lost_is_found_and_so_leaves_once(
    publisher_at, snac, since, request_of, bytes_of_answer
):
    text = f"Stored, and then the line was cut after {bytes_of_answer} bytes."
    with cut_line(snac.url, after=bytes_of_answer) as url, pytest.raises(UnconfirmedError):
        publisher_at(url).publish(request_of(text))

    found = publisher_at().find(request_of(text), since=since)

    assert [found.remote_id] == [one["id"] for one in snac.statuses() if text in one["content"]]


def test_look_whose_answer_breaks_off_proves_nothing(publisher_at, snac, since, request_of):
    publisher = publisher_at()
    publisher.publish(request_of("There, however the line behaves."))
    with (
        cut_line(snac.url, after=900) as url,
        pytest.raises(UnconfirmedError, match="could not be looked at"),
    ):
        publisher_at(url).find(request_of("Nobody ever sent this."), since=since)


def test_the_key_alone_would_publish_twice_here(publisher_at, snac, request_of):
    publisher = publisher_at()

    receipts = [publisher.publish(request_of("Twice under one key.")) for _ in range(2)]

    # Why nothing is repeated before a whole read has shown the account without it.
    assert receipts[0] != receipts[1]


def test_accounts_own_name_and_the_servers_limits_are_asked(publisher_at, snac):
    assert publisher_at().check() == f"@bot@{snac.url.removeprefix('http://')}"


def test_wrong_token_is_named_at_once(publisher_at, request_of):
    publisher = publisher_at(token="invented-and-wrong")

    with pytest.raises(AccountError, match="401"):
        publisher.publish(request_of("Never taken."))
    with pytest.raises(PublishError, match="422"):
        publisher.check()


def test_deletion_that_the_server_does_not_know_is_a_persons_to_do(publisher_at, request_of):
    publisher = publisher_at()
    receipt = publisher.publish(request_of("To be deleted by hand."))

    with pytest.raises(RejectedError, match="look at it in a browser"):
        publisher.withdraw(receipt.remote_id)


def test_full_account_proves_nothing_where_the_server_knows_no_pages(
    publisher_at, tmp_path, since, request_of
):
    with running_snac(tmp_path / "data") as full:
        for number in range(41):
            full.ask("POST", "/api/v1/statuses", data={"status": f"Filling {number}."})

        with pytest.raises(UnconfirmedError, match="do not go back far enough"):
            publisher_at(full.url, token=full.token).find(request_of("Never sent."), since=since)
