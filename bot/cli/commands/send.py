"""`send`: what is due, once."""

from __future__ import annotations

import click

from bot.cli import options
from bot.cli.announcing import Announcer, tell_pauses
from bot.cli.blocks import in_how_long, moment_in, numbers
from bot.cli.documents import sent_document, swept_document, write_document
from bot.cli.reporting import leave_steps_to_the_page
from bot.cli.session import Session, pass_session
from bot.cli.writing import count
from bot.core.post import State


@click.command(name="send")
@options.as_json
@pass_session
def send(session: Session, *, as_json: bool) -> int | None:
    """Send what is due now, once, and look after what earlier sends left behind. Then exit.

    For cron and the like; `run` does the same without end. Planning is `campaign-bot plan`. Ends with 1 when
    a network refused a post.

    \b
    Example:
      campaign-bot send --json
    """
    from bot.sending import worker_of

    leave_steps_to_the_page(session.verbosity)
    app = session.app
    app.sync_first()
    announcer = Announcer(session, app.clock)
    tell = {} if as_json else {"on_sent": announcer.sent, "on_swept": announcer.swept}
    with worker_of(app, **tell) as worker:  # type: ignore[arg-type]
        session.tell_of_take_over(worker.taken_over)
        worker.check_log()
        swept = worker.sweeper.sweep(looks=False)
        sent = worker.sender.send_due()
        swept += worker.sweeper.sweep()
        worker.tell_alerts()
    if as_json:
        write_document(
            {
                "sent": [sent_document(one) for one in sent],
                "swept": [swept_document(one) for one in swept],
            }
        )
    elif not sent and not swept:
        _print_idle(session)
    rejected = [one for one in sent if one.state is State.REJECTED]
    for one in rejected:
        session.complain(f"post {one.post.id} was rejected: {one.reason}")
    return 1 if rejected else None


def _print_idle(session: Session) -> None:
    app, page = session.app, session.page
    tell_pauses(session)
    waiting = app.inspector.count_due()
    if waiting:
        page.line(f"{count(waiting, 'post')} due and waiting: for a pause to be lifted, or for an account.")
        return
    coming = app.inspector.next_posts(1)
    if not coming and (held := app.inspector.count_held()):
        page.line(
            f"Nothing is due. {count(held, 'post')} held: `campaign-bot queue list --state held` shows what "
            "each waits for."
        )
        return
    if not coming:
        page.line("Nothing is due, and nothing is planned: `campaign-bot plan` plans the days ahead.")
        return
    post, now = coming[0], app.clock.now()
    moment = moment_in(post.due_at, post.slot.zone)
    page.line(f"Nothing is due. Next is {numbers([post])}, {in_how_long(post.due_at, now)} ({moment}).")
