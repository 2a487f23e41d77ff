"""Bad files of every kind, made here: each is named in an error, none ends the process."""

import functools
import http.server
import os
import pickle
import threading

import numpy as np
import processes
import pytest

pytest.importorskip('mmaction')
from media import write_video  # noqa: E402

from kss_mm.datasets import SafeDecordDecode, SafeDecordInit  # noqa: E402
from kss_mm.errors import (  # noqa: E402
    BadVideoError,
    InputError,
    MissingPackageError,
    MissingVideoError,
    StorageError,
)
from kss_mm.hosts.runs import repair_hosts  # noqa: E402


def read(path, count=4):
    results = SafeDecordInit().transform(dict(filename=str(path)))
    results['frame_inds'] = np.linspace(0, results['total_frames'] - 1, count).astype(int)
    return SafeDecordDecode().transform(results)['imgs']


@pytest.fixture
def good(tmp_path):
    return write_video(tmp_path / 'good.mp4')


def test_good_videos_of_odd_names_lengths_and_sizes(tmp_path):
    assert len(read(write_video(tmp_path / 'odd näme # 50%.mp4'))) == 4
    assert len(read(write_video(tmp_path / 'one_frame.mp4', frames=1))) == 4
    assert read(write_video(tmp_path / 'odd.avi', codec='MJPG', size=(50, 38)))[0].shape == (38, 50, 3)


@pytest.mark.parametrize('kind', ['missing', 'empty', 'text', 'truncated', 'no header'])
def test_bad_files_are_named(tmp_path, good, kind):
    path, content = tmp_path / 'bad.mp4', good.read_bytes()
    if kind != 'missing':
        path.write_bytes({'empty': b'', 'text': b'hello' * 100, 'truncated': content[:len(content) // 2],
                          'no header': b'\0' * 64 + content[64:]}[kind])
    with pytest.raises(BadVideoError, match=r'bad\.mp4'):
        read(path)


def test_damaged_frames_are_named(tmp_path, good):
    content = bytearray(good.read_bytes())
    start = content.index(b'mdat') + 4
    end = content.index(b'moov') - 4
    content[start:end] = np.random.default_rng(0).integers(0, 255, end - start, dtype=np.uint8).tobytes()
    (tmp_path / 'rotten.mp4').write_bytes(content)
    with pytest.raises(BadVideoError, match=r'rotten\.mp4'):
        read(tmp_path / 'rotten.mp4')


def test_a_truncated_avi_does_not_crash_the_process(tmp_path):
    """From memory, as the host opens files, decord ends in a segmentation fault on it; by path it reads what is left.

    The host's own name for the step is repaired too: its inferencer uses that whatever the config says.
    """
    content = write_video(tmp_path / 'whole.avi', codec='XVID', frames=60).read_bytes()
    (tmp_path / 'cut.avi').write_bytes(content[:len(content) // 2])
    code = ('import sys; import kss_mm; from mmaction.registry import MODELS, TRANSFORMS\n'
            'MODELS.get("kss_mm.KSSNet")\n'
            'from kss_mm.errors import BadVideoError\n'
            'try: TRANSFORMS.build(dict(type="DecordInit")).transform(dict(filename=sys.argv[1]))\n'
            'except BadVideoError as error: print("named" if "cut.avi: is cut short" in str(error) else error)')
    (tmp_path / 'program.py').write_text(code)
    result = processes.run(tmp_path / 'program.py', tmp_path / 'cut.avi', env=dict(os.environ))
    assert result.stdout.strip().endswith('named'), result.stdout + result.stderr[-500:]


def test_replaced_steps_pickle_and_read_what_the_hosts_do(tmp_path, good):
    """A DataLoader that starts its workers by 'spawn' pickles them; a name without a suffix means .mp4 to the host."""
    from mmaction.registry import TRANSFORMS

    repair_hosts()
    init, decode = (TRANSFORMS.build(dict(type=name)) for name in ('DecordInit', 'DecordDecode'))
    assert type(init) is SafeDecordInit and type(decode) is SafeDecordDecode
    init, decode = pickle.loads(pickle.dumps((init, decode)))
    results = init.transform(dict(filename=str(good.with_suffix(''))))
    assert results['total_frames'] == 60 and results['avg_fps'] == 12
    results['frame_inds'] = np.array([59, 0])
    frames = decode.transform(results)['imgs']
    assert frames[0].shape == (48, 64, 3) and frames[0].flags.writeable


@pytest.mark.parametrize(('options', 'kind', 'message'), [
    (dict(io_backend='nowhere'), InputError, "io_backend='nowhere'.*not supported"),
    (dict(io_backend='http', typo=1), InputError, "io_backend='http' with {'typo': 1}"),
    (dict(io_backend='memcached', server_list_cfg='a', client_cfg='b'), MissingPackageError, "io_backend='memcached'"),
])
def test_a_storage_that_cannot_be_set_up_is_no_bad_video(good, options, kind, message):
    with pytest.raises(kind, match=message) as error:
        SafeDecordInit(**options).transform(dict(filename=str(good)))
    assert not isinstance(error.value, BadVideoError)


@pytest.fixture
def server(tmp_path):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


def test_videos_from_a_server(server, tmp_path, good):
    """Also there a truncated .avi crashes nothing, and what is not there is missing."""
    init = SafeDecordInit(io_backend='http')
    assert init.transform(dict(filename=f'{server}/good.mp4'))['total_frames'] == 60
    content = write_video(tmp_path / 'whole.avi', codec='XVID').read_bytes()
    (tmp_path / 'cut.avi').write_bytes(content[:len(content) // 2])
    (tmp_path / 'text.mp4').write_bytes(b'hello' * 100)
    for name, kind, message in (('cut.avi', BadVideoError, 'is cut short'),
                                ('text.mp4', BadVideoError, 'is not a video'),
                                ('none.mp4', MissingVideoError, 'no such file')):
        with pytest.raises(kind, match=f'^{server}/{name}: {message}'):
            init.transform(dict(filename=f'{server}/{name}'))


@pytest.mark.parametrize('url', ['htp://a/b.mp4', 'http://127.0.0.1:1/b.mp4', 'no address.mp4'])
def test_a_bad_address_is_no_bad_video(url):
    with pytest.raises(StorageError, match="io_backend='http'") as error:
        SafeDecordInit(io_backend='http').transform(dict(filename=url))
    assert url in str(error.value) and not isinstance(error.value, BadVideoError)
