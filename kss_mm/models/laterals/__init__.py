"""Lateral connections (paper, eq. 7), and how they attach to any backbone."""
