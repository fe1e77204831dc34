"""The truth on disk: tables, statements and migrations. Nothing here begins or ends a transaction."""
