"""Sanity checks of explanations: do they depend on the trained weights, and does what they name carry the score?"""
