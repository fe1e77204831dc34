"""Looking at X for what an earlier attempt left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import NotNowError, UnconfirmedError
from bot.publishing.protocol import AccountSettings
from bot.publishing.x import build

TIMELINE = "GET /2/users/{id}/tweets"

TEXTS = [
    pytest.param("تقول الشبكة إنّ ١٢٣ شخصًا… «#سوريا»", id="arabic with marks and digits"),
    pytest.param("می‌خواهیم حقیقت را", id="zero width non-joiner"),
    pytest.param(
        "a < b && b > c &lt; &amp; AT&copy \"quoted\" 'so'", id="html specials, and entities as text"
    ),
    pytest.param(
        "Read https://example.org/a?x=1&copy=2 now, and example.com\n#Syria", id="links with & and bare"
    ),
    pytest.param("https://example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", id="nothing but a link"),
    pytest.param("(https://example.org/x)", id="link in brackets"),
    pytest.param("two  spaces,\n\n\nthree lines ", id="white space"),
    pytest.param("cafe\u0301 and caf\u00e9", id="decomposed letters"),
    pytest.param("family 👨‍👩‍👧 flag 🇸🇾 \u200fRLM \u2067isolate\u2069", id="emoji and direction marks"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_found_as_it_was_sent(publisher, fake_x, clock, request_of, text):
    receipt = publisher.publish(request_of(text))

    found = publisher.find(request_of(text), since=clock.now())

    assert found == receipt


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_never_left_is_absent(publisher, fake_x, clock, request_of, text):
    publisher.publish(request_of("something else"))

    found = publisher.find(request_of(text), since=clock.now())

    assert found is None


#: Pieces that X changes, or that must survive it.
PIECES = st.sampled_from(
    [
        *"سوريا abc <>&;#\"' \n\u200c\u200d\u200f…",
        *("&amp;", "&lt", "&copy=", "e\u0301", "\u0651\u064e", "👨‍👩‍👧", "#سوريا_حرة"),
        *("https://example.org/?a=1&b=2", "example.com", "https://t.co/abc"),
    ]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(str.strip))
def test_text_that_was_sent_is_never_absent(publisher, fake_x, clock, request_of, text):
    fake_x.reset()
    receipt = publisher.publish(request_of(text))

    try:
        found = publisher.find(request_of(text), since=clock.now())
    except UnconfirmedError:
        # Links glued together: a person looks, and nothing is sent again.
        assert text.count("://") > 1
    else:
        assert found == receipt


def test_text_is_found_behind_several_pages(publisher, fake_x, clock, request_of):
    wanted = publisher.publish(request_of("number 0"))
    for number in range(1, 130):
        publisher.publish(request_of(f"number {number}"))

    found = publisher.find(request_of("number 0"), since=clock.now())

    assert found == wanted
    pages = [
        entry for entry in fake_x.journal() if entry["path"].endswith("/tweets") and "users" in entry["path"]
    ]
    assert len(pages) == 2


def test_reply_in_a_thread_is_found(publisher, clock, request_of):
    first = publisher.publish(request_of("one"))
    second = publisher.publish(request_of("two", reply_to=first.remote_id))

    assert publisher.find(request_of("two", reply_to=first.remote_id), since=clock.now()) == second


def test_post_from_long_before_the_attempt_is_not_taken_for_it(publisher, fake_x, clock, request_of):
    publisher.publish(request_of())

    assert publisher.find(request_of(), since=clock.now() + timedelta(minutes=10)) is None


def test_clock_of_x_may_be_a_minute_behind(publisher, fake_x, clock, request_of):
    fake_x.settings(clock_offset_seconds=-60)
    receipt = publisher.publish(request_of())

    assert publisher.find(request_of(), since=clock.now()) == receipt


@pytest.mark.parametrize("apart", [-200, 200], ids=["behind", "ahead"])
def test_timeline_of_an_x_with_another_clock_proves_nothing(publisher, fake_x, clock, request_of, apart):
    # Where X is behind, `start_time` cuts away the very post; where it is ahead, older ones come in.
    fake_x.settings(clock_offset_seconds=apart)
    publisher.publish(request_of())
    publisher.clock_skew = None

    with pytest.raises(
        UnconfirmedError, match=r"differs from this machine's by \d+ s: its timeline proves noth"
    ):
        publisher.find(request_of(), since=clock.now())

    assert abs(publisher.clock_skew - timedelta(seconds=apart)) < timedelta(seconds=60)


def test_each_page_is_held_against_our_clock(publisher, fake_x, clock, request_of):
    for number in range(101):
        publisher.publish(request_of(f"Post {number}."))
    page = {"kind": "late", "seconds": 0, "on": TIMELINE}
    fake_x.faults(page)
    looked = publisher._own_posts(clock.now())
    next(looked)
    fake_x.settings(clock_offset_seconds=200)

    with pytest.raises(UnconfirmedError, match="its timeline proves nothing"):
        list(looked)


def test_of_several_posts_the_oldest_is_taken_that_is_not_known_as_another(
    publisher, fake_x, clock, request_of
):
    fake_x.settings(takes_duplicates=True)
    public = [publisher.publish(request_of()) for _ in range(3)]

    found = [
        publisher.find(request_of(known=frozenset(one.remote_id for one in public[:n])), since=clock.now())
        for n in range(4)
    ]

    assert found == [*public, None]


def test_a_post_with_another_link_that_is_known_as_another_is_no_doubt(publisher, clock, request_of):
    other = publisher.publish(request_of("Sign here: https://example.org/one"))
    wanted = request_of("Sign here: https://example.org/two", known=frozenset({other.remote_id}))

    assert publisher.find(wanted, since=clock.now()) is None


def test_deleted_post_is_absent(publisher, clock, request_of):
    publisher.withdraw(publisher.publish(request_of()).remote_id)

    assert publisher.find(request_of(), since=clock.now()) is None


def test_post_of_another_account_is_not_taken_for_ours(publisher, fake_x, x_secrets_of, clock, request_of):
    other = AccountSettings(account="other_x", api_url=fake_x.url, secrets=x_secrets_of("other"))
    build(other, clock=clock).publish(request_of())

    assert publisher.find(request_of(), since=clock.now()) is None


@pytest.mark.parametrize("vocabulary", ["current", "legacy"])
def test_long_post_is_read_whole_in_both_vocabularies(publisher, fake_x, clock, request_of, vocabulary):
    fake_x.settings(vocabulary=vocabulary, long_posts=True)
    text = "حقائق " * 100 + "https://example.org/end"
    receipt = publisher.publish(request_of(text))

    assert publisher.find(request_of(text), since=clock.now()) == receipt
    assert publisher.find(request_of(text + "2"), since=clock.now() + timedelta(hours=1)) is None


@pytest.mark.parametrize("fault", ["stale", "empty_page"])
def test_one_stale_read_shows_it_absent(publisher, fake_x, clock, request_of, fault):
    publisher.publish(request_of())
    fake_x.faults({"kind": fault, "seconds": 60})

    assert publisher.find(request_of(), since=clock.now()) is None


def test_same_words_with_another_link_are_for_a_person_to_judge(publisher, clock, request_of):
    publisher.publish(request_of("Sign here: https://example.org/one"))

    with pytest.raises(UnconfirmedError, match="another link"):
        publisher.find(request_of("Sign here: https://example.org/two"), since=clock.now())


@pytest.mark.parametrize("reads_before", [0, 1], ids=["first page", "second page"])
def test_timeline_that_asks_to_wait_names_the_moment(publisher, fake_x, clock, request_of, reads_before):
    for number in range(101 * reads_before):
        publisher.publish(request_of(f"Post {number}."))
    reset = int(clock.now().timestamp()) + 600
    page = {"kind": "late", "seconds": 0, "on": TIMELINE}
    limited = {
        "kind": "status",
        "status": 429,
        "headers": {"x-rate-limit-reset": str(reset), "x-rate-limit-remaining": "0"},
        "on": TIMELINE,
    }
    fake_x.faults(*[page] * reads_before, limited)

    with pytest.raises(NotNowError) as asked:
        publisher.find(request_of("A post."), since=clock.now())

    assert asked.value.until == clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "drop"}, id="dropped"),
        pytest.param({"kind": "reset"}, id="reset"),
        pytest.param({"kind": "wrong_json", "when": "after"}, id="no JSON"),
        pytest.param({"kind": "truncated"}, id="truncated"),
        pytest.param({"kind": "empty"}, id="no body"),
        pytest.param({"kind": "redirect"}, id="redirect"),
        *(
            pytest.param({"kind": "status", "status": status}, id=str(status))
            for status in (400, 401, 402, 403, 404, 500, 503)
        ),
        pytest.param(
            {"kind": "status", "status": 503, "body": {"meta": {"result_count": 0}}}, id="empty page with 503"
        ),
        *(
            pytest.param({"kind": "status", "status": 200, "body": body}, id=name)
            for name, body in {
                "empty object": {},
                "list": [],
                "only errors": {"errors": [{"title": "Off"}]},
                "meta without a count": {"meta": {}},
                "fewer posts than it says": {"meta": {"result_count": 2}, "data": [{"id": "1", "text": "a"}]},
                "data is no list": {"meta": {"result_count": 0}, "data": {}},
                "post without text": {"meta": {"result_count": 1}, "data": [{"id": "1"}]},
                "post is no object": {"meta": {"result_count": 1}, "data": ["post"]},
                "some posts in error": {"meta": {"result_count": 0}, "errors": [{"title": "Off"}]},
                "next page is a number": {"meta": {"result_count": 0, "next_token": 7}},
                "entities of another shape": {
                    "meta": {"result_count": 1},
                    "data": [{"id": "1", "text": "https://t.co/x", "entities": {"urls": ["?"]}}],
                },
            }.items()
        ),
    ],
)
def test_read_that_is_not_whole_proves_nothing(publisher, fake_x, clock, request_of, fault):
    publisher.check()
    fake_x.faults({"on": TIMELINE, "times": 2, **fault})

    with pytest.raises(UnconfirmedError, match=r"^X could not be looked at: "):
        publisher.find(request_of(), since=clock.now())


def test_second_page_that_cannot_be_read_proves_nothing(publisher, fake_x, clock, request_of):
    page = {"meta": {"result_count": 0, "next_token": "next"}}
    fake_x.faults(
        {"on": TIMELINE, "kind": "status", "status": 200, "body": page},
        {"on": TIMELINE, "kind": "drop"},
    )

    with pytest.raises(UnconfirmedError):
        publisher.find(request_of(), since=clock.now())


def test_pages_without_an_end_are_given_up(publisher, fake_x, clock, request_of):
    page = {"meta": {"result_count": 0, "next_token": "again"}}
    fake_x.faults({"on": TIMELINE, "kind": "status", "status": 200, "body": page, "times": 1000})

    with pytest.raises(UnconfirmedError, match="pages"):
        publisher.find(request_of(), since=clock.now())

    assert len(fake_x.journal()) == 1 + 32


def test_network_that_cannot_be_reached_proves_nothing(make_publisher, clock, request_of):
    with pytest.raises(UnconfirmedError, match="connection was refused"):
        make_publisher(api_url="http://127.0.0.1:9").find(request_of(), since=clock.now())
