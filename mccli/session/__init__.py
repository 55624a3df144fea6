"""A session: declarations and names that persist from line to line. Nothing here knows of terminals."""
