"""When each label happens: scores of windows over time, the intervals in them, and their files."""
