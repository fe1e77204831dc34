"""The tables. `migrations/` creates them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.core.post import State
from bot.store.types import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite numbers rows by itself only in an INTEGER primary key.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: What organisers wrote, as taken in by the last sync. `document` is canonical JSON, `digest` its SHA-256.
campaigns = Table(
    "campaigns",
    metadata,
    Column("key", String, primary_key=True),
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

#: `origin` is `file`, `queue` or `console`; `file_digest` is what the file held at the last sync.
items = Table(
    "items",
    metadata,
    Column("campaign", String, primary_key=True),
    Column("key", String, primary_key=True),
    #: Place among the campaign's items, as the files list them: breaks the picker's ties.
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("file_digest", String(64)),
    Column("origin", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("retired_at", Instant),
    #: Who changed it in the console; None: the last word was the file's.
    Column("changed_by", String),
    #: What its file says where that and the console's version both changed: a person settles it.
    Column("conflict_document", Text),
    #: Everybody who wrote in it since a file's word was last taken, each name between two line ends.
    Column("written_by", Text, nullable=False, server_default=text("''")),
    Index("ix_items_place", "campaign", "position", "key"),
)

slots = Table(
    "slots",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign", String, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("wall_time", String(19), nullable=False),
    Column("zone", String, nullable=False),
    Column("occasion", String),
    #: None: the slot stays empty, and `why` says for what reason.
    Column("item", String),
    Column("why", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    UniqueConstraint("campaign", "key"),
    Index("ix_slots_campaign_due_at", "campaign", "due_at"),
)

posts = Table(
    "posts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("slot_id", RowId, ForeignKey("slots.id"), nullable=False),
    Column("campaign", String, nullable=False),
    Column("account", String, nullable=False),
    Column("network", String, nullable=False),
    Column("language", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("item", String, nullable=False),
    Column("item_digest", String(64), nullable=False),
    Column("due_at", Instant, nullable=False),
    #: Until this moment it may leave; later it is missed.
    Column("grace_until", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("why", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_warning", Text),
    #: Which picture leaves with its first part, as JSON (bot/store/codec.py); None: it has none.
    Column("picture", Text),
    Column("length", Integer, nullable=False),
    Column("cost_usd_micros", Integer, nullable=False),
    #: Binds text, picture, account, language and moment: what an approval is given for.
    Column("digest", String(64), nullable=False),
    Column("author", String, nullable=False),
    Column("approval_needed", Boolean, nullable=False),
    Column("approved_by", String),
    Column("approved_digest", String(64)),
    Column("approved_at", Instant),
    #: Grows with each claim: a late worker's word about an older claim changes nothing.
    Column("epoch", Integer, nullable=False, default=0),
    Column("worker", String),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False, default=0),
    #: For an unconfirmed post: when to look at the network next, and whole reads that showed it absent.
    Column("look_at", Instant),
    Column("absent_reads", Integer, nullable=False, default=0),
    Column("changed_at", Instant, nullable=False),
    #: The guard that holds it, by name; None when no guard does.
    Column("guard", String),
    #: Names of the guards that a person overruled for this very text, with a blank between.
    Column("overruled", Text, nullable=False, server_default=text("''")),
    #: The text as a follower would remember it: two posts that share it say the same.
    Column("fingerprint", String(64), nullable=False, server_default=text("''")),
    #: Its text as it is searched. No foreign key: it is looked up by whoever searches, and by nobody else.
    Column("text_id", RowId),
    UniqueConstraint("slot_id", "account", "language"),
    CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in State)), name="state"),
)

#: Finds what is due without reading what is not: it holds waiting posts only.
Index(
    "ix_posts_ready",
    posts.c.account,
    posts.c.due_at,
    posts.c.id,
    sqlite_where=posts.c.state == State.READY.value,
    postgresql_where=posts.c.state == State.READY.value,
)
Index(
    "ix_posts_ready_due_at",
    posts.c.due_at,
    sqlite_where=posts.c.state == State.READY.value,
    postgresql_where=posts.c.state == State.READY.value,
)
_IN_FLIGHT = posts.c.state.in_([State.CLAIMED.value, State.SENDING.value])
#: One post in flight per account, held by the database itself.
Index(
    "uq_posts_in_flight",
    posts.c.account,
    unique=True,
    sqlite_where=_IN_FLIGHT,
    postgresql_where=_IN_FLIGHT,
)
#: What lists of posts are filtered by: a database that finds it in the index need not read the posts. None of
#: it changes while a post is sent.
_FILTERED = ("campaign", "account", "network", "language", "kind", "text_id")
Index(
    "ix_posts_state_due_at",
    posts.c.state,
    posts.c.due_at,
    posts.c.id,
    *(posts.c[name] for name in _FILTERED),
)
Index("ix_posts_due_at", posts.c.due_at, posts.c.id, *(posts.c[name] for name in _FILTERED))
Index("ix_posts_item", posts.c.campaign, posts.c.item, posts.c.due_at, posts.c.id)
Index("ix_posts_text", posts.c.text_id, posts.c.due_at, posts.c.id)
Index("ix_posts_fingerprint", posts.c.account, posts.c.fingerprint, posts.c.due_at)

#: Every text that a post has or had, once, as it is searched. Nothing is written here while sending.
texts = Table(
    "texts",
    metadata,
    Column("id", RowId, primary_key=True),
    #: SHA-256 of `words`.
    Column("digest", String(64), nullable=False),
    #: The text without its dress (bot.text.searching).
    Column("words", Text, nullable=False),
    UniqueConstraint("digest"),
)

#: What leaves, message by message, with its receipt.
parts = Table(
    "parts",
    metadata,
    Column("post_id", RowId, ForeignKey("posts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("length", Integer, nullable=False),
    Column("remote_id", String),
    Column("url", String),
    Column("sent_at", Instant),
    Index("ix_parts_remote_id", "remote_id"),
)

#: Pictures that a network has and that no post shows yet, by the post that is going to.
uploads = Table(
    "uploads",
    metadata,
    Column("post_id", RowId, ForeignKey("posts.id"), primary_key=True),
    Column("account", String, nullable=False),
    #: The digest of the post that it was uploaded for: another text or picture needs another upload.
    Column("digest", String(64), nullable=False),
    #: What the network calls it.
    Column("name", Text, nullable=False),
    #: Where the account was then: another server has none of it.
    Column("place", Text, nullable=False),
    #: Until when the network surely keeps it.
    Column("lasts_until", Instant, nullable=False),
)

#: One try to send one part: opened before the call, closed after it.
attempts = Table(
    "attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("post_id", RowId, ForeignKey("posts.id"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    #: The attempt's own key, fixed before the call.
    Column("key", String(36), nullable=False),
    Column("mode", String, nullable=False),
    Column("worker", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("campaign", String, nullable=False),
    Column("account", String, nullable=False),
    Column("network", String, nullable=False),
    Column("language", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("item", String, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    #: No connection is begun after this moment; the first byte may leave a few seconds later.
    Column("not_after", Instant, nullable=False),
    Column("ended_at", Instant),
    #: The state to which it moved its post; `sending` while open.
    Column("state", String, nullable=False),
    Column("remote_id", String),
    Column("url", String),
    Column("error", Text),
    #: At some time nobody knew whether it had left; what a look says later takes none of that back.
    Column("doubted", Boolean, nullable=False, server_default=false()),
    #: What the network charges for this part; nothing in dry-run.
    Column("cost_usd_micros", Integer, nullable=False, server_default="0"),
    #: The picture that this part carries, as in `posts`.
    Column("picture", Text),
    #: The warning that it carries. Programs before pictures did not write it down.
    Column("content_warning", Text),
    UniqueConstraint("key"),
    UniqueConstraint("post_id", "part", "number"),
    Index("ix_attempts_started_at", "started_at", "id"),
    Index("ix_attempts_account", "account", "started_at"),
    Index("ix_attempts_campaign", "campaign", "started_at"),
    Index("ix_attempts_state", "state", "started_at"),
    Index("ix_attempts_mode", "account", "mode", "started_at"),
)

#: The append-only chain. `body` is canonical JSON and holds the salted digest of `text`, never the text.
send_log = Table(
    "send_log",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", String, nullable=False),
    Column("post_id", RowId),
    Column("attempt_id", RowId),
    Column("body", Text, nullable=False),
    Column("text", Text),
    Column("salt", String(32)),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_send_log_post_id", "post_id", "seq"),
)

#: One row: the chain's last entry. Locked by whoever appends.
send_log_head = Table(
    "send_log_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", RowId, nullable=False),
    Column("digest", String(64), nullable=False),
)

#: A pause holds what it names; a column left empty names everything.
pauses = Table(
    "pauses",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign", String),
    Column("account", String),
    Column("language", String),
    Column("reason", Text, nullable=False),
    Column("who", String, nullable=False),
    Column("paused_at", Instant, nullable=False),
    Column("resumed_at", Instant),
    Column("resumed_by", String),
)

#: What was learnt of an account while sending.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    #: The network asked to wait until then.
    Column("not_before", Instant),
    Column("last_sent_at", Instant),
)

#: One row for each life of a process that sends.
workers = Table(
    "workers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    #: Set when it is certain that it will never send again.
    Column("ended_at", Instant),
)

#: What each account spent in each month of UTC, `2026-03`. Reserved with the intent, given back when it is
#: certain that nothing was published.
spending = Table(
    "spending",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("account", String, primary_key=True),
    Column("cost_usd_micros", BigInteger, nullable=False),
)

#: What people are to be told of, once for each cause. `ended_at` is set when the cause is gone.
alerts = Table(
    "alerts",
    metadata,
    Column("cause", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("post_id", RowId),
    Column("account", String),
    Column("detail", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    #: The first address took it.
    Column("told_at", Instant),
    Column("ended_at", Instant),
    #: Which addresses took it: their places in the setting, with a blank between.
    Column("told_to", String, nullable=False, server_default=text("''")),
    Column("tries", Integer, nullable=False, server_default="0"),
    #: When it is to be told next, or the lease of the process that is telling it; None: it is told.
    Column("try_at", Instant),
    Index("ix_alerts_try_at", "try_at"),
    Index("ix_alerts_began_at", "began_at"),
)

#: One row: which database this is. A copy has the same key; another one has another.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(36), nullable=False),
)

#: Who may use the console. None: whoever has the one-time link, from this machine.
users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    #: argon2id; None until the user has chosen a password.
    Column("password_hash", String),
    #: The secret of the one-time codes is derived from it and the key in the data folder: it is not here.
    Column("totp_nonce", String(32)),
    #: None until the first right code.
    Column("totp_since", Instant),
    #: The time step of the newest code taken: none is taken twice.
    Column("totp_last_step", RowId),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

#: Who is signed in. `digest` is the SHA-256 of what the browser holds.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("who", String, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_sessions_who", "who"),
)

#: Links that let somebody in once. `purpose` is `enter`, or `password` for choosing one.
links = Table(
    "links",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("who", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
)

#: Tries to sign in that failed: too many of them close the door for a while.
tries = Table(
    "tries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("who", String, nullable=False),
    Column("address", String, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_tries_who_at", "who", "at"),
    Index("ix_tries_address_at", "address", "at"),
)
