"""Each request of an upload asks whether it may leave: after a no, no byte of the next one does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.core.errors import NotSentError


class _Allowance:
    """Lets so many requests leave."""

    def __init__(self, left: int) -> None:
        self.left = left

    def may_leave(self) -> bool:
        self.left -= 1
        return self.left >= 0


@pytest.fixture
def on_x(publisher, fake_x):
    # Busy: X is asked whether it is done, before it is given the words.
    fake_x.settings(processing_questions=2)
    return publisher, fake_x


@pytest.fixture
def on_mastodon(mastodon_publisher, fake_mastodon):
    # With a warning the server is asked what it is, too.
    return mastodon_publisher, fake_mastodon


@pytest.fixture
def on_bluesky(bluesky_publisher, fake_bluesky):
    # It has no session yet, and signs in.
    return bluesky_publisher, fake_bluesky


@pytest.mark.parametrize("network", ["on_x", "on_mastodon", "on_bluesky"])
def test_no_request_of_an_upload_leaves_after_a_no(request, album, network):
    publisher, fake = request.getfixturevalue(network)
    picture = album.outgoing("a picture", warning=True)
    arrived: list[int] = []

    for allowed in range(2):
        with pytest.raises(NotSentError):
            publisher.upload(picture, may_leave=_Allowance(allowed).may_leave)
        arrived.append(len(fake.journal()))

    assert arrived == [0, 1]


@pytest.mark.parametrize("allowed", range(4))
def test_x_is_left_alone_in_the_middle_of_an_upload(on_x, album, allowed):
    publisher, fake_x = on_x
    asked: Callable[[], bool] = _Allowance(allowed).may_leave

    with pytest.raises(NotSentError):
        publisher.upload(album.outgoing("a picture"), may_leave=asked)

    assert len(fake_x.journal()) == allowed
