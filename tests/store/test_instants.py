"""Moments keep their instant on every database, and sort as they happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from bot.store.database import Database
from bot.store.tables import accounts
from bot.store.types import Instant

_OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
_MOMENTS = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=_OFFSETS)


def _as_text(moment: datetime) -> str:
    text = Instant().process_bind_param(moment, sqlite.dialect())
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), id="UTC"),
        pytest.param(datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=3))), id="Damascus"),
        pytest.param(datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=14))), id="another-day"),
        pytest.param(datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC), id="one-microsecond"),
    ],
)
def test_a_moment_with_an_offset_is_kept_as_its_utc_instant(db: Database, moment):
    with db.write() as tx:
        tx.execute(insert(accounts).values(name="invented_account", not_before=moment))

    with db.read() as tx:
        found = tx.execute(select(accounts.c.not_before)).scalar_one()
    assert found == moment
    assert found.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(db: Database):
    naive = insert(accounts).values(name="invented_account", not_before=datetime(2026, 3, 1, 12, 0))

    with pytest.raises(StatementError, match="has no zone"), db.write() as tx:
        tx.execute(naive)


@given(moment=_MOMENTS)
def test_text_on_sqlite_reads_back_as_the_same_instant(moment):
    found = Instant().process_result_value(_as_text(moment), sqlite.dialect())

    assert found == moment


@given(moments=st.lists(_MOMENTS, min_size=2))
def test_text_order_on_sqlite_is_time_order(moments):
    by_text = sorted(moments, key=_as_text)

    assert [moment.astimezone(UTC) for moment in by_text] == sorted(m.astimezone(UTC) for m in moments)
