"""The report on kept scores: one HTML page that opens from disk; what is in it, and how it is put together."""
