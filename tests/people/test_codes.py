"""One-time codes: right at their time, and readable for apps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pyotp import TOTP

from bot.people.codes import STEP, address_of, in_groups, secret_of, step_of

KEY = b"k" * 32
SECRET = secret_of(KEY, "an invented nonce")
NOW = datetime(2026, 3, 1, 9, 0, 10, tzinfo=UTC)


def _code(at: datetime) -> str:
    return TOTP(SECRET).at(at)


def test_codes_are_those_of_rfc_6238():
    # Appendix B, SHA-1, with the last six of its eight digits; the secret there is this text.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    table = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}

    for seconds, code in table.items():
        at = datetime.fromtimestamp(seconds, UTC)
        assert step_of(secret, code, at=at) == seconds // STEP


@pytest.mark.parametrize(
    ("off", "taken"),
    [
        pytest.param(0, True, id="now"),
        pytest.param(-30, True, id="a-step-late"),
        pytest.param(30, True, id="a-step-early"),
        pytest.param(-60, False, id="two-steps-late"),
        pytest.param(60, False, id="two-steps-early"),
    ],
)
def test_a_code_is_right_for_one_step_around_its_own(off: int, taken: bool):
    moment = NOW + timedelta(seconds=off)

    step = step_of(SECRET, _code(moment), at=NOW)

    assert step == (int(moment.timestamp()) // STEP if taken else None)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda code: f" {code[:3]} {code[3:]} ", id="with-blanks"),
        pytest.param(
            lambda code: code.translate(dict(zip(b"0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True))), id="arabic"
        ),
        pytest.param(
            lambda code: code.translate(dict(zip(b"0123456789", "۰۱۲۳۴۵۶۷۸۹", strict=True))), id="persian"
        ),
    ],
)
def test_a_code_is_right_as_people_type_it(typed):
    assert step_of(SECRET, typed(_code(NOW)), at=NOW) is not None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "²²²²²²", "\ud800", "-00001", "x" * 10_000]
)
def test_what_is_no_code_is_wrong(typed: str):
    assert step_of(SECRET, typed, at=NOW) is None


def test_every_user_and_every_reset_has_a_secret_of_its_own():
    secrets = {secret_of(KEY, "one"), secret_of(KEY, "two"), secret_of(b"j" * 32, "one")}

    assert len(secrets) == 3
    assert all(len(secret) == 32 for secret in secrets), "160 bits in base32"
    assert secret_of(KEY, "one") in secrets


def test_the_picture_holds_what_apps_read():
    parts = urlsplit(address_of(SECRET, name="هدى"))

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": ["campaign-bot"]}


def test_the_secret_is_shown_in_groups_of_four():
    assert in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_code_far_too_long_is_wrong_without_being_read():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    secret = secret_of(b"key", "nonce")
    right = TOTP(secret).at(at)

    assert step_of(secret, f" {right} ", at=at) is not None
    assert step_of(secret, " " * 60_000 + right, at=at) is None
