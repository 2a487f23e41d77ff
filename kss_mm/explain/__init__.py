"""Why a trained model says what it says of one label in one file.

Only ``explanation.py`` needs no torch: what comes out is plain arrays and names.
"""
