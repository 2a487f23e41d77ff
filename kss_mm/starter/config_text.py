"""The short config of one's own data that ``kss-mm init`` writes."""

import os
from typing import NamedTuple

from kss_mm.starter.backbones import MODEL, Backbone

_WORDS = {'video': 'videos', 'image': 'images'}
_HEADS = {'video': 'cls_head', 'image': 'head'}


class Contents(NamedTuple):
    """What a config says.

    ``folder`` is where it will lie, ``media`` and ``pretrained`` are paths as the user gave them, ``lam`` the share of
    the statistical graph, ``weights`` what ``pretrained`` holds, ``parts`` the label files by part, ``about`` its first
    line.
    """

    kind: str
    backbone: Backbone
    folder: str
    media: str
    parts: dict[str, str]
    classes: str
    epochs: int
    lam: float
    about: str
    pretrained: str | None = None
    weights: str | None = None


def config_text(contents: Contents) -> str:
    """The whole config, of at most 25 lines of which none is longer than 120 characters, but for long paths."""
    kind, backbone = contents.kind, contents.backbone
    weights = None if contents.pretrained is None else _place(contents.pretrained, contents.folder)
    start = [] if weights is None else [f'{"load_from" if contents.weights == MODEL else "pretrained"} = {weights}']
    gentle = ['optim_wrapper = dict(paramwise_cfg=_base_.recipe.pretrained)  # small steps for what is trained already'
              ] if backbone.gentle else []
    lam = '1: there is no knowledge graph' if contents.lam == 1 else 'the rest is that of the knowledge graph'
    lines = [
        f'# {contents.about}',
        f"_base_ = 'kss_mm::_base_/own_{_WORDS[kind]}.py'  # the recipe and the pipelines", '',
        '# ---- what people change',
        f'folder = {_quoted("{{ fileDirname }}/", contents.folder)}  # where this file lies',
        f'{_WORDS[kind]} = {_place(contents.media, contents.folder)}',
        "label_graph = folder + 'label_graph.npz'  # of the training part alone",
        f'lam = {contents.lam:g}  # share of the statistical graph (eq. 2); {lam}',
        f'train_cfg = dict(max_epochs={contents.epochs})' if contents.epochs > 1 else
        'train_cfg, param_scheduler = dict(max_epochs=1), _base_.param_scheduler[:1]  # one epoch is all warm-up',
        *start,
        'model = dict(',
        *(f'    {line},' for line in backbone.model),
        f'    backbone=dict({backbone.source}),',
        '    neck=dict(graph=label_graph, lam=lam),',
        f'    {_HEADS[kind]}=dict(prior=label_graph))',
        *backbone.extra,
        *_pipelines(backbone.sizes),
        f"__data = dict(data_prefix={_WORDS[kind]}, classes=folder + '{contents.classes}')",
        *_loaders(contents.parts, with_pipelines=bool(backbone.sizes)),
        *gentle,
        "work_dir = folder + 'run'",
    ]
    return '\n'.join(lines) + '\n'


def _loaders(parts: dict[str, str], with_pipelines: bool) -> list[str]:
    lines = []
    for name, file in parts.items():
        pipeline = f', pipeline={"train" if name == "train" else "test"}_pipeline' if with_pipelines else ''
        lines.append(f"{name}_dataloader = dict(dataset=dict(ann_file=folder + '{file}'{pipeline}, **__data))")
    return lines if 'test' in parts else [*lines, 'test_dataloader = val_dataloader']


def _pipelines(sizes: dict) -> list[str]:
    """Lines that change sizes within the pipelines of the base."""
    if not sizes:
        return []
    return [f'__sizes = dict({", ".join(f"{key}={value!r}" for key, value in sizes.items())})  # pixels',
            'train_pipeline, test_pipeline = ([dict(s, **{k: v for k, v in __sizes.items() if k in s}) for s in p]',
            '                                 for p in (_base_.train_pipeline, _base_.test_pipeline))']


def _place(path: str, folder: str) -> str:
    """A path in the config: one that was given from the root as it is, others from where the config lies."""
    if os.path.isabs(path):
        return repr(path)
    return f'folder + {os.path.relpath(path, folder).replace(os.sep, "/")!r}'


def _quoted(text: str, folder: str) -> str:
    """A text that MMEngine puts the folder into, in quotes that the folder's name lacks."""
    return f'"{text}"' if "'" in os.path.abspath(folder) else f"'{text}'"
