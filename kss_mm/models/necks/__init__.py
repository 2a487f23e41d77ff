"""Necks: the labels' encoders, from a label graph to one embedding for each lateral connection and the head."""
