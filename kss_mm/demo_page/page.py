"""The page itself, by Gradio: nothing of it comes from or goes to anywhere but this machine."""

import errno
import html
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# Before Gradio is imported: it would tell its makers of every start, and ask whether there is a newer version.
os.environ['GRADIO_ANALYTICS_ENABLED'] = 'False'
os.environ.setdefault('HF_HUB_OFFLINE', '1')
os.environ.setdefault('HF_HUB_DISABLE_TELEMETRY', '1')

import gradio as gr  # noqa: E402

from kss_mm.datasets.media.suffixes import SUFFIXES  # noqa: E402
from kss_mm.demo_page.answers import Answers  # noqa: E402
from kss_mm.demo_page.label_bars import STYLE  # noqa: E402
from kss_mm.errors import InputError, UserError  # noqa: E402
from kss_mm.inference.predictor import Predictor  # noqa: E402

_TITLE = 'kss_mm'
# Of events: for the page alone, as programs have kss-mm serve.
_OWN = dict(api_visibility='private')
# Lengths of the windows of a timeline.
_WINDOWS = [('by the length of the video', 0), *((f'{seconds:g} s', seconds) for seconds in (.5, 1, 2, 5, 10, 30))]
# Uploads are looked for every so many seconds, and deleted when they are so old.
_CLEANED, _KEPT = 600, 3600


def create_page(predictor: Predictor) -> gr.Blocks:
    """A page that says what a model finds in a file: labels, and of videos when; why, where the model can say it."""
    answers, video = Answers(predictor), predictor.kind == 'video'
    with gr.Blocks(title=_TITLE, analytics_enabled=False, delete_cache=(_CLEANED, _KEPT)) as page:
        gr.HTML(f'<h1>{_TITLE}</h1><p>{html.escape(answers.about)}</p>')
        file = gr.File(label=f'A {predictor.kind}', file_types=sorted(SUFFIXES[predictor.kind]), type='filepath',
                       height=150, elem_id='file')
        labels = gr.HTML(elem_id='labels', label='Labels')
        inputs, outputs = [file], [labels]
        if video:
            with gr.Accordion('When'):
                seconds = gr.Radio(_WINDOWS, value=0, label='Windows', elem_id='seconds')
                timeline = gr.HTML(elem_id='timeline', elem_classes='kss-scroll')
            seconds.change(answers.timeline, [file, seconds], timeline, **_OWN, trigger_mode='always_last')
            inputs.append(seconds)
            outputs.append(timeline)
        if answers.can_explain:
            with gr.Accordion('Why'):
                label = gr.Dropdown([], label='Label', elem_id='label')
                explain = gr.Button('Explain', elem_id='explain')
                why = gr.HTML(elem_id='why', elem_classes='kss-scroll')
            explain.click(answers.explanation, [file, label], why, **_OWN)
            outputs += [label, why]

        def uploaded(path: str | None, *window: float) -> Iterator[dict]:
            first = {labels: answers.labels(path)}
            if answers.can_explain:
                first |= {label: _choices(answers.names(path)), why: ''}
            if video:
                first[timeline] = ''  # of the file before
            yield first
            if video:
                yield {timeline: answers.timeline(path, *window)}

        file.change(uploaded, inputs, outputs, **_OWN)
        with gr.Accordion('The labels drawn on it', open=False):
            draw = gr.Button('Draw', elem_id='draw')
            drawn = gr.File(label='Drawn', elem_id='drawn')
        draw.click(lambda path: _drawn(answers, path, '.mp4' if video else '.png'), file, drawn, **_OWN)
    return page


@contextmanager
def open_page(predictor: Predictor, *, host: str = '127.0.0.1', port: int | None = None,
              mebibytes: int = 256) -> Iterator[str]:
    """Serve a page in threads of its own until the block ends; its address.

    Args:
        host: Address to listen on.
        port: By default any that is free from 7860 on.
        mebibytes: Largest size of a file.

    Raises:
        InputError: For a port that is in use.
    """
    with tempfile.TemporaryDirectory(prefix='kss_mm_') as folder:
        os.environ['GRADIO_TEMP_DIR'] = folder  # what is uploaded goes with it
        page = create_page(predictor)
        try:
            _, address, _ = page.launch(
                server_name=host, server_port=port, share=False, quiet=True, prevent_thread_lock=True, inbrowser=False,
                inline=False, max_file_size=f'{mebibytes}mb', footer_links=[], enable_monitoring=False, ssr_mode=False,
                pwa=False, mcp_server=False, css=STYLE)
        except OSError as error:
            if port is None or 'empty port' not in str(error) and error.errno != errno.EADDRINUSE:
                raise
            raise InputError(f'--port {port}: something listens there already; give another one') from error
        try:
            yield address
        finally:
            page.close(verbose=False)


def _choices(names: list[str]):
    return gr.Dropdown(choices=names, value=names[0] if names else None)


def _drawn(answers: Answers, path: str | None, suffix: str) -> str | None:
    if path is None:
        return None
    folder = tempfile.mkdtemp(dir=os.environ['GRADIO_TEMP_DIR'])
    out = os.path.join(folder, f'{os.path.splitext(os.path.basename(path))[0]}_labels{suffix}')
    try:
        answers.drawn(path, out)
    except UserError as error:
        said = str(error).replace(path, os.path.basename(path))
        raise gr.Error(said, duration=None, print_exception=False) from error
    return out
