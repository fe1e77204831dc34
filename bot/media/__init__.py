"""Pictures: recognised by their content, rebuilt from their pixels, proven bare, kept by digest."""
