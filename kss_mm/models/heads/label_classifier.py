"""The multi-label classifier, shared by the heads of both hosts: the right end of the paper's Figure 2."""

import math
import os
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from kss_mm.checkpoints.threshold_logits import BUFFER, FORMER, reaching, rename_former
from kss_mm.errors import InputError, shown
from kss_mm.files import PathLike
from kss_mm.graph import LabelGraph
from kss_mm.models.graph_labels import labels_of
from kss_mm.models.heads.pooling import PAIRS, mean_of_pairs
from kss_mm.models.heads.precision import linear, wide, wide_type, without_autocast
from kss_mm.models.many_labels import Squashed
from kss_mm.numeric import check_integer, check_number

# A label is predicted at a probability of at least one half: a logit of at least zero.
THRESHOLD = 0.5
# Prior probabilities are kept this far from 0 and 1, so that the log-odds of a label never seen stay finite.
_PRIOR_MARGIN = 1e-4


class LabelClassifier(nn.Module):
    r"""Logits of pooled features against the label embeddings of the GCN's last layer.

    .. math::
        \mathrm{logits} = s \cdot \mathrm{pool}(x) \cdot \tanh(E_L)^T \; [+ W \, \mathrm{pool}(x) + b]

    The paper has the first term with s = 1; the released code adds the second, a plain fully connected layer. With
    ``hold_out`` each step of training takes the second term and the prior bias away from some labels, drawn at random,
    and puts one number that all labels share in their place, so that the label embedding alone has to do: then it can,
    for a label that is added to the trained model (``kss-mm add-labels``) and has nothing else. From
    the pooled features on everything is float32, also under autocast and behind a backbone of half precision: the
    paper's logits are large, and bfloat16 has no number between 256 and 258.

    Shapes:
        - **input:** features :math:`(B, C, *)`, or several whose channels add up to C, such as the two pathways of
          SlowFast, which are pooled one by one; label embeddings :math:`(K, C)` or None for the second term alone
        - **output:** logits :math:`(B, K)`, float32

    Args:
        pool: 'avg' or 'max' over all positions; 'avg_pairs' as the published Inception-I3D, see
            :func:`~kss_mm.models.heads.pooling.mean_of_pairs`.
        dropout: Probability with which a pooled feature is dropped (paper: 0.5).
        residual_fc: True adds the second term.
        logit_scale: Factor s, or 'sqrt' for 1 / sqrt(C), or 'learned' to start there and learn log s (``log_scale``).
            With s = 1 the logits of a fresh model have a standard deviation of about 10, which on little data costs
            much of the training; with 1 / sqrt(C) the weights, which tanh bounds, can stay too small. The paper's
            configs keep 1.
        prior: Source of a bias at the labels' prior log-odds: a label graph, its file, or K probabilities.
            None, as in the paper, for no bias.
        tanh: False leaves tanh out, :math:`\mathrm{pool}(x) \cdot E_L^T`, as ML-GCN does.
        hold_out: Share of the labels that each step of training holds out, 0..1; it takes ``residual_fc`` or ``prior``.
        threshold: Probability from which a label is predicted. The buffer ``threshold_logits`` holds one logit for
            every label, 0 for a probability of one half; ``tools/fit_thresholds.py`` sets them in a checkpoint.
    """

    def __init__(self, in_channels: int, num_classes: int, *, pool: str = 'avg', dropout: float = 0.5,
                 residual_fc: bool = False, logit_scale: float | str = 1.,
                 prior: PathLike | LabelGraph | Sequence[float] | None = None, tanh: bool = True,
                 hold_out: float = 0., threshold: float = THRESHOLD):
        super().__init__()
        check_integer('in_channels', in_channels, 1)
        check_integer('num_classes', num_classes, 1)
        check_number('threshold', threshold, 0, 1)
        if pool not in ('avg', 'max', PAIRS):
            raise InputError(f"pool must be 'avg', 'max' or {PAIRS!r}, got {shown(pool)}")
        check_number('dropout', dropout, 0, 1)
        if logit_scale not in ('sqrt', 'learned'):
            check_number('logit_scale', logit_scale, hint="or 'sqrt' or 'learned'")
        self.in_channels = in_channels
        self.pool = pool
        scale = in_channels ** -0.5 if isinstance(logit_scale, str) else logit_scale
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale))) if logit_scale == 'learned' else None
        self._scale = scale
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(in_channels, num_classes) if residual_fc else None
        start = reaching(torch.tensor(float(threshold), device='cpu')).item()
        self.register_buffer(BUFFER, torch.full((num_classes,), start))
        if isinstance(prior, (str, os.PathLike)):
            prior = LabelGraph.load(prior)
        self.bias = None if prior is None else nn.Parameter(_log_odds(prior, num_classes))
        self.prior_labels = labels_of(prior) if isinstance(prior, LabelGraph) else None
        self._squashed = Squashed() if tanh else None
        self._set_hold_out(hold_out, residual_fc or prior is not None)

    def _set_hold_out(self, share: float, has_own: bool) -> None:
        """Give held-out labels their bias; ``has_own`` says whether labels have something to hold out."""
        check_number('hold_out', share, 0, 1)
        if share and not has_own:
            raise InputError(f'hold_out={share} takes what labels have beside their embedding from some of them, and '
                             'they have nothing: set residual_fc=True or prior, or hold_out=0')
        self.hold_out = share
        start = 0. if self.bias is None else self.bias.detach().mean().item()
        self.unseen_bias = nn.Parameter(torch.tensor(start)) if share else None

    def held_out(self) -> Tensor | None:
        """Which labels this step of training holds out, (K,) bool; None where it holds out none."""
        if not self.training or not self.hold_out:
            return None
        return torch.rand_like(self.threshold_logits) < self.hold_out

    @property
    def takes_embedding(self) -> bool:
        """Say if a label embedding that is given plays a part."""
        return True

    @property
    def classifies_alone(self) -> bool:
        """Say if there are logits without a label embedding."""
        return self.fc is not None

    @property
    def logit_scale(self) -> float | Tensor:
        return self._scale if self.log_scale is None else self.log_scale.exp()

    @property
    @torch.inference_mode()  # writing into the result, which would change nothing, raises
    def thresholds(self) -> Tensor:
        """The thresholds as probabilities, (K,), to show them: decisions are made on ``threshold_logits``."""
        return self.threshold_logits.sigmoid()

    def forward(self, x: Tensor | Sequence[Tensor], label_embedding: Tensor | None = None) -> Tensor:
        if isinstance(x, Tensor):
            x = (x,)
        with without_autocast(self.threshold_logits.device.type):
            pooled = torch.cat([self._pooled(feature) for feature in x], dim=1)  # (B, C)
            if pooled.shape[1] != self.in_channels:
                raise InputError(f'the backbone gives {pooled.shape[1]} pooled features, in_channels of the head is '
                                 f'{self.in_channels}: they must be the same')
            return self._logits(self.dropout(pooled), label_embedding)

    def prepare(self, label_embedding: Tensor) -> None:
        """Compute what may be computed before the backbone runs; the result of :meth:`forward` stays."""
        if self._squashed is not None:
            self._squashed.compute_ahead(label_embedding)

    @property
    def tanh(self) -> bool:
        """Whether label embeddings pass through tanh."""
        return self._squashed is not None

    def squashed(self, label_embedding: Tensor) -> Tensor:
        """tanh(E_L), or E_L itself without tanh, (K, C), at least in float32."""
        return self._squashed(label_embedding) if self.tanh else wide(label_embedding)

    def _logits(self, pooled: Tensor, label_embedding: Tensor | None) -> Tensor:
        terms, held_out = [], self.held_out()
        if label_embedding is not None:
            labels = self.squashed(label_embedding)  # (K, C)
            terms.append(self.logit_scale * (pooled @ labels.t()))  # (B, K)
        if self.fc is not None:
            own = linear(self.fc, pooled)  # (B, K)
            terms.append(own if held_out is None else own.masked_fill(held_out, 0))
        if not terms:
            raise InputError('the head got no label embedding and has residual_fc=False, so nothing can classify: set '
                             'residual_fc=True or use it in a kss_mm.KSSNet with a LabelGCN')
        return self._with_bias(sum(terms[1:], terms[0]), held_out)

    def _with_bias(self, logits: Tensor, held_out: Tensor | None) -> Tensor:
        if held_out is None:
            return logits if self.bias is None else logits + self.bias
        return logits + torch.where(held_out, self.unseen_bias, 0. if self.bias is None else self.bias)

    def _pooled(self, x: Tensor | Sequence[Tensor]) -> Tensor:
        if not isinstance(x, Tensor):
            x = x[-1]  # patches and class token of a transformer, of which the hosts' heads take the token
        if self.pool == PAIRS:
            return wide(mean_of_pairs(x))
        flat = x.flatten(2) if x.ndim > 2 else x.unsqueeze(2)  # (B, C, THW)
        # The mean is rounded once, and no copy of the features is made.
        return flat.mean(2, dtype=wide_type(x)) if self.pool == 'avg' else wide(flat.amax(2))  # (B, C)

    def predicted(self, logits: Tensor) -> list[Tensor]:
        """Indices of the labels that reach their thresholds: (B, K) -> B index vectors, possibly empty."""
        return [row.nonzero().flatten() for row in logits >= self.threshold_logits]

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        rename_former(state_dict, f'{prefix}{FORMER}')
        super()._load_from_state_dict(state_dict, prefix, *args)


def _log_odds(prior: LabelGraph | Sequence[float], num_classes: int) -> Tensor:
    """log(p / (1 - p)) of every label's share p of the training samples."""
    shares = np.asarray(prior.priors if isinstance(prior, LabelGraph) else prior, dtype=np.float64)
    if shares.shape != (num_classes,):
        raise InputError(f'prior has {shares.size} labels, the head {num_classes}: they must be the same labels')
    shares = shares.clip(_PRIOR_MARGIN, 1 - _PRIOR_MARGIN)
    return torch.tensor(np.log(shares / (1 - shares)), dtype=torch.float32)
