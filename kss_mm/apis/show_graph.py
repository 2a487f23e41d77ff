"""Looking at a label graph: the neighbours of labels in text, and a picture of its matrices."""

import os

from kss_mm.apis.reported_graph import REPORT_ETA, REPORT_TAU, default_lam
from kss_mm.errors import InputError
from kss_mm.files import PathLike, whole_path
from kss_mm.graph import LabelGraph
from kss_mm.numeric import check_integer
from kss_mm.visualization import PICTURES

# A picture of three graphs is some 20 inches wide: more dots need gigabytes.
MAX_DPI = 1200


def check_graph_picture(out: PathLike, dpi: int) -> None:
    """Check the name and size of a picture.

    Raises:
        InputError: For another ending than one of ``kss_mm.visualization.PICTURES``, or an impossible number.
    """
    if os.path.splitext(out)[1].lower() not in PICTURES:
        raise InputError(f'--out {out}: the picture can be one of {", ".join(PICTURES)}')
    check_integer('--dpi', dpi, 1, MAX_DPI)


def draw_graph(graph: LabelGraph, out: PathLike, *, lam: float | None = None, tau: float = REPORT_TAU,
               eta: float = REPORT_ETA, dpi: int = 130) -> None:
    """Write a picture of A_S, A_K and A_KS.

    Args:
        out: Name of the picture, which ends in one of ``kss_mm.visualization.PICTURES``.
        lam: Share of the statistical graph, 0..1; by default as :func:`~kss_mm.apis.reported_graph.default_lam` says.
        tau: Weakest edge that is kept.
        eta: Share of the neighbours, 0..1.
        dpi: Dots an inch of a ``.png``.

    Raises:
        InputError: For an impossible name or number.
    """
    check_graph_picture(out, dpi)
    from kss_mm.visualization.label_graph import draw_label_graph  # matplotlib, for pictures only
    lam = default_lam(lam, with_knowledge=graph.knowledge is not None)
    with whole_path(out) as part:
        draw_label_graph(graph, lam=lam, tau=tau, eta=eta).savefig(part, dpi=dpi)
