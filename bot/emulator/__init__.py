"""A fake X in a process of its own: `python -m bot.emulator`. Nothing of the bot imports it."""
