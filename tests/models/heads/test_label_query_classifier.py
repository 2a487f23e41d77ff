import math

import pytest
import torch
from torch import nn

from kss_mm.errors import InputError
from kss_mm.models import LabelQueryClassifier

C, K, D, HEADS = 6, 7, 8, 2
SMALL = dict(embed_dims=D, num_heads=HEADS, feedforward_channels=10)


def classifier(num_classes: int = K, **options) -> LabelQueryClassifier:
    made = LabelQueryClassifier(C, num_classes, **{**SMALL, **options}).eval()
    for parameter in made.parameters():  # biases and norms of a fresh one are zeros and ones
        if parameter.ndim == 1:
            nn.init.normal_(parameter)
    return made


def normalised(norm: nn.LayerNorm, x: torch.Tensor) -> torch.Tensor:
    centred = x - x.mean()
    return centred / (centred.square().mean() + 1e-5).sqrt() * norm.weight + norm.bias


def ml_decoder(net: LabelQueryClassifier, feature: torch.Tensor) -> torch.Tensor:
    """Logits (K,) of one sample (C, L), from the equations of Ridnik et al., WACV 2023, section 3, query by query."""
    layer, g, d = net.layers[0], math.ceil(K / len(net.queries)), D // HEADS
    tokens = [net.embed.weight @ feature[:, position] + net.embed.bias for position in range(feature.shape[1])]
    logits = []
    for index, query in enumerate(net.queries):
        # Multi-head cross-attention: Q <- MultiHeadAttention(Q, E, E).
        heads = []
        for head in range(HEADS):
            part = slice(head * d, (head + 1) * d)

            def projected(linear, x, part=part):
                return linear.weight[part] @ x + linear.bias[part]

            q = projected(layer.attention.query, query)
            scores = torch.stack([q @ projected(layer.attention.key, token) / d ** .5 for token in tokens])
            shares = scores.exp() / scores.exp().sum()
            heads.append(sum(share * projected(layer.attention.value, token) for share, token in zip(shares, tokens)))
        attended = layer.attention.out.weight @ torch.cat(heads) + layer.attention.out.bias
        hidden = normalised(layer.norm, query + attended)
        # Feed-forward: Q <- FF(Q).
        forward = layer.expand.weight @ hidden + layer.expand.bias
        forward = layer.reduce.weight @ forward.clamp(min=0) + layer.reduce.bias
        hidden = normalised(layer.feedforward_norm, hidden + forward)
        # Group fully connected: L_i = (W_k . Q_k)_j with k = i div g and j = i mod g.
        logits += [hidden @ net.readout[index, :, j] + net.readout_bias[index * g + j] for j in range(g)
                   if index * g + j < K]
    return torch.stack(logits)


@pytest.mark.parametrize('groups', [None, 1, 2, 3, K])
@pytest.mark.parametrize('shape', [(2, 3), (2, 3, 2)])
def test_logits_are_those_of_the_equations_of_ml_decoder(groups, shape):
    net, x = classifier(groups=groups), torch.randn(2, C, *shape)
    expected = torch.stack([ml_decoder(net, feature.flatten(1)) for feature in x])
    torch.testing.assert_close(net(x), expected)


def test_two_layers_with_self_attention_and_positions_are_query2label():
    """F' = F + P in the keys alone; torch's attention and norms, the readout label by label."""
    net = classifier(num_layers=2, self_attention=True, positions='sine')
    x = torch.randn(2, C, 3, 4)
    values = x.flatten(2).transpose(1, 2) @ net.embed.weight.t() + net.embed.bias  # (B, L, D)
    keys, values = net._tokens(x)[0], values
    queries = net.queries.expand(2, -1, -1)

    def attend(attention, queries, keys, values):
        weight = torch.cat([attention.query.weight, attention.key.weight, attention.value.weight])
        bias = torch.cat([attention.query.bias, attention.key.bias, attention.value.bias])
        inputs = [value.transpose(0, 1) for value in (queries, keys, values)]
        return nn.functional.multi_head_attention_forward(
            *inputs, D, HEADS, weight, bias, None, None, False, 0., attention.out.weight, attention.out.bias,
            training=False)[0].transpose(0, 1)

    for layer in net.layers:
        queries = layer.self_norm(queries + attend(layer.self_attention, queries, queries, queries))
        queries = layer.norm(queries + attend(layer.attention, queries, keys, values))
        queries = layer.feedforward_norm(queries + layer.reduce(layer.expand(queries).relu()))
    expected = torch.stack([queries[:, label] @ net.readout[label, :, 0] + net.readout_bias[label]
                            for label in range(K)], dim=1)
    torch.testing.assert_close(net(x), expected)


