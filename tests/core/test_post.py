"""The states of a post, and what an approval binds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotAllowedError
from bot.core.media import PictureFile, PostPicture
from bot.core.post import MOVES, WAITING, State, check_move, digest_of

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

#: As the design tells them: from each state, where a post may go.
ALLOWED = {
    "held": {"ready", "cancelled", "missed", "unknown", "sent"},
    "ready": {"claimed", "held", "missed", "unknown", "cancelled", "sent"},
    "claimed": {"sending", "ready", "held", "missed", "unknown"},
    "sending": {"sent", "ready", "rejected", "unconfirmed"},
    "unconfirmed": {"sent", "sending", "ready", "unknown"},
    "unknown": {"sent", "ready", "cancelled"},
    "missed": {"ready", "held", "cancelled", "sent"},
    "sent": {"withdrawn"},
    "rejected": set(),
    "cancelled": set(),
    "withdrawn": set(),
}


@pytest.mark.parametrize(
    ("before", "after"),
    [pytest.param(one, two, id=f"{one}-{two}") for one in State for two in State],
)
def test_a_post_moves_only_where_the_design_lets_it(before, after):
    if after in ALLOWED[before]:
        check_move(before, after)
    else:
        with pytest.raises(NotAllowedError, match=f"a {before} post cannot become {after}"):
            check_move(before, after)


def test_every_state_can_be_reached():
    reached = {State.HELD, State.READY, State.REJECTED}
    while more := {after for state in reached for after in MOVES[state]} - reached:
        reached |= more

    assert reached == set(State)


@pytest.mark.parametrize(
    "state", [State.UNKNOWN, State.SENT, State.REJECTED, State.CANCELLED, State.WITHDRAWN]
)
def test_what_was_decided_never_leaves_without_a_person(state):
    # From these a post reaches the network only by way of READY, which is an operator's word.
    assert not MOVES[State(state)] & {State.CLAIMED, State.SENDING}


def test_nothing_waits_for_a_person_and_leaves_by_itself():
    assert not WAITING & {State.UNKNOWN, State.MISSED}


_WORDS = st.text(max_size=5)
_FILE = PictureFile(digest="f" * 64, media_type="image/png", width=2, height=1, size=70)
_BOUND = st.fixed_dictionaries(
    {
        "account": _WORDS,
        "language": _WORDS,
        "due_at": st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=hours)),
        "texts": st.lists(_WORDS, min_size=1, max_size=3).map(tuple),
        "content_warning": st.none() | _WORDS,
        "picture": st.none() | st.builds(PostPicture, file=st.just(_FILE), alt=_WORDS, warning=st.booleans()),
    }
)


@given(one=_BOUND, two=_BOUND)
def test_an_approval_binds_one_text_warning_picture_account_language_and_moment(one, two):
    assert (digest_of(**one) == digest_of(**two)) is (one == two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(("ab", ""), ("a", "b"), id="moved-over-the-border"),
        pytest.param(("ab",), ("a", "b"), id="split"),
        pytest.param(("a", "b"), ("b", "a"), id="turned"),
    ],
)
def test_parts_of_a_thread_are_bound_one_by_one(one, two):
    digests = {digest_of(account="a", language="en", due_at=NOW, texts=texts) for texts in (one, two)}

    assert len(digests) == 2


def test_a_warning_is_bound_as_a_warning_and_not_as_a_part():
    known = {"account": "a", "language": "en", "due_at": NOW}

    digests = {
        digest_of(**known, texts=("a",), content_warning="b"),
        digest_of(**known, texts=("a", "b")),
        digest_of(**known, texts=("a", "warning", "b")),
        digest_of(**known, texts=("b",), content_warning="a"),
        digest_of(**known, texts=("a",)),
        digest_of(**known, texts=("a",), content_warning=""),
    }

    assert len(digests) == 6
