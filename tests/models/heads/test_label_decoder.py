import math

import pytest
import torch
from torch import nn

from kss_mm.models.heads.label_decoder import LabelDecoderLayer, QueryAttention, sine_positions

D, HEADS, HIDDEN = 12, 3, 20


def copy_attention(ours: QueryAttention, theirs: nn.MultiheadAttention) -> None:
    """Random weights, the same in both."""
    for linear in (ours.query, ours.key, ours.value, ours.out):
        nn.init.normal_(linear.bias)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]))
    theirs.out_proj.load_state_dict(ours.out.state_dict())


def test_attention_is_that_of_torch():
    ours, theirs = QueryAttention(D, HEADS).eval(), nn.MultiheadAttention(D, HEADS, batch_first=True).eval()
    copy_attention(ours, theirs)
    queries, keys, values = torch.randn(2, 5, D), torch.randn(2, 7, D), torch.randn(2, 7, D)
    expected, weights = theirs(queries, keys, values, average_attn_weights=False)
    torch.testing.assert_close(ours(queries, keys, values), expected)
    torch.testing.assert_close(ours.weights(queries, keys), weights)


def test_queries_of_all_samples_need_one_row():
    attention = QueryAttention(D, HEADS)
    queries, keys = torch.randn(1, 5, D), torch.randn(3, 7, D)
    torch.testing.assert_close(attention(queries, keys, keys), attention(queries.repeat(3, 1, 1), keys, keys))


def test_with_self_attention_a_layer_is_that_of_torch():
    """The layer of Query2Label, without positions: torch's decoder knows one memory, not keys and values."""
    ours = LabelDecoderLayer(D, HEADS, HIDDEN, self_attention=True).eval()
    theirs = nn.TransformerDecoderLayer(D, HEADS, HIDDEN, batch_first=True).eval()
    copy_attention(ours.self_attention, theirs.self_attn)
    copy_attention(ours.attention, theirs.multihead_attn)
    for mine, other in [(ours.self_norm, theirs.norm1), (ours.norm, theirs.norm2),
                        (ours.feedforward_norm, theirs.norm3), (ours.expand, theirs.linear1),
                        (ours.reduce, theirs.linear2)]:
        nn.init.normal_(mine.weight)
        nn.init.normal_(mine.bias)
        other.load_state_dict(mine.state_dict())
    queries, tokens = torch.randn(1, 5, D), torch.randn(2, 7, D)
    expected = theirs(queries.expand(2, -1, -1), tokens)
    torch.testing.assert_close(ours(queries, tokens, tokens), expected)


def test_dropout_differs_between_samples_only_in_training():
    layer = LabelDecoderLayer(D, HEADS, HIDDEN, self_attention=True, dropout=.5)
    queries, tokens = torch.randn(1, 5, D), torch.randn(1, 7, D).repeat(2, 1, 1)
    first, second = layer(queries, tokens, tokens)
    assert not torch.allclose(first, second)
    first, second = layer.eval()(queries, tokens, tokens)
    torch.testing.assert_close(first, second)


def test_sine_positions_by_hand():
    found = sine_positions((2, 3), 9)  # two waves an axis, one channel left over
    assert found.shape == (6, 9)

    def axis(i, n):
        p = 2 * math.pi * (i + 1) / n
        return [math.sin(p), math.sin(p / 100), math.cos(p), math.cos(p / 100)]

    expected = torch.tensor([[*axis(row, 2), *axis(column, 3), 0.] for row in range(2) for column in range(3)])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize('shape', [(5,), (2, 5), (2, 3, 5)])
def test_every_position_has_an_encoding_of_its_own(shape):
    found = sine_positions(shape, 32)
    assert len(found.unique(dim=0).round(decimals=4).unique(dim=0)) == math.prod(shape)
