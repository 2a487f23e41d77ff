"""Readers of label files: one file a form, each giving samples and their labels."""
