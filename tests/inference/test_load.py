"""``kss_mm.load`` with models of both hosts: the scores of test.py, from files, arrays, pictures and streams."""

import cv2
import numpy as np
import pytest
from media import write_video
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from PIL import Image
from tiny_models import IMAGES, VIDEOS, save_model

import kss_mm
from kss_mm.datasets.media.frame_reader import open_video, read_frames
from kss_mm.datasets.media.image_reader import read_image
from kss_mm.errors import InputError, MissingFileError

MODELS_BY_HOST = [pytest.param(config, id=f'{host}-{name}') for host, configs in
                  (('mmaction', VIDEOS), ('mmpretrain', IMAGES)) for name, config in configs.items()]


@pytest.fixture(params=MODELS_BY_HOST)
def model(request, make_graph, tmp_path):
    return save_model(request.param, tmp_path, make_graph)


def draw(folder, kind: str, number: int):
    if kind == 'video':
        return write_video(folder / f'{number}.mp4', (64 + 8 * number, 48), 10 + 30 * number)
    pixels = np.random.default_rng(number).integers(0, 255, (40 + 8 * number, 60, 3), np.uint8)
    cv2.imwrite(str(folder / f'{number}.png'), pixels)
    return folder / f'{number}.png'


def test_scores_are_those_of_the_hosts_test_step(model, tmp_path):
    """Alone, in batches with others, from the file, and from its frames."""
    config, checkpoint = model
    predictor = kss_mm.load(config, checkpoint, device='cpu', batch_size=2)
    (tmp_path / 'files').mkdir()
    files = [draw(tmp_path / 'files', predictor.kind, number) for number in range(3)]
    found = predictor(tmp_path / 'files')
    assert [prediction.source for prediction in found] == list(map(str, files))
    for file, prediction in zip(files, found):
        expected = of_the_host(config, checkpoint, str(file))
        np.testing.assert_allclose(prediction.scores, expected, atol=1e-6)
        np.testing.assert_allclose(predictor(file).scores, expected, atol=1e-6)
        pixels = np.stack(read_frames(reader := open_video(str(file)), range(len(reader)))
                          ) if predictor.kind == 'video' else read_image(file)
        np.testing.assert_allclose(predictor(pixels).scores, expected, atol=1e-6)
        other = cv2.VideoCapture(str(file)) if predictor.kind == 'video' else Image.open(file)
        np.testing.assert_allclose(predictor(other).scores, expected, atol=1e-6)
    assert np.ptp([prediction.scores for prediction in found], axis=0).max() > 1e-5
    assert found[0].indices == np.flatnonzero(found[0].scores >= .5).tolist()
    assert found[0].classes == [f'class {index}' for index in range(5)]


def of_the_host(config, checkpoint, file: str) -> np.ndarray:
    cfg = Config.fromfile(config)
    if cfg.default_scope == 'mmaction':
        from mmaction.apis import inference_recognizer

        model = kss_mm.build_model(cfg, checkpoint, 'cpu')
        scores = inference_recognizer(model, file).pred_score
        return (scores.sigmoid() if cfg.model.cls_head.type == 'TSNHead' else scores).numpy()  # MMAction2's are logits
    from mmpretrain import ImageClassificationInferencer

    (found,) = ImageClassificationInferencer(str(config), pretrained=str(checkpoint), device='cpu')(file)
    return found['pred_scores']


def test_a_model_is_built_once(model, tmp_path, monkeypatch):
    config, checkpoint = model
    predictor = kss_mm.load(config, checkpoint, device='cpu')
    monkeypatch.setattr(MODELS, 'build', None)
    file = draw(tmp_path, predictor.kind, 1)
    init_default_scope('mmengine')  # as another run in the process leaves it
    assert predictor([file, file])[0].labels == predictor(file).labels


def test_what_cannot_be_loaded_or_read_is_one_line(make_graph, tmp_path):
    config, checkpoint = save_model(IMAGES['kssnet'], tmp_path, make_graph)
    with pytest.raises(InputError, match='give a checkpoint after it'):
        kss_mm.load(config)
    with pytest.raises(MissingFileError, match='nowhere.pth'):
        kss_mm.load(tmp_path / 'nowhere.pth')
    predictor = kss_mm.load(checkpoint, device='cpu')  # its config is inside
    with pytest.raises(MissingFileError, match='nowhere.png: no such image'):
        predictor(tmp_path / 'nowhere.png')
    film = write_video(tmp_path / 'film.mp4')
    bad, good = predictor([film, draw(tmp_path, 'image', 1)])
    assert 'film.mp4: is a video (MP4), but' in str(bad.error) and good.error is None


def test_names_are_those_of_the_label_graph_where_the_data_had_none(make_graph, tmp_path):
    files = save_model(IMAGES['kssnet'], tmp_path, make_graph, classes=False)
    assert kss_mm.load(*files, device='cpu').classes == [f'label {index}' for index in range(5)]
    (tmp_path / 'plain').mkdir()
    files = save_model(IMAGES['host'], tmp_path / 'plain', make_graph, classes=False)
    with pytest.raises(InputError, match='holds no class names'):
        kss_mm.load(*files, device='cpu')
