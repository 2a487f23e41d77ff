"""Pictures of a label graph: A_S, A_K and A_KS side by side, as heat maps and as networks."""

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, PowerNorm
from matplotlib.figure import Figure

from kss_mm.errors import MissingPackageError
from kss_mm.graph import LabelGraph
from kss_mm.graph.pictured import cluster_order, drawn_labels, pictured_matrices
from kss_mm.visualization.fonts import fit_fonts

try:
    import networkx as nx
except ImportError as error:
    raise MissingPackageError('pictures of label graphs need networkx: pip install networkx') from error

#: Edges drawn in a network, by label; the heat map above it shows all.
EDGES_PER_LABEL = 2
#: Inches of a heat map for each label, and the smallest and largest side of a panel.
INCHES_PER_LABEL, SMALLEST_PANEL, LARGEST_PANEL = 0.12, 6.0, 17.0
POINTS_PER_INCH = 72
SMALLEST_FONT, LARGEST_FONT = 4.5, 11.0
LARGEST_DOT = 16.0
#: Mean width of a glyph, as a share of the font size.
GLYPH_WIDTH = 0.55
COLORS = {'A_S': 'Blues', 'A_K': 'Oranges', 'A_KS': 'Greens'}


def _titles(lam: float, tau: float, eta: float) -> dict[str, str]:
    return {'A_S': "A'_S: statistics, normalised", 'A_K': "A'_K: knowledge, normalised",
            'A_KS': f'A_KS: superimposed, lam {lam:g}, tau {tau:g}, eta {eta:g}'}


def _draw_heat_map(ax: Axes, adj: np.ndarray, names: list[str], cmap: str, font: float) -> None:
    top = adj.max() or 1.0
    image = ax.imshow(np.ma.masked_equal(adj, 0), cmap=cmap, norm=PowerNorm(0.5, 0, top), interpolation='nearest')
    positions = np.arange(len(names))
    ax.set_xticks(positions, names, rotation=90, fontsize=font)
    ax.set_yticks(positions, names, fontsize=font)
    ax.set_xticks(positions - 0.5, minor=True)
    ax.set_yticks(positions - 0.5, minor=True)
    ax.grid(which='minor', color='0.93', linewidth=0.4)
    ax.tick_params(which='both', length=0)
    ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.01)


def _draw_network(ax: Axes, adj: np.ndarray, names: list[str], sizes: np.ndarray, cmap: Colormap, font: float,
                  radius: float) -> None:
    """Labels on a circle of ``radius`` inches in the order of the heat map, with their heaviest edges."""
    strength = np.maximum(adj, adj.T)
    network = nx.Graph()
    network.add_nodes_from(range(len(names)))
    rows, cols = np.nonzero(np.triu(strength))
    heaviest = np.argsort(-strength[rows, cols], kind='stable')[:EDGES_PER_LABEL * len(names)]
    for row, col in zip(rows[heaviest[::-1]], cols[heaviest[::-1]], strict=True):
        network.add_edge(int(row), int(col), weight=strength[row, col])
    positions = nx.circular_layout(network)
    top = strength.max() or 1.0
    weights = np.array([weight / top for *_, weight in network.edges.data('weight')])
    if len(weights):
        nx.draw_networkx_edges(network, positions, ax=ax, edge_color=[cmap(0.35 + 0.65 * w ** 0.5) for w in weights],
                               width=0.5 + 2.5 * weights)
    spacing = 2 * np.pi * radius * POINTS_PER_INCH / len(names)  # points between neighbouring dots
    largest = min(LARGEST_DOT, 0.45 * spacing)
    dots = np.maximum(largest * np.sqrt(sizes), 2.0)  # diameters in points, areas by number of samples
    nx.draw_networkx_nodes(network, positions, ax=ax, node_size=dots ** 2, node_color='0.25', linewidths=0)
    for node, (x, y) in positions.items():
        angle = np.degrees(np.arctan2(y, x))
        left = abs(angle) > 90
        reach = 1 + (dots[node] / 2 + 3) / POINTS_PER_INCH / radius
        ax.text(reach * x, reach * y, names[node], rotation=angle + 180 if left else angle, rotation_mode='anchor',
                ha='right' if left else 'left', va='center', fontsize=font,
                color='0.1' if network.degree(node) else '0.6')
    ax.set_aspect('equal')
    ax.set_axis_off()


def draw_label_graph(graph: LabelGraph, *, lam: float, tau: float, eta: float) -> Figure:
    """Heat maps (top) and networks (bottom) of A'_S, A'_K and A'_KS, diagonals left out.

    All panels share one order of the labels, by clusters of the superimposed graph, so that they compare at a
    glance. Above ``kss_mm.graph.pictured.MAX_LABELS`` labels the most frequent ones are drawn. See
    :func:`kss_mm.graph.superimpose` for the arguments.
    """
    graph.require_counts('a picture of the graphs')
    drawn = drawn_labels(graph)
    panels = pictured_matrices(graph, drawn, lam=lam, tau=tau, eta=eta)
    titles = _titles(lam, tau, eta)
    *_, superimposed = panels.values()
    order = cluster_order(superimposed)
    names = [graph.classes[drawn[index]].replace('$', r'\$') for index in order]  # a dollar sign is not mathematics
    samples = graph.num_samples[drawn][order]
    sizes = samples / max(samples.max(), 1)
    side = float(np.clip(INCHES_PER_LABEL * len(names), SMALLEST_PANEL, LARGEST_PANEL))
    font = float(np.clip(0.8 * POINTS_PER_INCH * side / len(names), SMALLEST_FONT, LARGEST_FONT))
    longest = max(map(len, names)) * font / POINTS_PER_INCH * GLYPH_WIDTH  # inches
    side = max(side, 3.2 * longest)  # so that names leave room for the circle
    panel = side + longest
    fig = Figure(figsize=(len(panels) * (panel + 1), 2 * panel + 1), layout='constrained')
    axes = fig.subplots(2, len(panels), squeeze=False)
    title_font = max(LARGEST_FONT, side * 1.3)
    radius = panel / 2 - longest - 0.15
    for column, (name, adj) in enumerate(panels.items()):
        upper, lower = axes[:, column]
        upper.set_title(titles[name], fontsize=title_font)
        adj = adj[order][:, order]
        _draw_heat_map(upper, adj, names, COLORS[name], font)
        _draw_network(lower, adj, names, sizes, colormaps[COLORS[name]], font, radius)
        lower.set_xlim(-panel / 2 / radius, panel / 2 / radius)
        lower.set_ylim(-panel / 2 / radius, panel / 2 / radius)
    if len(drawn) < len(graph.classes):
        fig.suptitle(f'the {len(drawn)} most frequent of {len(graph.classes):,} labels', fontsize=title_font)
    fit_fonts(fig)
    return fig
