"""Steps of the pipelines of both hosts."""
