"""Reading and checking a user's files."""
