"""Requests to a model that is a stand-in: what is answered, and what is sent away."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip('fastapi')
from fastapi.testclient import TestClient

from kss_mm.errors import BadVideoError, InputError
from kss_mm.files import sha256_of
from kss_mm.inference.network import Scores, Thresholds
from kss_mm.inference.predictor import Predictor
from kss_mm.serving.app import create_app
from kss_mm.serving.limits import MIB, Limits


class Stub:
    """Scores from the first byte of a file; some bytes are something else."""

    kind, batch_size, classes = 'video', 4, ['dark', 'bright', 'näive "label"']
    thresholds = Thresholds(np.array([.5, .5, .25], np.float32))

    def __init__(self, path):
        self.path = str(path)
        self.identity = dict(model=path.name, sha256=sha256_of(path), config='c')
        self.wait, self.inside, self.most = threading.Event(), 0, 0

    def prepare(self, content):
        with open(content, 'rb') as file:
            first = file.read(1)
        if first == b'!':
            raise BadVideoError(f'{content}: is no video')
        if first == b'w':
            self.wait.wait(20)
        return first[0]

    def shape(self, sample):
        return 0

    def run(self, samples):
        self.inside += 1
        assert self.inside == 1, 'two requests in the model at once'
        time.sleep(.002)
        scores = [np.array([1 - value / 255, value / 255, .3], np.float32) for value in samples]
        self.inside -= 1
        return [Scores(row, None, np.flatnonzero(row >= self.thresholds.probabilities).tolist()) for row in scores]


@pytest.fixture
def serve(tmp_path):
    (tmp_path / 'model.pth').write_bytes(b'weights')
    stub = Stub(tmp_path / 'model.pth')

    def start(**limits):
        client = TestClient(create_app(Predictor(stub, workers=0), Limits(**limits)))
        client.stub = stub
        return client

    yield start
    stub.wait.set()


def test_a_form_and_a_body_get_the_same_labels_by_name(serve):
    client = serve()
    form = client.post('/predict', files={'file': ('C:\\videos\\ä b.mp4', b'\xf0abc')})
    body = client.post('/predict', content=b'\xf0abc')
    assert form.status_code == body.status_code == 200
    assert form.json()['file'] == 'ä b.mp4' and body.json()['file'] == 'upload'
    assert form.json()['labels'] == body.json()['labels']
    assert form.json()['labels'][0] == dict(name='bright', probability=.9411765, threshold=.5, predicted=True)
    assert [label['name'] for label in form.json()['labels'] if label['predicted']] == ['bright', 'näive "label"']


def test_so_many_labels_as_asked_for(serve):
    client = serve()
    assert len(client.post('/predict?top=2', content=b'a').json()['labels']) == 2
    assert client.post('/predict?top=0', content=b'a').status_code == 422
    assert client.post('/predict?top=many', content=b'a').status_code == 422


def test_health_and_metadata(serve):
    client = serve(mebibytes=2, seconds=3, requests=4)
    assert client.get('/health').json() == {'status': 'ok'}
    about = client.get('/metadata').json()
    assert about['model'] == 'model.pth' and len(about['sha256']) == 64 and about['kind'] == 'video'
    assert about['classes'] == Stub.classes and about['thresholds'] == [.5, .5, .25]
    assert about['limits'] == dict(mebibytes=2, seconds=3, requests=4)


def test_a_bad_file_is_named_as_its_sender_names_it(serve, tmp_path):
    answer = serve().post('/predict', files={'file': ('clip.mp4', b'!')})
    assert answer.status_code == 422 and answer.json()['detail'] == 'clip.mp4: is no video'


@pytest.mark.parametrize('request_of', [
    dict(content=b''), dict(files={'file': ('a.mp4', b'')}), dict(files=[('file', ('a', b'a')), ('file', ('b', b'b'))]),
    dict(content=b'no form', headers={'content-type': 'multipart/form-data; boundary=x'}),
    dict(content=b'no form', headers={'content-type': 'multipart/form-data'})])
def test_not_one_file_is_an_error_of_the_sender(serve, request_of):
    assert serve().post('/predict', **request_of).status_code == 400


def test_size_counts_whether_it_is_said_or_not(serve):
    client = serve(mebibytes=1)
    content = b'a' * (MIB + 1)
    assert client.post('/predict', content=b'a' * MIB).status_code == 200
    for said in (dict(content=content), dict(content=iter([content[:10], content[10:]])),
                 dict(files={'file': ('a.mp4', content)})):
        answer = client.post('/predict', **said)
        assert answer.status_code == 413 and '1 MiB' in answer.json()['detail']


def test_a_file_that_takes_too_long_keeps_its_place_until_it_ends(serve):
    client = serve(seconds=.2, requests=1)
    with client:
        assert client.post('/predict', content=b'w').status_code == 504
        busy = client.post('/predict', content=b'a')
        assert busy.status_code == 503 and busy.headers['retry-after'] == '1'
        client.stub.wait.set()
        for _ in range(200):
            if (answer := client.post('/predict', content=b'a')).status_code == 200:
                break
            time.sleep(.02)
        assert answer.status_code == 200


def test_requests_at_once_share_the_model(serve):
    client = serve(requests=8)
    with client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda value: client.post('/predict', content=bytes([value])), range(40, 80)))
    assert [answer.status_code for answer in answers] == [200] * 40
    for value, answer in zip(range(40, 80), answers):
        scores = {label['name']: label['probability'] for label in answer.json()['labels']}
        assert scores['bright'] == pytest.approx(value / 255, abs=1e-6)


def test_nothing_stays_on_disk(serve, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path))
    client = serve()
    for content in (b'a', b'!', b''):
        client.post('/predict', content=content)
    assert [path.name for path in tmp_path.iterdir()] == ['model.pth']


@pytest.mark.parametrize('wrong', [dict(mebibytes=0), dict(seconds=0), dict(seconds=float('nan')), dict(requests=0)])
def test_limits_are_numbers(wrong):
    with pytest.raises(InputError):
        Limits(**wrong)
