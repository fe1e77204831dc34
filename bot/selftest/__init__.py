"""The proof: real processes, killed at random moments, against a network that fails on purpose."""
