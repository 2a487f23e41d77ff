"""A prediction as bars, with the threshold of each label."""

import html

from kss_mm.errors import short_name
from kss_mm.inference.prediction import Prediction

#: Classes of the bars, which take the colours of the page, light or dark.
STYLE = '''
.kss-bars { border-collapse: collapse; width: 100%; margin-top: .5em }
.kss-bars :is(table, tr, td) { border: 0 !important }
.kss-bars td { padding: .15em .4em !important }
.kss-bars td:first-child { width: 40%; overflow-wrap: anywhere }
.kss-bars td:last-child { width: 4em; text-align: right; font-variant-numeric: tabular-nums }
.kss-bar { position: relative; height: 1em; background: #8883; border-radius: 3px }
.kss-bar span { position: absolute; inset: 0 auto 0 0; background: #8899aa; border-radius: 3px }
.kss-bars .kss-predicted .kss-bar span { background: #2a8f4f }
.kss-bars .kss-predicted td { font-weight: bold }
.kss-bar i { position: absolute; top: -.15em; bottom: -.15em; width: 2px; background: #c0392b }
.kss-preview { max-width: 100%; border-radius: 4px }
.kss-error { color: #b3261e; font-weight: bold; overflow-wrap: anywhere }
.dark .kss-error { color: #ff8a80 }
.kss-scroll { overflow-x: auto }
'''


def label_bars(found: Prediction, count: int) -> str:
    """The surest labels with their probabilities; those that are predicted are bold, a red mark is the threshold."""
    rows = []
    for label in found.top(count):
        mark = '' if label.threshold is None else (
            f'<i style="left:{100 * label.threshold:.1f}%" title="threshold {label.threshold:.3f}"></i>')
        rows.append(f'<tr{" class=kss-predicted" * label.predicted}><td>{html.escape(short_name(label.name))}</td>'
                    f'<td><div class="kss-bar"><span style="width:{100 * label.probability:.1f}%"></span>{mark}</div>'
                    f'</td><td>{label.probability:.3f}</td></tr>')
    more = len(found.classes) - len(rows)
    note = 'Bold and green: predicted.' + ' Red mark: threshold.' * (found.thresholds is not None)
    note += f' {more:,} less likely labels are not shown.' if more > 0 else ''
    return f'<table class="kss-bars">{"".join(rows)}</table><p>{note}</p>'
