"""The vocabulary: frozen values, states, errors and the clock. Standard library only."""
