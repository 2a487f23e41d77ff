"""Heads: from pooled features and label embeddings to logits, losses and predictions."""
