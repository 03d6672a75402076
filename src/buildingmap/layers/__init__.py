"""Files in, files out: every reader, every writer, and the check of what was read."""
