"""Videos and images in files: what they are, whether they are whole, and their frames."""
