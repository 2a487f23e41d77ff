"""Checkpoints that a kill at any moment leaves whole, and a best one that is there until the next best is."""

import os
from collections import deque
from collections.abc import Sequence

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, get_file_backend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from kss_mm.files import PathLike, write_whole
from kss_mm.registry import HOOKS

# Under this name MMEngine finds the backend below.
_BACKEND = 'kss_mm_whole'
_POINTER = 'last_checkpoint'
# Entry of the message hub: names of the checkpoints that go once the one that holds this entry is there.
_OUTDATED = 'outdated_ckpts'


class _WholeFiles(LocalBackend):
    """MMEngine's files on disk, which take their name when they are whole."""

    def put(self, obj: bytes, filepath: PathLike) -> None:
        write_whole(obj, filepath)


register_backend(_BACKEND, _WholeFiles, force=True)


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's CheckpointHook, with the same arguments, that writes first and deletes then.

    MMEngine writes checkpoints and ``last_checkpoint`` in place, after it has deleted the checkpoint that they
    replace: a kill or a full disk in between leaves neither. Here each file is written aside and renamed; the outdated
    epoch goes when the new one and ``last_checkpoint`` stand, and the old best when the new best and the record of it
    stand. A work folder that was moved keeps its best checkpoint.
    """

    _replaced_bests: Sequence[str] = ()

    def before_train(self, runner: Runner) -> None:
        super().before_train(runner)
        if self.file_client_args is None and type(self.file_backend) is LocalBackend:
            self.backend_args = {**(self.backend_args or {}), 'backend': _BACKEND}
            self.file_backend = get_file_backend(self.out_dir, backend_args=self.backend_args)
        for key in self.key_indicators if self.save_best is not None else ():
            if path := self._best(key):
                self._set_best(key, self._here(path))
        kept = {os.path.basename(path) for path in (*self._bests(), *map(self.filename_tmpl.format, self._kept_ids()))}
        for name in runner.message_hub.runtime_info.get(_OUTDATED, ()) if is_main_process() else ():
            if name not in kept:  # a kill came after the record of a checkpoint, and before those it replaces went
                self._remove(name)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = self._outdated_by(step)
        if self.max_keep_ckpts > 0:
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.message_hub.update_info(_OUTDATED, [*outdated, *self._replaced_bests])
        runner.save_checkpoint(self.out_dir, name, self.file_client_args, save_optimizer=self.save_optimizer,
                               save_param_scheduler=self.save_param_scheduler, meta=meta, by_epoch=self.by_epoch,
                               backend_args=self.backend_args, **self.args)
        if is_main_process():
            write_whole(self.last_ckpt.encode(), os.path.join(runner.work_dir, _POINTER))
            for old in outdated:
                self._remove(old)

    def _outdated_by(self, step: int) -> list[str]:
        """Names of the checkpoints that go when that of ``step`` is there; notes it among those that are kept."""
        if self.max_keep_ckpts <= 0 or step in self.keep_ckpt_ids:
            return []
        kept = [*self.keep_ckpt_ids, step]
        self.keep_ckpt_ids = deque(kept[-self.max_keep_ckpts:], self.max_keep_ckpts)
        return [self.filename_tmpl.format(old) for old in kept[:-self.max_keep_ckpts]]

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if not self.save_best:
            return
        if 'auto' in self.key_indicators:
            self._init_rule(self.rules, [next(iter(metrics))])
        old = {key: self._best(key) for key in self.key_indicators}
        for key in old:
            self._set_best(key, None)  # the host would delete it now
        self._replaced_bests = [os.path.basename(path) for path in old.values() if path]
        super()._save_best_checkpoint(runner, metrics)
        self._replaced_bests = []
        for key, path in old.items():
            if self._best(key) is None:
                self._set_best(key, path)
            elif path and path != self._best(key) and is_main_process():
                self._remove(os.path.basename(path))
                runner.logger.info(f'The previous best checkpoint {path} is removed')

    def _best(self, key: str) -> str | None:
        return self.best_ckpt_path if len(self.key_indicators) == 1 else self.best_ckpt_path_dict.get(key)

    def _bests(self) -> list[str]:
        """The best checkpoints there are, one for every figure that is watched."""
        keys = self.key_indicators if self.save_best is not None else ()
        return [path for key in keys if (path := self._best(key))]

    def _kept_ids(self) -> list[int]:
        return list(self.keep_ckpt_ids) if self.max_keep_ckpts > 0 else []

    def _set_best(self, key: str, path: str | None) -> None:
        if len(self.key_indicators) == 1:
            self.best_ckpt_path = path
        else:
            self.best_ckpt_path_dict[key] = path

    def _here(self, path: str) -> str | None:
        """The place of a checkpoint, also when the work folder was moved; None if it is nowhere."""
        moved = self.file_backend.join_path(self.out_dir, os.path.basename(path))
        return next((place for place in (moved, path) if self.file_backend.exists(place)), None)

    def _remove(self, name: str) -> None:
        path = self.file_backend.join_path(self.out_dir, name)
        if self.file_backend.isfile(path):
            self.file_backend.remove(path)
        elif self.file_backend.isdir(path):  # DeepSpeed's checkpoints are folders
            self.file_backend.rmtree(path)
