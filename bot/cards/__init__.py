"""Fact cards: a fact in one language as a picture, drawn by typst, and the words that describe it."""
