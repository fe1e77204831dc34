"""Links to posts as Mastodon and its relatives write them."""

from __future__ import annotations

import pytest

from bot.publishing.mastodon import build

LINKS = [
    pytest.param(
        "https://social.example/@campaign/113456789012345678",
        "113456789012345678",
        "https://social.example/@campaign",
        id="Mastodon",
    ),
    pytest.param(
        "https://social.example/users/campaign/statuses/113456789012345678",
        "113456789012345678",
        "https://social.example/@campaign",
        id="its ActivityPub address",
    ),
    pytest.param(
        "https://social.example/@campaign/statuses/01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "01HZZZZZZZZZZZZZZZZZZZZZZZ",
        "https://social.example/@campaign",
        id="GoToSocial",
    ),
    pytest.param("https://social.example/notice/AaBbCcDdEe12345678", "AaBbCcDdEe12345678", None, id="Akkoma"),
    pytest.param(
        "http://localhost:18471/bot/p/1795253863.050953",
        "179525386312d5314f1badd7db7f79139d6345e993",
        "http://localhost:18471/bot",
        id="snac, whose id is made of its address",
    ),
]


@pytest.mark.parametrize(("link", "remote_id", "profile"), LINKS)
def test_link_of_a_post_names_its_id_and_its_profile(link, remote_id, profile):
    assert build.remote_id_of(f" {link} ") == remote_id
    assert build.profile_of(link) == profile


@pytest.mark.parametrize(
    "link",
    [
        "https://social.example/@campaign",
        "https://social.example/@campaign/media",
        "http://social.example/@campaign/1",
        "ftp://social.example/@campaign/1",
        "https://social.example/@campaign/1/../2",
        "https://social.example/@/1",
        "https://[social.example/@campaign/1",
        "@campaign",
        "",
    ],
)
def test_what_is_no_link_of_a_post_names_nothing(link):
    assert build.remote_id_of(link) is None
    assert build.profile_of(link) is None
