"""From a checkpoint of a run to a file for others: weights, config and label graph, and nothing else."""

import hashlib
import io
import os
import re
from datetime import date as Date
from typing import NamedTuple

import torch
from mmengine.config import Config
from torch import nn

from kss_mm._version import __version__
from kss_mm.apis.config import config_in, load_config
from kss_mm.apis.model import fresh_model
from kss_mm.apis.portable_config import (
    awaits_graph,
    check_ours,
    graph_file,
    make_portable,
    use_graph,
)
from kss_mm.checkpoints.checkpoint import check_fits, lasting_meta, load_plain, weights_of
from kss_mm.checkpoints.start_weights import drop_pretrained
from kss_mm.checkpoints.stored_graph import as_tensors, label_graph_of
from kss_mm.checkpoints.to_plain import to_plain
from kss_mm.errors import InputError, MissingFileError
from kss_mm.files import PathLike, write_whole
from kss_mm.graph import LabelGraph

__all__ = ['Published', 'label_graph_of', 'publish']  # a graph is published by one, and read back by the other

# How many digits of the SHA-256 the name has, as in the model zoos: torch.hub checks them when it downloads.
_DIGITS = 8


class Published(NamedTuple):
    """The file that was written, and the absolute paths in its config that were made relative."""

    path: str
    renamed: dict[str, str]


def publish(checkpoint: PathLike, out: PathLike, *, config: PathLike | None = None, graph: PathLike | None = None,
            date: str | None = None) -> Published:
    """Write ``{out}_{date}-{hash}.pth``, the hash being the first digits of the file's SHA-256.

    ``state_dict`` and ``meta`` are those of MMEngine's checkpoints, ``label_graph`` holds what the graph's file holds,
    as tensors and text. The weights are those that the run evaluated, averaged ones where it had an EMAHook. Nothing
    in the file depends on its name or date: the same input gives the same bytes with the same torch.

    Args:
        checkpoint: Checkpoint of a run.
        out: Beginning of the file's name, or a folder, in which it is named after the config.
        config: Config of the model, where the checkpoint has none.
        graph: The label graph, where it is not where the config says.
        date: YYYYMMDD, by default today.

    Raises:
        UserError: For a checkpoint without config, of another model than its config, or with another label graph.
    """
    day = _checked(date)
    checkpoint, out, config, graph = (path if path is None else os.fspath(path) for path in
                                      (checkpoint, out, config, graph))
    content = load_plain(checkpoint)
    cfg = config_in(checkpoint, content) if config is None else load_config(config)
    check_ours(cfg, checkpoint)
    prefix = _prefix(out, config, content, checkpoint)
    cfg.model = drop_pretrained(cfg.model)
    if cfg.model.get('deploy'):
        cfg.model.pop('neck', None)  # a network in deployed form has no label graph any more
    label_graph, neck = _graph_of(cfg, graph, content, checkpoint)
    renamed = make_portable(cfg, label_graph, neck)
    text = cfg.pretty_text
    model = fresh_model(config_in(checkpoint, dict(meta=dict(cfg=text))))  # as others will build it
    check_fits(content, model, checkpoint)
    meta = {**lasting_meta(content), 'kss_mm_version': __version__, 'cfg': text}
    result = dict(state_dict=content['state_dict'], meta=to_plain(meta))
    if label_graph is not None:
        result['label_graph'] = as_tensors(label_graph)
    elif 'label_graph' in content:
        result['label_graph'] = content['label_graph']  # published already, and trained on or given thresholds
    buffer = io.BytesIO()  # torch.save would put a file's name into its bytes
    torch.save(result, buffer)
    path = f'{prefix}_{day}-{hashlib.sha256(buffer.getbuffer()).hexdigest()[:_DIGITS]}.pth'
    if os.path.exists(path):
        raise InputError(f'{path}: is there already, with the same content')
    write_whole(buffer.getbuffer(), path)
    return Published(path, renamed)


def _checked(date: str | None) -> str:
    if date is None:
        return Date.today().strftime('%Y%m%d')
    try:
        if re.fullmatch(r'\d{8}', date):
            return Date(int(date[:4]), int(date[4:6]), int(date[6:])).strftime('%Y%m%d')
    except ValueError:
        pass
    raise InputError(f'--date {date}: must be a day, YYYYMMDD')


def _prefix(out: str, config: str | None, content: dict, checkpoint: str) -> str:
    """Folder and name of the published file, without date and hash."""
    if not (os.path.isdir(out) or out.endswith(os.sep)):
        return out.removesuffix('.pth')
    # MMEngine calls a run {config}_{YYYYMMDD}_{HHMMSS}, and by the time alone where the config has no file.
    run = re.fullmatch(r'(.+)_\d{8}_\d{6}', str(content.get('meta', {}).get('experiment_name')))
    name = os.path.splitext(os.path.basename(config))[0] if config else run and run[1]
    if not name or os.sep in name:  # others' checkpoints may lead elsewhere
        raise InputError(f'{checkpoint}: does not say the name of its config; give a name after the folder {out}')
    return os.path.join(out, name)


def _graph_of(cfg: Config, given: str | None, content: dict,
              checkpoint: str) -> tuple[LabelGraph, nn.Module] | tuple[None, None]:
    """The label graph of a config, and the label encoder built from it; Nones where the model has none.

    Raises:
        UserError: For one that is not there, or not the one that the checkpoint was trained with.
    """
    if graph_file(cfg) is None and not (given and awaits_graph(cfg)):
        if given:
            raise InputError(f'--graph {given}: the model of {checkpoint} has no label graph')
        if awaits_graph(cfg) and 'label_graph' not in content:
            raise InputError(f'{checkpoint}: has no label graph in it, but its config is of a published checkpoint: '
                             'save that of the published one by kss_mm.apis.publish.label_graph_of, and give it by '
                             '--graph')
        return None, None
    if given:
        use_graph(cfg, given)
    path = graph_file(cfg)
    if not os.path.isfile(path):
        raise MissingFileError(f'{path}: no such label graph, from which {checkpoint} was trained; say by --graph '
                               'where it is now')
    model = fresh_model(cfg)
    check_fits(content, model, checkpoint)
    weights = weights_of(content)
    for name, value in model.neck.named_buffers():
        if not torch.allclose(weights[f'neck.{name}'].to(value), value, atol=1e-5):
            raise InputError(f'{path}: not the label graph that {checkpoint} was trained with, neck.{name} differs; '
                             'give that one by --graph')
    return LabelGraph.load(path), model.neck
