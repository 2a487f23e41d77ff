"""``predict --timeline``: its arguments, what it prints and writes, and its exit status."""

import json

import pytest
from media import write_video
from stub_network import Stub

from kss_mm.cli import timeline_command as command
from kss_mm.cli.predict_command import run_command
from kss_mm.errors import BadVideoError, InputError, MissingFileError
from kss_mm.inference.network import Thresholds
from kss_mm.inference.predictor import Predictor


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    stub = Stub('video')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, 'load', lambda *_, device=None, **options: Predictor(stub, **options))
    write_video(tmp_path / 'a.mp4', frames=48)
    (tmp_path / 'sub').mkdir()
    write_video(tmp_path / 'sub' / 'a.mp4', frames=24)
    (tmp_path / 'bad.mp4').write_bytes(b'no video')

    def call(*files, timeline='2,1', **options):
        status = run_command('best.pth', list(files), (), timeline=timeline, **options)
        return status, capsys.readouterr().out

    call.stub = stub
    return call


def test_one_video_on_the_screen_and_in_files(run, tmp_path):
    status, text = run('a.mp4')
    assert status == 0 and text.startswith('a.mp4: 3 windows to 4.00 s, ') and '0.00 to     4.00 s  dark' in text
    for name in ('a.json', 'a.csv', 'a.vtt', 'a.srt', 'a.png', 'a.svg'):
        assert run('a.mp4', out=name)[1].endswith(f'timeline: {name}\n') and (tmp_path / name).stat().st_size
    assert len(json.loads((tmp_path / 'a.json').read_text())['windows']) == 3
    assert ', 0 intervals' in run('a.mp4', threshold=1.)[1]
    assert ', 0 intervals' in run('a.mp4', min_seconds=5.)[1]


def test_several_videos_in_a_folder(run, tmp_path):
    status, text = run('a.mp4', 'sub', 'bad.mp4', 'sub/a.mp4', out='found')
    assert status == 1 and text.endswith('4 files, 1 of them broken\n') and 'bad.mp4:\n  error: bad.mp4: ' in text
    assert sorted(path.name for path in (tmp_path / 'found').iterdir()) == [
        'a.mp4.json', 'a.mp4.vtt', 'a.mp4_2.json', 'a.mp4_2.vtt', 'a.mp4_3.json', 'a.mp4_3.vtt']
    assert run('a.mp4', out='found')[0] == 0


def test_a_damaged_video_is_written_as_far_as_it_goes(run, tmp_path, monkeypatch):
    original = Predictor.timeline

    def damaged(self, *arguments, **options):
        found = original(self, *arguments, **options)
        object.__setattr__(found, 'error', BadVideoError('a.mp4: breaks'))
        return found

    monkeypatch.setattr(Predictor, 'timeline', damaged)
    status, text = run('a.mp4', out='a.json')
    assert status == 1 and '  error: a.mp4: breaks' in text
    assert json.loads((tmp_path / 'a.json').read_text())['error'] == 'a.mp4: breaks'


@pytest.mark.parametrize('timeline', ['', 'x', '1,2,3', '0', '-1', '2,3', 'nan', '2,'])
def test_windows_that_are_none(run, timeline):
    with pytest.raises(InputError, match='--timeline'):
        run('a.mp4', timeline=timeline)


@pytest.mark.parametrize('files, options, message', [
    (['a.mp4'], dict(out='a.txt'), 'must end in .json, .csv, .vtt, .srt, in .png'),
    (['a.mp4', 'sub'], dict(out='a.json'), 'one file, and several videos'),
    (['a.mp4'], dict(truth=True), '--truth: does not go with --timeline'),
    (['a.mp4'], dict(shard='1/2'), '--shard or torchrun: does not go'), ([], {}, 'nothing to predict'),
    (['a.mp4'], dict(min_seconds=-1), '--min-seconds'), (['a.mp4'], dict(low_share=2), '--low-share'),
    (['a.mp4'], dict(timeline=None, min_seconds=1.), 'give --timeline')])
def test_arguments_that_do_not_fit(run, files, options, message):
    with pytest.raises(InputError, match=message):
        run(*files, **options)


def test_a_single_video_that_is_none(run):
    with pytest.raises(MissingFileError, match='no.mp4'):
        run('no.mp4')
    with pytest.raises(BadVideoError, match='bad.mp4'):
        run('bad.mp4')


def test_a_model_without_thresholds(run):
    run.stub.thresholds = Thresholds()
    with pytest.raises(InputError, match='has no thresholds, so say by --threshold'):
        run('a.mp4')


def test_a_timeline_is_drawn_on_its_videos(run, tmp_path):
    status, text = run('a.mp4', draw='drawn.mp4', out='a.json')
    assert status == 0 and text.endswith('  timeline: a.json\ndrawing: drawn.mp4\n')
    status, text = run('a.mp4', 'bad.mp4', draw='drawn')
    assert status == 1 and [path.name for path in (tmp_path / 'drawn').iterdir()] == ['a.mp4']
