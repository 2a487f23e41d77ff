"""The deployed form in onnxruntime, against the same in torch."""

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import torch

from kss_mm.analysis.benchmark.deploy import deployed_networks
from kss_mm.analysis.benchmark.line import Line, Ratio, at_most
from kss_mm.analysis.benchmark.run import benchmark
from kss_mm.analysis.benchmark.setting import Setting
from kss_mm.apis.deploy import TOLERANCE, relative_difference
from kss_mm.apis.export import INPUT, onnx_runtime, write_onnx

VIDEO, IMAGE = (3, 16, 112, 112), (3, 224, 224)
QUICK_VIDEO, QUICK_IMAGE = (3, 4, 32, 32), (3, 64, 64)


@benchmark('export')
def exported(setting: Setting) -> Iterator[Line]:
    """The deployed form as ONNX, clips of 16x112x112 and images of 224x224, CPU, float32"""
    setting = setting.on_cpu()
    runtime = onnx_runtime()
    shapes = {'KSSNet-I3D': setting.pick(full=VIDEO, quick=QUICK_VIDEO),
              'KSSNet-ResNet': setting.pick(full=IMAGE, quick=QUICK_IMAGE)}
    options = runtime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    for name, network in deployed_networks(setting):
        with TemporaryDirectory() as folder:
            path = os.path.join(folder, 'network.onnx')
            write_onnx(network, network.random_pixels(shapes[name], batch=2), path, {})
            session = runtime.InferenceSession(path, options)
        pixels = network.random_pixels(shapes[name])

        def in_torch(network=network, pixels=pixels) -> torch.Tensor:
            with torch.inference_mode():
                return network(pixels)[0]

        def in_onnx(session=session, pixels=pixels) -> torch.Tensor:
            return torch.from_numpy(session.run(None, {INPUT: pixels.numpy()})[0])

        times = setting.interleave({'torch': in_torch, 'onnxruntime': in_onnx})
        yield Line(f'{name}, torch : onnxruntime, time', times.figure('torch', 'onnxruntime'),
                   times.ratio('torch', 'onnxruntime'))
        yield Line(f'{name}, difference of the logits, of the largest', 'exported with a batch of 2, run with 1',
                   Ratio.exact(relative_difference(in_torch(), in_onnx())), at_most(TOLERANCE))
