"""A network as one function of tensors: pixels in, logits and probabilities out."""

import torch
from torch import Tensor, nn

from kss_mm.errors import InputError


class PixelsToLogits(nn.Module):
    r"""A recogniser of MMAction2 or a classifier of MMPretrain with the normalisation of its data preprocessor.

    Shapes:
        - **input:** pixels 0..255, float: clips :math:`(B, 3, T, H, W)`, the frames of 2D recognisers
          :math:`(B, T, 3, H, W)`, or images :math:`(B, 3, H, W)`
        - **output:** logits and probabilities :math:`(B, K)`
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model
        self.eval()

    @property
    def layout(self) -> str:
        """'NCTHW', 'NTCHW' or 'NCHW'."""
        # MMAction2 calls frames as a batch NCHW; MMPretrain has images only, and no such name.
        layout = getattr(self.model.data_preprocessor, 'format_shape', None)
        return {None: 'NCHW', 'NCHW': 'NTCHW'}.get(layout, layout)

    @property
    def channels(self) -> str:
        """Order of the colours: decord reads RGB, and the images of MMPretrain are BGR before they are converted."""
        converted = self.model.data_preprocessor.to_rgb
        return 'RGB' if converted == (self.layout == 'NCHW') else 'BGR'

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        preprocessor = self.model.data_preprocessor
        if preprocessor._enable_normalize:
            pixels = (pixels - preprocessor.mean) / preprocessor.std
        if self.layout == 'NCHW':
            logits = self.model(pixels, mode='tensor')
        else:
            # One clip a sample: (B, 1, C, T, H, W), or (B, T, C, H, W) as they come.
            clips = pixels.unsqueeze(1) if self.layout == 'NCTHW' else pixels
            logits = self.model(clips, mode='tensor', stage='head')
        return logits, logits.sigmoid()  # (B, K) each

    def random_pixels(self, shape: tuple[int, ...], batch: int = 1) -> Tensor:
        """An input, always the same, of samples of this shape: (3, T, H, W), or (3, H, W) for images.

        Raises:
            InputError: For another shape.
        """
        if len(shape) != len(self.layout) - 1 or shape[0] != 3 or min(shape) < 1:
            wanted = '3 H W, an image' if self.layout == 'NCHW' else '3 T H W, a clip'
            raise InputError(f'shape {" ".join(map(str, shape))}: the model takes {wanted}')
        pixels = torch.rand(batch, *shape, generator=torch.Generator().manual_seed(0)) * 255
        return pixels.transpose(1, 2).contiguous() if self.layout == 'NTCHW' else pixels