def test_positions_are_added_to_the_keys_alone():
    x = torch.randn(2, C, 3, 4)
    plain, sine = classifier(), classifier(positions='sine')
    sine.load_state_dict(plain.state_dict())
    keys, values = sine._tokens(x)
    torch.testing.assert_close(values, plain._tokens(x)[1])
    assert not torch.allclose(keys, values) and torch.equal(*plain._tokens(x))
    moved = x.flip(3)  # positions tell, and nothing else
    torch.testing.assert_close(plain(moved), plain(x))
    assert not torch.allclose(sine(moved), sine(x), atol=1e-3)


@pytest.mark.parametrize('groups', [None, 3])
def test_attention_is_the_softmax_of_the_equation(groups):
    net, x = classifier(groups=groups), torch.randn(2, C, 3, 4)
    found = net.attention(x)
    assert found.shape == (2, K, 3, 4)
    torch.testing.assert_close(found.sum((2, 3)), torch.ones(2, K))
    tokens = x.flatten(2).transpose(1, 2) @ net.embed.weight.t() + net.embed.bias  # (B, L, D)
    attention, d = net.layers[0].attention, D // HEADS
    for label in range(K):
        query = attention.query(net.queries[label // math.ceil(K / len(net.queries))])
        heads = [(attention.key(tokens)[..., part] @ query[part] / d ** .5).softmax(1)
                 for part in (slice(0, d), slice(d, 2 * d))]
        torch.testing.assert_close(found[:, label].flatten(1), sum(heads) / HEADS)


def test_attention_of_a_later_layer_is_that_of_what_the_earlier_ones_made():
    net, x = classifier(num_layers=2, self_attention=True), torch.randn(2, C, 5)
    keys, values = net._tokens(x)
    queries = net.layers[1].prepared(net.layers[0](net.queries[None], keys, values), keys)
    expected = net.layers[1].attention.weights(queries, keys).mean(1)
    torch.testing.assert_close(net.attention(x), expected)
    assert torch.equal(net.attention(x, layer=1), net.attention(x))
    torch.testing.assert_close(net.attention(x, layer=0), net.attention(x, layer=-2))
    assert not torch.allclose(net.attention(x, layer=0), expected)
    with pytest.raises(InputError, match='layer must be a whole number'):
        net.attention(x, layer=2)


def test_queries_of_the_graph_are_a_projection_of_tanh_embeddings():
    net, x, embedding = classifier(queries='graph'), torch.randn(2, C, 5), torch.randn(K, C)
    torch.testing.assert_close(net.all_queries(embedding), net.project(embedding.tanh()))
    order = torch.tensor([3, 0, 6, 1, 2, 5, 4])
    expected = net(x, embedding)
    with torch.no_grad():  # labels in another order
        net.readout.copy_(net.readout[order])
        net.readout_bias.copy_(net.readout_bias[order])
    torch.testing.assert_close(net(x, embedding[order]), expected[:, order])
    with pytest.raises(InputError, match="no label embedding and has queries='graph'"):
        net(x)


def test_queries_of_words_are_a_projection_of_the_graphs_embeddings(make_graph):
    graph = make_graph(K)
    net, x = classifier(queries='words', graph=graph), torch.randn(2, C, 5)
    torch.testing.assert_close(net.all_queries(), net.project(torch.as_tensor(graph.embeddings)))
    assert 'words' in net.state_dict() and net.classes == graph.classes
    published = classifier(queries='words', graph=dict(classes=graph.classes, width=graph.embeddings.shape[1]))
    with pytest.raises(InputError, match='have not been loaded'):
        published(x)
    published.load_state_dict(net.state_dict())
    assert torch.equal(published(x), net(x))


@pytest.mark.parametrize('queries', ['learned', 'graph'])
def test_one_label(queries):
    net = classifier(1, queries=queries)
    logits = net(torch.randn(3, C, 2, 2), torch.randn(1, C))
    assert logits.shape == (3, 1) and logits.unique().numel() == 3


def test_prior_is_a_bias_and_thresholds_are_those_of_every_head():
    net, x = classifier(), torch.randn(2, C, 5)
    prior = LabelQueryClassifier(C, K, **SMALL, prior=[.2] * K, threshold=.3).eval()
    weights = {name: value for name, value in net.state_dict().items() if name != 'threshold_logits'}
    prior.load_state_dict(weights, strict=False)
    torch.testing.assert_close(prior(x), net(x) + math.log(.2 / .8))
    assert prior.predicted(torch.full((1, K), -.8))[0].tolist() == list(range(K)) and not len(
        net.predicted(torch.full((1, K), -.8))[0])


def test_layout_in_memory_changes_nothing():
    net, x = classifier(positions='sine'), torch.randn(2, C, 3, 4)
    torch.testing.assert_close(net(x.to(memory_format=torch.channels_last)), net(x))


@pytest.mark.parametrize('options', [{}, dict(groups=3), dict(queries='graph'), dict(positions='sine', num_layers=2,
                                                                                    self_attention=True)])
def test_autocast_keeps_logits_in_float32_and_gradients_reach_everything(options):
    net, embedding = classifier(**options), torch.randn(K, C, requires_grad=True)
    x = torch.randn(4, C, 3, 5).bfloat16().requires_grad_()
    expected = net(x.float(), embedding)
    with torch.autocast('cpu', torch.bfloat16):
        found = net(x, embedding)
    assert found.dtype == torch.float32 and (found != found.bfloat16()).any()
    torch.testing.assert_close(found, expected, rtol=0, atol=.05 * expected.abs().max().item())
    (found * torch.randn_like(found)).sum().backward()
    assert all(p.grad.abs().sum() > 0 for name, p in net.named_parameters() if 'key.bias' not in name)  # adds the same
    assert x.grad.dtype == torch.bfloat16 and x.grad.abs().sum() > 0
    assert (embedding.grad is not None) == net.takes_embedding


def test_under_autocast_the_attention_is_in_bfloat16_and_what_follows_it_is_not():
    net, types = classifier(), {}
    for name, module in net.named_modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda module, args, y, name=name: types.update({name: y.dtype}))
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        logits = net(torch.randn(2, C, 3, 4))
    half = ['embed', *(f'layers.0.attention.{name}' for name in ('query', 'key', 'value'))]
    wide = [f'layers.0.{name}' for name in ('attention.out', 'expand', 'reduce')]
    assert types == {**dict.fromkeys(half, torch.bfloat16), **dict.fromkeys(wide, torch.float32)}
    assert (logits != logits.bfloat16()).float().mean() > .5


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_a_whole_network_in_half_precision_still_gives_float32_logits(dtype):
    net, x = classifier(num_layers=2, self_attention=True, positions='sine', prior=[.1] * K), torch.randn(2, C, 3, 4)
    expected = net(x)
    found = net.to(dtype)(x.to(dtype))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=.05 * expected.abs().max().item())
    assert net.float()(x.to(dtype)).dtype == torch.float32  # behind a backbone of half precision


