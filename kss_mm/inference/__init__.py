"""Trained models in use: from files, frames and streams to named predictions.

Only the files named after torch need it; a model in ONNX runs without torch, MMEngine and the hosts.
"""
