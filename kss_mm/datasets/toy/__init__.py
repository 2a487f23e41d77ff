"""Toy Charades: a small made-up data set in Charades' own formats, drawn and annotated by a seed."""
