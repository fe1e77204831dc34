"""Why the bot stopped by itself, what a restored database means, and how the bot stands."""

from __future__ import annotations

from bot.web.speech.sentences import noted

STOPS: tuple[str | tuple[str, str], ...] = (
    noted("the send step does not run"),
    noted("the database cannot be read"),
    noted("a post is due and not tried"),
    noted("found on the network after the database was restored"),
    noted(
        "it was due before the database was restored or copied: see that it is not public, then release it"
    ),
    noted(
        "nobody could look for it when the database was restored or copied: see that it is not "
        "public, then release it"
    ),
    noted("only its first parts are found on the network: see that the next is not public, then release it"),
    noted("its worker is gone since the database was restored or copied: nothing was sent"),
    noted("it was being sent when the database was saved or copied"),
    noted("it was being sent when the database was saved or copied, and the network does not show it"),
    noted("{what}. Everything is paused"),
    (
        "{what}. Look at each account, then `campaign-bot resume`",
        noted("{what}. Look at each account, then resume"),
    ),
    ("look at each account, then `campaign-bot resume`", noted("look at each account, then resume")),
    noted("found public, and marked as sent: {posts}"),
    noted("no post was found public that this database calls unsent"),
    (
        ("held: {posts}; see that it is not public, then `campaign-bot queue release` or `queue cancel`"),
        noted("held: {posts}; see that it is not public, then release or cancel it"),
    ),
    noted("{n} post to come was held as well: nobody could look for it"),
    noted("{n} posts to come were held as well: nobody could look for them"),
    noted("account {account} could not be read: {reason}"),
    noted("{n} more posts were not looked for: they are too many"),
    noted("it cannot be served"),
    noted("it is in dry-run mode"),
    noted("it could not be read in a way nobody foresaw"),
    noted("this database was replaced while the bot was running: stop the bot and start it again"),
    (
        (
            "the network's clock is {n} s ahead of this machine's (account {account}): set this "
            "machine's clock right, then `campaign-bot resume`"
        ),
        noted(
            "the network's clock is {n} s ahead of this machine's (account {account}): set this "
            "machine's clock right, then resume"
        ),
    ),
    (
        (
            "the network's clock is {n} s behind this machine's (account {account}): set this "
            "machine's clock right, then `campaign-bot resume`"
        ),
        noted(
            "the network's clock is {n} s behind this machine's (account {account}): set this "
            "machine's clock right, then resume"
        ),
    ),
    (
        (
            "posts became unknown: {posts}, within {span}; see what the network shows, tell it with "
            "`campaign-bot resolve`, then `campaign-bot resume`"
        ),
        noted(
            "posts became unknown: {posts}, within {span}; see what the network shows, answer on the "
            "page Unknown, then resume"
        ),
    ),
    (
        (
            "the clock of this machine says {when} UTC, {n} s before the send log's newest entry: "
            "set it right, then `campaign-bot resume`"
        ),
        noted(
            "the clock of this machine says {when} UTC, {n} s before the send log's newest entry: "
            "set it right, then resume"
        ),
    ),
    (
        (
            "the clock of this machine stepped forward by {n} s, to {when} UTC: see that it is "
            "right, then `campaign-bot resume`"
        ),
        noted(
            "the clock of this machine stepped forward by {n} s, to {when} UTC: see that it is "
            "right, then resume"
        ),
    ),
    (
        (
            "the clock of this machine stepped back by {n} s, to {when} UTC: see that it is right, "
            "then `campaign-bot resume`"
        ),
        noted(
            "the clock of this machine stepped back by {n} s, to {when} UTC: see that it is right, "
            "then resume"
        ),
    ),
    (
        (
            "the send log's chain does not hold ({what}): find out who changed the database, "
            "`campaign-bot log verify` names all of it, then `campaign-bot resume`"
        ),
        noted(
            "the send log's chain does not hold ({what}): find out who changed the database, see all "
            "of it on the page of the send log, then resume"
        ),
    ),
    noted("{what}, and {n} more"),
    noted("the send log has lost its head: find out who changed the database"),
    noted("entry {number} is missing"),
    noted("entry {gap} is missing"),
    noted("entry {number} was added: the log begins with entry 1"),
    noted("entries {number} to {number2} are missing from the end"),
    noted("entry {number} is not the one that the log's head names"),
    noted("entry {number} does not follow entry {number2}: one of them was changed, removed or moved"),
    noted("entry {number} was changed"),
    noted("entry {number}: its text was changed"),
    noted("entry {number} speaks of attempt {number2}, and its row was removed"),
    noted("attempt {number} of post {number2} (row {number3})"),
    noted("the log knows nothing of it"),
    noted("its text is not the one in the log"),
    noted("its picture is not the one in the log"),
    noted("its content warning is not the one in the log"),
    noted("its {thing} is {text}, in the log {text2}"),
    noted("this database is older than what this machine has sent: it was restored from a backup"),
    noted("this database is another one than that from which this machine has sent"),
    noted(
        "this data folder was copied here or restored from a backup, and what left since is not "
        "known: see that the bot runs nowhere else"
    ),
    noted("{name}: the witness file cannot be used ({reason})"),
    noted("{name}: this is not the key of a folder of locks; remove it while no worker runs"),
    noted("{name}: no lock can be taken there ({reason})"),
    noted("the database is at schema {text}, this program knows {text2}: install the newer campaign-bot"),
    noted("the database {name} cannot be used: {reason}"),
    noted("see that the file is there, whole and writable, and that the disk has room"),
    noted("see that the server runs, and that this user may use it"),
    noted("no reason given"),
    noted("the server went away"),
    noted("the database file is damaged: {detail}"),
    noted("{name}: the database file cannot be made ({reason})"),
    noted("the database {name} cannot be read: {reason}"),
    ("{name} holds no send log: run `campaign-bot sync` first", noted("{name} holds no send log yet")),
    noted("the PostgreSQL database cannot be read: {reason}"),
    noted("the database holds {text} where a moment belongs: find out who changed it"),
)
