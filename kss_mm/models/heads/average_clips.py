"""The logit of a video from those of its clips."""

import torch.nn.functional as F
from torch import Tensor


def average_logits(clips: Tensor, how: str) -> Tensor:
    r"""The mean of the clips' logits, the logit of the mean of their probabilities, or every label's highest logit.

    .. math::
        \log \frac{\bar p}{1 - \bar p} = \log \sum_c \sigma(x_c) - \log \sum_c \sigma(-x_c)

    computed from logarithms, so that it stays exact where every probability rounds to 1. One clip keeps its logit.

    Shapes:
        - **input:** logits :math:`(B, clips, K)`, float32
        - **output:** :math:`(B, K)`; float64 for a mean of several clips, where the device has it

    Args:
        how: 'prob', 'score' or 'max', see :class:`~kss_mm.models.KSSHead`.
    """
    if clips.shape[1] == 1:
        return clips.squeeze(1)
    if how == 'max':
        return clips.amax(1)
    # In float32 the log-odds of a small mean probability has fewer digits than the probability itself.
    clips = clips if clips.device.type == 'mps' else clips.double()
    if how == 'score':
        return clips.mean(1)
    return F.logsigmoid(clips).logsumexp(1) - F.logsigmoid(-clips).logsumexp(1)
