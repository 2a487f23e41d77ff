"""Mutated media files: frames, or one line that names the file; never the end of the process.

300 mutations a kind, not 2,000: each opens a decoder. All of a kind are read in one child process, as what a decoder of
C does to a process could not be caught in this one.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from media import image_bytes, write_coded, write_video

KINDS = {'mp4': '-c:v libx264', 'avi': '-c:v mpeg4 -bf 2', 'gif': '-pix_fmt rgb8', 'mkv': '-c:v libx264',
         'ts': '-c:v mpeg2video', 'flv': '-c:v flv'}
COUNT = min(int(os.environ.get('KSS_MM_MUTATIONS', 300)), 300)

PROGRAM = '''
import sys
from pathlib import Path
from fuzzing import attack

def video(path):
    from kss_mm.datasets.media.frame_reader import open_video, read_frames
    reader = open_video(path)
    read_frames(reader, [0, len(reader) - 1])

def image(path):
    from kss_mm.datasets import SafeLoadImage
    SafeLoadImage().transform(dict(img_path=str(path)))

source, kind, count = sys.argv[1:]
content = Path(source).read_bytes()
attack({'video': video, 'image': image}[kind], Path(source).with_stem('mutated'), content, int(count))
'''


def attack_in_child(path: Path, kind: str) -> None:
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join((str(ROOT / 'tests'), str(ROOT)))}
    result = subprocess.run([sys.executable, '-c', PROGRAM, str(path), kind, str(COUNT)], capture_output=True,
                            text=True, errors='replace', env=env)
    assert result.returncode == 0, f'exit {result.returncode}: {result.stderr[-2000:]}'
    for internal in ('Check failed', 'cv::', 'imdecode_', 'avfilter'):
        assert internal not in result.stderr, result.stderr[-2000:]


@pytest.mark.fuzz
@pytest.mark.parametrize('suffix', KINDS)
def test_videos(tmp_path, suffix):
    attack_in_child(write_coded(tmp_path / f'a.{suffix}', KINDS[suffix], seconds=1, size='48x32'), 'video')


@pytest.mark.fuzz
def test_videos_of_another_writer(tmp_path):
    attack_in_child(write_video(tmp_path / 'a.avi', (48, 32), frames=12, codec='MJPG'), 'video')


@pytest.mark.fuzz
@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'BMP', 'WebP', 'TIFF'])
def test_images(tmp_path, kind):
    (tmp_path / f'a.{kind.lower()}').write_bytes(image_bytes(kind))
    attack_in_child(tmp_path / f'a.{kind.lower()}', 'image')
