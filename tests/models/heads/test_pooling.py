import pytest
import torch

from kss_mm.errors import InputError
from kss_mm.models import LabelClassifier
from kss_mm.models.heads.pooling import mean_of_pairs


def test_the_first_and_the_last_frame_count_half():
    frames = torch.tensor([2., 4., 9.]).view(1, 1, 3, 1, 1).expand(1, 1, 3, 2, 2)
    assert mean_of_pairs(frames).item() == ((2 + 4) / 2 + (4 + 9) / 2) / 2


def test_one_frame_is_its_own_mean():
    x = torch.randn(2, 3, 1, 7, 7)
    torch.testing.assert_close(mean_of_pairs(x), x.mean((2, 3, 4)))


def test_half_precision_is_pooled_in_float32():
    x = torch.full((1, 1, 2, 64, 64), 1 / 3, dtype=torch.bfloat16)
    assert mean_of_pairs(x).dtype == torch.float32
    torch.testing.assert_close(mean_of_pairs(x).item(), x[0, 0, 0, 0, 0].item())


@pytest.mark.parametrize('shape', [(2, 4), (2, 4, 7, 7)])
def test_features_of_images_are_refused(shape):
    with pytest.raises(InputError, match='avg_pairs'):
        LabelClassifier(4, 3, pool='avg_pairs', residual_fc=True)(torch.ones(shape))
