"""A real server that is not Mastodon: what the publisher posts there reads back, and leaves once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.core.campaign import Network
from bot.core.clock import FixedClock
from bot.core.errors import AccountError, NotSentError, PublishError, RejectedError, UnconfirmedError
from bot.media.bytes_check import prove_bare
from bot.media.folder import MediaFolder
from bot.publishing import mastodon
from bot.publishing.mastodon import MastodonPublisher
from bot.publishing.protocol import AccountSettings, OutgoingPicture, PublishRequest
from bot.publishing.transport import Timeouts
from cutting import cut_line
from pictures import drawing, encoded, exif_segment, in_jpeg, tiff
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


def test_post_of_which_a_piece_arrived_is_no_shorter_post(publisher_at, snac, request_of):
    before = len(snac.statuses())

    for arrives in range(300, 700, 20):
        with cut_line(snac.url, after=0, arrives=arrives) as url, pytest.raises(UnconfirmedError):
            publisher_at(url).publish(request_of("A fact, and only then its source. " * 10))

    # It takes a form that breaks off for a shorter one, and makes that public.
    assert len(snac.statuses()) == before


# -- pictures ----------------------------------------------------------------------------------------

ALT = "صورة لشارع: لافتة كُتب عليها «أين هم؟» — a street & a sign <here>"


@pytest.fixture
def photograph(tmp_path: Path) -> OutgoingPicture:
    """A picture as organisers have it, with a place in it; rebuilt as the bot does."""
    place = exif_segment(tiff({0x010F: b"INVENTED-CAMERA"}, place={2: b"INVENTED-PLACE"}))
    original = tmp_path / "photograph.jpg"
    original.write_bytes(in_jpeg(encoded(drawing(), "jpeg"), place))
    folder = MediaFolder(tmp_path / "media")
    file = folder.add(original).picture.networks[Network.MASTODON]
    return OutgoingPicture(file=file, alt=ALT, warning=False, data=folder.read(file))


def shown(snac: Snac, remote_id: str) -> dict[str, Any]:
    """A status as a follower has it; its pictures with the bytes that the server gives."""
    [status] = [one for one in snac.statuses() if one["id"] == remote_id]
    attached = status["media_attachments"]
    files = [snac.ask("GET", urlsplit(one["url"]).path).content for one in attached]
    words = [one["description"] for one in attached]
    return {"sensitive": status["sensitive"], "pictures": list(zip(files, words, strict=True))}


def with_picture(request: PublishRequest, picture: OutgoingPicture, name: str | None) -> PublishRequest:
    return replace(request, picture=replace(picture, uploaded=name))


def test_post_with_a_picture_reads_back_with_its_words_and_as_a_bare_picture(
    publisher_at, snac, since, request_of, photograph
):
    publisher = publisher_at()
    text = "تقول الشبكة إنّ ١٢٣ شخصًا اختفوا، وهذه صورة. #سوريا"
    request = with_picture(request_of(text, language="ar"), photograph, publisher.upload(photograph).name)

    receipt = publisher.publish(request)

    assert shown(snac, receipt.remote_id) == {"sensitive": False, "pictures": [(photograph.data, ALT)]}
    assert prove_bare(shown(snac, receipt.remote_id)["pictures"][0][0]) is not None
    assert b"INVENTED" not in photograph.data
    assert snac.ask("GET", f"/api/v1/statuses/{receipt.remote_id}/source").json()["text"] == text
    assert publisher.find(with_picture(request, photograph, None), since=since) == receipt


def test_picture_of_a_post_with_a_warning_is_covered(publisher_at, snac, request_of, photograph):
    publisher, picture = publisher_at(), replace(photograph, warning=True)
    picture = replace(picture, covered_by_text=True)
    request = request_of("A picture that may distress.", content_warning="تعذيب")

    receipt = publisher.publish(with_picture(request, picture, publisher.upload(picture).name))

    assert shown(snac, receipt.remote_id)["sensitive"] is True


def test_picture_that_the_server_would_show_uncovered_stays_away(publisher_at, photograph):
    with pytest.raises(RejectedError, match="give the item a content warning"):
        publisher_at().upload(replace(photograph, warning=True))


def test_no_picture_takes_the_place_of_another_or_of_its_words(
    publisher_at, snac, request_of, photograph, album
):
    publisher = publisher_at()
    pictures = [photograph, replace(photograph, alt="The same, in other words."), album.outgoing("another")]
    # All are there before the first post leaves.
    names = [publisher.upload(picture).name for picture in pictures]

    receipts = [
        publisher.publish(with_picture(request_of(f"Picture {number}."), picture, name))
        for number, (picture, name) in enumerate(zip(pictures, names, strict=True))
    ]

    seen = [shown(snac, receipt.remote_id)["pictures"] for receipt in receipts]
    assert seen == [[(picture.data, picture.alt)] for picture in pictures]


def test_picture_that_is_brought_again_is_the_same_one(publisher_at, photograph):
    publisher = publisher_at()

    assert publisher.upload(photograph) == publisher.upload(photograph)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param({"after": 0}, id="no answer"),
        pytest.param({"after": 20}, id="half a head"),
        pytest.param({"after": 300}, id="half a body"),
        pytest.param({"after": 0, "arrives": 700}, id="half a picture"),
    ],
)
def test_picture_whose_way_was_cut_is_brought_again_and_leaves_whole(
    publisher_at, snac, request_of, photograph, cut
):
    with cut_line(snac.url, **cut) as url, pytest.raises(NotSentError):
        publisher_at(url).upload(photograph)
    publisher, text = publisher_at(), f"Brought twice, after {cut}."

    receipt = publisher.publish(with_picture(request_of(text), photograph, publisher.upload(photograph).name))

    assert shown(snac, receipt.remote_id)["pictures"] == [(photograph.data, ALT)]


@pytest.mark.parametrize("bytes_of_answer", [0, 20, 400], ids=["no answer", "half a head", "half a body"])
def test_post_with_a_picture_whose_answer_was_lost_is_found_and_so_leaves_once(
    publisher_at, snac, since, request_of, photograph, bytes_of_answer
):
    text = f"With a picture, and then the line was cut after {bytes_of_answer} bytes."
    request = with_picture(request_of(text), photograph, publisher_at().upload(photograph).name)
    with cut_line(snac.url, after=bytes_of_answer) as url, pytest.raises(UnconfirmedError):
        publisher_at(url).publish(request)

    found = publisher_at().find(with_picture(request, photograph, None), since=since)

    assert [found.remote_id] == [one["id"] for one in snac.statuses() if text in one["content"]]
    assert shown(snac, found.remote_id)["pictures"] == [(photograph.data, ALT)]


def test_post_that_arrived_by_half_is_absent_and_its_picture_serves_the_repeat(
    publisher_at, snac, since, request_of, photograph
):
    publisher = publisher_at()
    request = with_picture(request_of("Half of it arrived."), photograph, publisher.upload(photograph).name)
    with cut_line(snac.url, after=0, arrives=150) as url, pytest.raises(UnconfirmedError):
        publisher_at(url).publish(request)
    assert publisher.find(with_picture(request, photograph, None), since=since) is None

    receipt = publisher.publish(request)

    assert [receipt.remote_id] == [one["id"] for one in snac.statuses() if "Half of it" in one["content"]]
    assert shown(snac, receipt.remote_id)["pictures"] == [(photograph.data, ALT)]


def test_post_without_its_picture_is_not_taken_for_the_one_with_it(
    publisher_at, since, request_of, photograph
):
    publisher = publisher_at()
    request = request_of("Somebody posted the words alone.")
    publisher.publish(request)

    with pytest.raises(UnconfirmedError, match="not with its picture"):
        publisher.find(with_picture(request, photograph, None), since=since)


# -- the account -------------------------------------------------------------------------------------


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
