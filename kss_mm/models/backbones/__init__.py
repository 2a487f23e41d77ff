"""Backbones: Inception-I3D, inflated 2D networks, and those with lateral connections built in."""
