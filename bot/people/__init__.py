"""What signing in rests on: passwords, one-time codes, random tokens. No file, no table, no clock."""
