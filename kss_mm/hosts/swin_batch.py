"""MMPretrain 1.2.0's Swin computes its batch as a Python number, so that an exported one keeps that of its example.

A release that exports with a free batch ends this repair.
"""


def free_batch_of_swin() -> None:
    """MMPretrain's Swin does not export with a free batch."""
    from mmpretrain.models.utils.attention import ShiftWindowMSA

    def window_reverse(windows, H, W, window_size):
        parts = windows.view(-1, H // window_size, W // window_size, window_size, window_size, windows.shape[-1])
        return parts.transpose(2, 3).reshape(-1, H, W, windows.shape[-1])  # (B, H, W, C)

    ShiftWindowMSA.window_reverse = staticmethod(window_reverse)
