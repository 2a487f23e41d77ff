"""A browser plays what is drawn."""

import numpy as np
import pytest
from browser import visited
from media import ffmpeg

from kss_mm.drawing import draw_video
from kss_mm.timeline.timeline import Timeline

_PAGE = '''<body style="margin:0"><video id="video" muted src="out.mp4"></video><script>
const video = document.getElementById('video'), done = {};
video.onerror = () => done.error = video.error.message;
video.oncanplay = () => { done.ready = true; };
window.seen = done;
</script></body>'''


@pytest.mark.parametrize('sound', ['aac', 'libopus', 'libmp3lame'])
def test_a_browser_plays_it_for_its_whole_length(chromium, tmp_path, sound):
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=3', '-f', 'lavfi', '-i', 'sine=duration=3',
           '-pix_fmt', 'yuv420p', '-c:a', sound, tmp_path / 'in.mkv')
    found = Timeline('in.mkv', ['a dog'], np.arange(3.), np.arange(1., 4), np.array([[.2], [.9], [.4]], np.float32),
                     np.array([.5], np.float32), 3.)
    draw_video(tmp_path / 'in.mkv', found, tmp_path / 'out.mp4')
    (tmp_path / 'page.html').write_text(_PAGE)
    with visited(chromium, (tmp_path / 'page.html').as_uri()) as visit:
        visit.page.wait_for_function('seen.ready || seen.error')
        assert visit.page.evaluate('seen') == dict(ready=True)
        assert visit.page.evaluate('[video.videoWidth, Math.round(video.duration * 10)]') == [640, 30]
        visit.page.evaluate('video.currentTime = 1.5')
        visit.page.wait_for_function('!video.seeking && video.readyState >= 2')
        assert visit.page.evaluate('video.webkitAudioDecodedByteCount') >= 0
        visit.page.evaluate('video.play()')
        visit.page.wait_for_function('video.ended')
        assert visit.page.evaluate('video.webkitAudioDecodedByteCount') > 0
    assert not visit.errors
