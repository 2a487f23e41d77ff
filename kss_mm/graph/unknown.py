"""Labels of which nobody knows whether a sample has them: neither positives nor negatives, anywhere."""

#: What stands for such a label in matrices, targets and files.
UNKNOWN = -1
