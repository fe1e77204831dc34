"""Pages over HTTP: an entrance beside the command line. No rule lives here."""
