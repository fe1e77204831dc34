"""The publisher on a real Bluesky server (PDS): what it takes, what it shows, and what a fault leaves."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import AccountError, PublishError, RejectedError, UnconfirmedError
from bot.publishing.bluesky_record import put_body, record_key, record_of

# One server for all of them, and the first may have to wait until it is installed.
pytestmark = [pytest.mark.xdist_group("pds"), pytest.mark.timeout(900)]

ARABIC = "حقائق من سوريا #سوريا_حرة #معتقلون\nhttps://example.org/a?b=1، (#حلب) 👩‍👩‍👧 #Syria"


def test_arabic_post_arrives_with_its_hashtags_and_links(
    make_on_pds, pds_server, pds_settings, bluesky_request_of, clock
):
    receipt = make_on_pds().publish(bluesky_request_of(ARABIC, content_warning="صور"))

    (stored,) = pds_server.records(pds_settings.handle)
    value, content = stored["value"], ARABIC.encode()
    covered = [
        content[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in value["facets"]
    ]
    assert value["text"] == ARABIC
    assert covered == ["#سوريا_حرة", "#معتقلون", "https://example.org/a?b=1", "#حلب", "#Syria"]
    assert value["langs"] == ["ar"]
    assert value["labels"]["values"] == [{"val": "graphic-media"}]
    assert stored["uri"].endswith(f"/app.bsky.feed.post/{receipt.remote_id}")
    assert receipt.remote_id == record_key(moment=clock.now(), post=41, part=1)


def test_server_calls_the_record_valid(pds_settings, pds_server, bluesky_request_of, make_on_pds):
    make_on_pds().check()
    session = json.loads((pds_settings.keep / "bluesky-campaign_bluesky.json").read_text())
    request = bluesky_request_of(ARABIC, content_warning="x")
    body = put_body(did=session["did"], key="3mfyeszcd3d23", record=record_of(request, moment=request.moment))

    answer = pds_server.call("repo.putRecord", token=session["access"], json=json.loads(body))

    assert answer["validationStatus"] == "valid"


def test_repeat_is_no_second_post(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    first = make_on_pds().publish(bluesky_request_of(ARABIC))
    before = pds_server.records(pds_settings.handle)

    again = make_on_pds().publish(replace(bluesky_request_of(ARABIC), key="another attempt's"))

    assert again == first
    assert pds_server.records(pds_settings.handle) == before


def test_other_post_under_the_same_key_is_never_overwritten(
    make_on_pds, pds_server, pds_settings, bluesky_request_of
):
    make_on_pds().publish(bluesky_request_of("one"))

    with pytest.raises(UnconfirmedError, match="InvalidSwap"):
        make_on_pds().publish(bluesky_request_of("two"))

    assert [one["value"]["text"] for one in pds_server.records(pds_settings.handle)] == ["one"]


def test_look_finds_what_is_there_and_says_what_is_not(make_on_pds, bluesky_request_of, clock):
    publisher = make_on_pds()
    receipt = publisher.publish(bluesky_request_of(ARABIC))

    assert publisher.find(bluesky_request_of(ARABIC), since=clock.now()) == receipt
    assert publisher.find(bluesky_request_of(ARABIC, post=42), since=clock.now()) is None
    with pytest.raises(UnconfirmedError, match="another post under this one's key"):
        publisher.find(bluesky_request_of("another"), since=clock.now())


@pytest.mark.parametrize("fault", ["closed", "502", "half"])
def test_post_whose_answer_was_lost_is_found_and_a_repeat_leaves_one(
    make_on_pds, pds_server, spoiler, pds_settings, bluesky_request_of, clock, fault
):
    publisher = make_on_pds(api_url=spoiler.url)
    publisher.check()
    spoiler.fault = fault
    with pytest.raises(UnconfirmedError):
        publisher.publish(bluesky_request_of(ARABIC))

    found = publisher.find(bluesky_request_of(ARABIC), since=clock.now())
    again = publisher.publish(bluesky_request_of(ARABIC))

    (stored,) = pds_server.records(pds_settings.handle)
    assert found == again
    assert stored["uri"].endswith(found.remote_id)


def test_thread_hangs_together(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    publisher, receipts = make_on_pds(), []
    for part in (1, 2, 3):
        before = receipts[-1].remote_id if receipts else None
        receipts.append(publisher.publish(bluesky_request_of(f"part {part}", part=part, reply_to=before)))

    again = publisher.publish(bluesky_request_of("part 3", part=3, reply_to=receipts[1].remote_id))

    first, second, third = pds_server.records(pds_settings.handle)
    assert again == receipts[2]
    assert third["value"]["reply"] == {
        "root": {"uri": first["uri"], "cid": first["cid"]},
        "parent": {"uri": second["uri"], "cid": second["cid"]},
    }


def test_part_after_one_that_was_deleted_is_rejected(make_on_pds, bluesky_request_of):
    publisher = make_on_pds()
    first = publisher.publish(bluesky_request_of("one"))
    publisher.withdraw(first.remote_id)

    with pytest.raises(RejectedError, match="not on Bluesky any more"):
        publisher.publish(bluesky_request_of("two", part=2, reply_to=first.remote_id))


def test_withdrawn_post_is_gone_and_withdrawing_it_again_does_no_harm(
    make_on_pds, pds_server, pds_settings, bluesky_request_of
):
    publisher = make_on_pds()
    receipt = publisher.publish(bluesky_request_of())

    publisher.withdraw(receipt.remote_id)
    publisher.withdraw(receipt.remote_id)

    assert pds_server.records(pds_settings.handle) == []


def test_text_of_three_hundred_letters_with_two_marks_each_is_taken(
    make_on_pds, pds_server, pds_settings, bluesky_request_of
):
    make_on_pds().publish(bluesky_request_of("سَّ" * 300))

    (stored,) = pds_server.records(pds_settings.handle)
    assert stored["value"]["text"] == "سَّ" * 300


def test_session_is_kept_renewed_and_signed_in_anew_when_it_is_over(
    make_on_pds, pds_settings, bluesky_request_of, clock
):
    file = pds_settings.keep / "bluesky-campaign_bluesky.json"
    assert make_on_pds().check() == f"@{pds_settings.handle}"
    first = json.loads(file.read_text())

    # Its access token is over by our clock: it is renewed.
    clock.advance(timedelta(hours=2))
    make_on_pds().publish(bluesky_request_of("one"))
    second = json.loads(file.read_text())
    # No token is one: the server says so, and the account signs in anew.
    file.write_text(json.dumps({**second, "access": "a.b.c", "refresh": "a.b.c"}))
    clock.advance(-timedelta(hours=2))
    make_on_pds().publish(bluesky_request_of("two", post=42))

    third = json.loads(file.read_text())
    assert len({first["refresh"], second["refresh"], third["refresh"]}) == 3
    assert first["did"] == third["did"]


def test_wrong_password_is_the_accounts_fault(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    with pytest.raises(AccountError, match="check the account's handle and app password"):
        make_on_pds(secrets={"APP_PASSWORD": "invented"}).publish(bluesky_request_of())

    assert pds_server.records(pds_settings.handle) == []


def test_deactivated_account_is_named_as_such_and_a_look_at_it_proves_nothing(
    make_on_pds, pds_server, pds_settings, bluesky_request_of, clock
):
    make_on_pds().check()
    pds_server.deactivate(pds_settings.handle)

    with pytest.raises(AccountError, match="see what is wrong"):
        make_on_pds().publish(bluesky_request_of("two", post=42))
    with pytest.raises(UnconfirmedError):
        make_on_pds().find(bluesky_request_of("two", post=42), since=clock.now())


def test_many_at_once_under_one_key_make_one_post(make_on_pds, pds_server, pds_settings, bluesky_request_of):
    make_on_pds().check()

    def publish() -> None:
        try:
            said.append(make_on_pds().publish(bluesky_request_of(ARABIC)))
        except PublishError as error:
            said.append(error)

    said: list[object] = []
    threads = [threading.Thread(target=publish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(pds_server.records(pds_settings.handle)) == 1
    assert len({repr(one) for one in said}) == 1, said


def test_post_that_is_sent_again_at_another_moment_is_found_and_not_made_again(
    make_on_pds, pds_server, pds_settings, bluesky_request_of, clock
):
    publisher = make_on_pds()
    first = publisher.publish(bluesky_request_of(ARABIC))
    later = bluesky_request_of(ARABIC, planned=clock.now(), moment=clock.now() + timedelta(days=2))

    with pytest.raises(UnconfirmedError, match="InvalidSwap"):
        publisher.publish(later)

    assert publisher.find(later, since=clock.now()) == first
    assert len(pds_server.records(pds_settings.handle)) == 1