def test_of_patches_and_class_token_the_patches_are_the_positions():
    net, patches = classifier(), torch.randn(2, C, 3, 4)
    torch.testing.assert_close(net(([patches, torch.randn(2, C)],)), net(patches))
    torch.testing.assert_close(net((patches,)), net(patches))


@pytest.mark.parametrize(('options', 'message'), [
    (dict(queries='random'), "queries must be one of 'learned', 'graph', 'words'"),
    (dict(queries='words'), "graph is for queries='words', which need it"),
    (dict(graph='a.npz'), "graph is for queries='words'"),
    (dict(groups=0), 'groups must be'), (dict(groups=K + 1), 'groups must be'),
    (dict(groups=2, queries='graph'), "groups=2: queries='graph' are one a label"),
    (dict(positions='learned'), "positions must be None or 'sine'"),
    (dict(embed_dims=9), 'embed_dims must be a multiple of num_heads, got 9 and 2'),
    (dict(num_heads=0), 'num_heads'), (dict(num_layers=0), 'num_layers'), (dict(feedforward_channels=.5), 'feedf'),
    (dict(dropout=2), 'dropout')])
def test_mistakes_are_named(options, message):
    with pytest.raises(InputError, match=message):
        classifier(**options)


def test_words_of_other_labels_are_refused(make_graph):
    with pytest.raises(InputError, match='has 5 labels, the head 7'):
        classifier(queries='words', graph=make_graph(5))


@pytest.mark.parametrize(('x', 'message'), [
    ((torch.randn(2, 4, 3, 3), torch.randn(2, 2, 3, 3)), '2 feature maps, as SlowFast does'),
    (torch.randn(2, C), 'pooled already'), (torch.randn(2, C + 1, 3), '7 channels, in_channels of the head is 6')])
def test_features_without_one_grid_of_positions_are_refused(x, message):
    with pytest.raises(InputError, match=message):
        classifier()(x)


FORMS = [dict(queries='graph', positions='sine', num_layers=2, self_attention=True), dict(groups=3)]


@pytest.mark.slow
@pytest.mark.parametrize('options', FORMS)
@pytest.mark.parametrize('strict', [False, True])
def test_export_with_any_batch(options, strict):
    net, embedding = classifier(**options), torch.randn(K, C)
    batch = torch.export.Dim.DYNAMIC
    program = torch.export.export(net, (torch.randn(2, C, 3, 4), embedding), strict=strict,
                                  dynamic_shapes=({0: batch}, None))
    x = torch.randn(3, C, 3, 4)
    torch.testing.assert_close(program.module()(x, embedding), net(x, embedding))


@pytest.mark.slow
@pytest.mark.parametrize('options', FORMS)
def test_trains_compiled(options):
    net, x, embedding = classifier(**options), torch.randn(2, C, 3, 4), torch.randn(K, C)
    gradients = []
    for function in (net, torch.compile(net, backend='aot_eager', fullgraph=True)):
        net.zero_grad()
        function(x, embedding).square().sum().backward()
        gradients.append([parameter.grad.clone() for parameter in net.parameters()])
    torch.testing.assert_close(*gradients)
