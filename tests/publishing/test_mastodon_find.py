"""Looking at a Mastodon server for what an earlier attempt left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.errors import NotNowError, PublishError, UnconfirmedError
from bot.core.post import State

TIMELINE = "GET /api/v1/accounts/{id}/statuses"
SOURCE = "GET /api/v1/statuses/{id}/source"
ME = "GET /api/v1/accounts/verify_credentials"

TEXTS = [
    pytest.param("تقول الشبكة إنّ ١٢٣ شخصًا… «#سوريا»", id="arabic with marks and digits"),
    pytest.param("می‌خواهیم حقیقت را", id="zero width non-joiner"),
    pytest.param("a < b && b > c &lt; &amp; <b>no</b> <!-- \"so\" 'so'", id="html, and entities as text"),
    pytest.param(
        "Read https://example.org/a?x=1&copy=2 now, and example.com\n#Syria", id="links with & and bare"
    ),
    pytest.param("https://example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/" + "a" * 60, id="nothing but a link"),
    pytest.param("(https://example.org/x)", id="link in brackets"),
    pytest.param("two  spaces,\n\n\nthree lines ", id="white space"),
    pytest.param("cafe\u0301 and caf\u00e9", id="decomposed letters"),
    pytest.param("family 👨‍👩‍👧 flag 🇸🇾 \u200fRLM \u2067isolate\u2069", id="emoji and direction marks"),
    pytest.param("With @somebody@example.org and @example, #one #two", id="mentions and hashtags"),
    pytest.param("<![odd", id="markup that breaks off"),
    pytest.param("👍", id="no word at all"),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("knows_source", [True, False], ids=["with its source", "without its source"])
def test_text_is_found_as_it_was_sent(
    mastodon_publisher, fake_mastodon, clock, request_of, text, knows_source
):
    fake_mastodon.settings(knows_source=knows_source, hides_mentions=knows_source)
    receipt = mastodon_publisher.publish(request_of(text))

    assert mastodon_publisher.find(request_of(text), since=clock.now()) == receipt


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_never_left_is_absent(mastodon_publisher, clock, request_of, text):
    mastodon_publisher.publish(request_of("something else"))

    assert mastodon_publisher.find(request_of(text), since=clock.now()) is None


#: Pieces that servers change, or that must survive it.
PIECES = st.sampled_from(
    [
        *"سوريا abc <>&;#\"'@ \n\u200c\u200d\u200f…*_`~",
        *(
            "&amp;",
            "&lt",
            "&copy=",
            "e\u0301",
            "\u0651\u064e",
            "👨‍👩‍👧",
            "#سوريا_حرة",
            "@a@example.org",
            "<b>",
            "<![",
        ),
        *("https://example.org/?a=1&b=2", "example.com", "</p>", "<a href='x'>"),
    ]
)


@example(text="@a@example.org@a@example.org", knows_source=False)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(str.strip),
    knows_source=st.booleans(),
)
def test_text_that_was_sent_is_never_absent(
    mastodon_publisher, fake_mastodon, clock, request_of, text, knows_source
):
    fake_mastodon.reset()
    fake_mastodon.settings(knows_source=knows_source)
    receipt = mastodon_publisher.publish(request_of(text))

    try:
        found = mastodon_publisher.find(request_of(text), since=clock.now())
    except UnconfirmedError:
        # A mention shown without its server, and nobody to ask for the text: a person looks.
        assert not knows_source
    else:
        assert found == receipt


def test_what_a_server_shows_changed_is_told_apart_by_its_source(
    mastodon_publisher, fake_mastodon, clock, request_of
):
    receipt = mastodon_publisher.publish(request_of("Ask @somebody@example.org about it"))

    found = mastodon_publisher.find(request_of("Ask @somebody@example.org about it"), since=clock.now())

    assert found == receipt
    assert "source" in [entry["path"].rpartition("/")[2] for entry in fake_mastodon.journal()]


def test_what_a_server_shows_changed_and_cannot_explain_is_a_persons_to_judge(
    mastodon_publisher, fake_mastodon, clock, request_of
):
    fake_mastodon.settings(knows_source=False)
    receipt = mastodon_publisher.publish(request_of("Ask @somebody@example.org about it"))

    with pytest.raises(UnconfirmedError, match=f"says nearly the same: {receipt.url}"):
        mastodon_publisher.find(request_of("Ask @somebody@example.org about it"), since=clock.now())


def test_same_words_with_another_link_are_a_persons_to_judge(
    mastodon_publisher, fake_mastodon, clock, request_of
):
    mastodon_publisher.publish(request_of("One and the same fact. https://example.org/one"))

    with pytest.raises(UnconfirmedError, match="says nearly the same"):
        mastodon_publisher.find(
            request_of("One and the same fact. https://example.org/two"), since=clock.now()
        )


def test_fact_with_another_number_is_another_post(mastodon_publisher, clock, request_of):
    mastodon_publisher.publish(request_of("At least 1,438 lamps are out. https://example.org/one #Lamps"))

    text = "At least 1,440 lamps are out. https://example.org/one #Lamps"
    assert mastodon_publisher.find(request_of(text), since=clock.now()) is None


def test_of_several_that_are_alike_the_oldest_is_taken_and_no_known_one(
    mastodon_publisher, clock, request_of
):
    first, second, _ = (mastodon_publisher.publish(request_of(key=f"key-{n}")) for n in range(3))

    found = mastodon_publisher.find(request_of(), since=clock.now())
    without_it = mastodon_publisher.find(request_of(known=frozenset([first.remote_id])), since=clock.now())

    assert (found, without_it) == (first, second)


def test_text_is_found_behind_several_pages(mastodon_publisher, fake_mastodon, clock, request_of):
    wanted = mastodon_publisher.publish(request_of("number 0", key="key-0"))
    for number in range(1, 90):
        mastodon_publisher.publish(request_of(f"{number}", key=f"key-{number}"))

    found = mastodon_publisher.find(request_of("number 0"), since=clock.now())

    assert found == wanted
    pages = [
        entry for entry in fake_mastodon.journal() if entry["path"].endswith("/statuses") and entry["query"]
    ]
    assert len(pages) == 4


def test_server_that_knows_no_pages_is_read_when_its_one_page_holds_it_all(
    mastodon_publisher, fake_mastodon, clock, request_of
):
    fake_mastodon.settings(knows_pages=False)
    for number in range(3):
        mastodon_publisher.publish(request_of(f"{number}", key=f"key-{number}"))

    assert mastodon_publisher.find(request_of("never sent"), since=clock.now()) is None


def test_server_that_knows_no_pages_proves_nothing_when_its_page_is_full(
    mastodon_publisher, fake_mastodon, clock, request_of
):
    fake_mastodon.settings(knows_pages=False)
    for number in range(41):
        mastodon_publisher.publish(request_of(f"{number}", key=f"key-{number}"))

    with pytest.raises(UnconfirmedError, match="do not go back far enough"):
        mastodon_publisher.find(request_of("never sent"), since=clock.now())


def test_post_from_long_before_the_attempt_is_not_taken_for_it(mastodon_publisher, clock, request_of):
    mastodon_publisher.publish(request_of())

    assert mastodon_publisher.find(request_of(), since=clock.now() + timedelta(minutes=10)) is None


def test_clock_of_the_server_may_be_a_minute_behind(mastodon_publisher, fake_mastodon, clock, request_of):
    fake_mastodon.settings(clock_offset_seconds=-60)
    receipt = mastodon_publisher.publish(request_of())

    assert mastodon_publisher.find(request_of(), since=clock.now()) == receipt


@pytest.mark.parametrize("apart", [-200, 200], ids=["behind", "ahead"])
def test_moments_of_a_server_with_another_clock_prove_nothing(
    mastodon_publisher, fake_mastodon, clock, request_of, apart
):
    fake_mastodon.settings(clock_offset_seconds=apart)
    mastodon_publisher.publish(request_of())

    with pytest.raises(UnconfirmedError, match=r"differs from this machine's by \d+ s"):
        mastodon_publisher.find(request_of(), since=clock.now())


@pytest.mark.parametrize(
    "fault",
    [
        *(
            pytest.param({"kind": kind, "on": on}, id=f"{kind}: {name}")
            for kind in ("drop", "reset", "redirect", "empty")
            for name, on in {"the page": TIMELINE, "who am I": ME}.items()
        ),
        *(
            pytest.param({"kind": "status", "status": status, "on": TIMELINE, "body": body}, id=name)
            for name, status, body in (
                ("503 that looks empty", 503, []),
                ("401", 401, {"error": "The access token is invalid"}),
                ("403", 403, {"error": "This action is outside the authorized scopes"}),
                ("404", 404, {"error": "Record not found"}),
                ("an object", 200, {}),
                ("a number in it", 200, [1]),
                ("a post without its moment", 200, [{"id": "1", "content": "a"}]),
                (
                    "a post without a zone",
                    200,
                    [{"id": "1", "content": "a", "created_at": "2026-01-01T00:00:00"}],
                ),
                ("a post without its text", 200, [{"id": "1", "created_at": "2026-01-01T00:00:00Z"}]),
                ("a post with a path for an id", 200, [{"id": "../1", "content": "a"}]),
            )
        ),
        pytest.param({"kind": "truncated", "on": TIMELINE}, id="half a page"),
        pytest.param({"kind": "status", "status": 200, "on": ME, "body": {}}, id="who am I: nobody"),
    ],
)
def test_anything_less_than_a_whole_read_proves_nothing(
    mastodon_publisher, fake_mastodon, clock, request_of, fault
):
    fake_mastodon.faults(fault)

    with pytest.raises(UnconfirmedError) as caught:
        mastodon_publisher.find(request_of(), since=clock.now())

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("on", [TIMELINE, SOURCE, ME])
def test_limit_while_looking_asks_to_wait(mastodon_publisher, fake_mastodon, clock, request_of, on):
    mastodon_publisher.publish(request_of("Ask @somebody@example.org"))
    fake_mastodon.faults({"kind": "status", "status": 429, "on": on})

    with pytest.raises(NotNowError):
        mastodon_publisher.find(request_of("Ask @somebody@example.org"), since=clock.now())


def test_second_page_that_breaks_off_proves_nothing(mastodon_publisher, fake_mastodon, clock, request_of):
    for number in range(45):
        mastodon_publisher.publish(request_of(f"{number}", key=f"key-{number}"))
    fake_mastodon.faults({"kind": "late", "seconds": 0, "on": TIMELINE}, {"kind": "drop", "on": TIMELINE})

    with pytest.raises(PublishError, match="could not be looked at"):
        mastodon_publisher.find(request_of("never sent"), since=clock.now())


def test_only_within_the_time_of_its_key_a_repeat_is_safe(mastodon_publisher):
    recovery = mastodon_publisher.recovery

    assert recovery.absent_means is State.READY
    assert recovery.repeat_within is not None
    assert recovery.settle < recovery.repeat_within < timedelta(hours=1)
