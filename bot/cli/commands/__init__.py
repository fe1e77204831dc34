"""One module for each command: parse input, call, print."""
