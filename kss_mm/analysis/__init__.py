"""Measuring, not using: speed and memory, complexity, tables of trainings."""
