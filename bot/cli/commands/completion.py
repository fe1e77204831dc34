"""`completion`: what shells need to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Example:
      campaign-bot completion bash > ~/.local/share/bash-completion/completions/campaign-bot
    """
    found = get_completion_class(shell)
    assert found is not None
    program = ctx.find_root().command
    click.echo(found(program, {}, "campaign-bot", "_CAMPAIGN_BOT_COMPLETE").source())
