"""Checkpoints: files of weights, from anyone, read as data."""
