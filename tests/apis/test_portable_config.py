"""Configs for others' machines."""

from mmengine.config import Config

from kss_mm.apis.portable_config import make_portable, without_run
from kss_mm.checkpoints.start_weights import drop_pretrained


def test_only_steps_that_name_weights_are_taken_out():
    weights, draw = dict(type='Pretrained', checkpoint='a.pth'), dict(type='Kaiming')
    cfg = Config(dict(model=dict(a=dict(init_cfg=None), b=dict(init_cfg=weights), c=dict(init_cfg=[weights, draw]),
                                 pretrained='a.pth')))
    cfg.model = drop_pretrained(cfg.model)
    assert cfg.model == dict(a=dict(init_cfg=None), b={}, c=dict(init_cfg=[draw]))


def test_numbers_of_a_label_graph_without_a_neck(make_graph, tmp_path):
    """A plain model may have the prior of a label graph's file, and its weights of the loss."""
    graph, file = make_graph(3), str(tmp_path / 'g.npz')
    graph.save(file)
    cfg = Config(dict(model=dict(cls_head=dict(prior=file, loss_cls=dict(pos_weight=file)), neck=dict(graph=None))))
    make_portable(cfg, None, None)
    assert cfg.model.cls_head.prior == graph.priors.tolist() and len(cfg.model.cls_head.loss_cls.pos_weight) == 3
    assert cfg.model.neck.graph is None


def test_words_of_queries_leave_their_sizes(make_graph, tmp_path):
    graph, file = make_graph(3), str(tmp_path / 'g.npz')
    graph.save(file)
    cfg = Config(dict(model=dict(head=dict(queries='words', graph=file))))
    make_portable(cfg, None, None)
    assert cfg.model.head.graph == dict(classes=list(graph.classes), width=graph.embeddings.shape[1])


def test_no_output_of_a_run_is_left():
    cfg = Config(dict(model={}, test_evaluator=[dict(type='kss_mm.CharadesMetric', dump='a.npz', submission='b.txt')],
                      val_evaluator=dict(type='kss_mm.KSSMultiLabelMetric', topk=2, dump='c.npz')))
    without_run(cfg)
    assert cfg.test_evaluator == [dict(type='kss_mm.CharadesMetric')]
    assert cfg.val_evaluator == dict(type='kss_mm.KSSMultiLabelMetric', topk=2)


def test_counts_of_labels_stand_in_numbers(make_graph, tmp_path):
    graph, file = make_graph(3), str(tmp_path / 'g.npz')
    graph.save(file)
    cfg = Config(dict(model={}, val_evaluator=[dict(type='kss_mm.KSSMultiLabelMetric', frequency=file, dump='a.npz')]))
    without_run(cfg)
    assert cfg.val_evaluator == [dict(type='kss_mm.KSSMultiLabelMetric', frequency=graph.num_samples.tolist())]
