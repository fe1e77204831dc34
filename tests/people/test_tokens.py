"""Tokens, and what tries are counted by."""

from __future__ import annotations

import hashlib

import pytest

from bot.people.tokens import derive, digest_of, mark_of, new_nonce, new_token, origin_of


def test_tokens_are_long_random_and_fit_an_address():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len(new_nonce()) == 32


def test_what_is_stored_of_a_token_is_its_sha256():
    assert digest_of("an invented token") == hashlib.sha256(b"an invented token").hexdigest()
    assert len(digest_of("\ud800")) == 64, "nonsense is no error"


def test_each_purpose_has_a_key_of_its_own():
    assert len({derive(b"k", "cookies"), derive(b"k", "codes x"), derive(b"j", "cookies"), b"k"}) == 4


def test_a_mark_shows_nothing_of_what_was_typed():
    assert "invented" not in mark_of(b"k", "invented")
    assert mark_of(b"k", "invented") != mark_of(b"j", "invented")


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="ipv4"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="ipv6-is-its-network"),
        pytest.param("2001:db8:1:2::ffff", "2001:db8:1:2::/64", id="same-network"),
        pytest.param("2001:db8:1:3::1", "2001:db8:1:3::/64", id="another-network"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="ipv4-in-ipv6"),
        pytest.param("fe80::1%eth0", "fe80::/64", id="with-a-zone"),
        pytest.param(None, "unknown", id="none"),
        pytest.param("not an address", "unknown", id="nonsense"),
    ],
)
def test_tries_are_counted_by_whoever_one_can_be(address: str | None, origin: str):
    assert origin_of(address) == origin
