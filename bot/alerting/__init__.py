"""What operators are told: composing a message in their language, and delivering it."""
