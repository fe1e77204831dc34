"""From an item to the very text that leaves: templates, numbers and dates by language, fitting."""
