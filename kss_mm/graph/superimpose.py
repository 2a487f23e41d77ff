"""Normalise, mix, threshold, self-loop: from A_S and A_K to A'_KS (paper, eq. 2-4 and 6)."""

import numpy as np
from scipy import sparse as sp

from kss_mm.errors import InputError
from kss_mm.graph.matrices import Matrix, as_square, scale_csr
from kss_mm.numeric import check_number


def normalize_adjacency(adj) -> Matrix:
    r"""Symmetrically normalised adjacency (paper, text above eq. 2).

    .. math:: A' = D^{-1/2} A D^{-1/2}, \qquad D_{ii} = \sum_j A_{ij}

    A node whose row is zero has :math:`D^{-1/2}_{ii} = 0`: row and column stay zero. ML-GCN's released code
    (``gen_adj``) computes :math:`D^{-1/2} A^T D^{-1/2}` with the same D instead, which is the transpose of this:
    :func:`mlgcn_graph`.

    >>> normalize_adjacency([[0, 1, 0], [1, 0, 3], [0, 3, 0]]).round(3)  # D = 1, 4, 3
    array([[0.   , 0.5  , 0.   ],
           [0.5  , 0.   , 0.866],
           [0.   , 0.866, 0.   ]])

    Shapes:
        adj (K, K) -> (K, K) float64, CSR where ``adj`` is sparse
    """
    normalized = _normalize(as_square(adj, 'adj'))
    return normalized.copy() if sp.issparse(normalized) else normalized


def _normalize(adj: Matrix, *, by_columns: bool = False) -> Matrix:
    """:func:`normalize_adjacency` of a checked matrix; a CSR result shares its index arrays with ``adj``."""
    degree = np.asarray(adj.sum(axis=0 if by_columns else 1)).ravel().astype(np.float64)  # (K,)
    scale = np.zeros_like(degree)
    scale[degree > 0] = degree[degree > 0] ** -0.5
    return scale_csr(adj, scale, scale) if sp.issparse(adj) else scale[:, None] * adj * scale[None, :]


def threshold_edges(adj: Matrix, tau: float) -> Matrix:
    """Entries of ``adj`` below ``tau`` become 0 (paper, eq. 3).

    >>> threshold_edges(np.array([[0., .5], [.02, 0.]]), .03)
    array([[0. , 0.5],
           [0. , 0. ]])
    """
    if sp.issparse(adj):
        adj = adj.copy()
        adj.data[adj.data < tau] = 0
        adj.eliminate_zeros()
        return adj
    return np.where(adj < tau, 0.0, adj)


def check_parameters(*, lam: float | None, tau: float, eta: float, with_knowledge: bool = True) -> None:
    """Check the parameters of :func:`superimpose` before any work is done; lam is None where nothing is mixed.

    >>> check_parameters(lam=.6, tau=.03, eta=.4)  # the paper's for Charades

    Raises:
        InputError: One is outside its range, or lam asks for a knowledge graph that is not there.
    """
    if lam is not None:
        check_number('lam', lam, 0, 1, 'paper: 0.4 for MS-COCO, 0.6 for Charades')
    check_number('tau', tau, 0, hint='paper: 0.02 for MS-COCO, 0.03 for Charades')
    check_number('eta', eta, 0, 1, 'paper: 0.4')
    if not with_knowledge and lam not in (None, 1):
        raise InputError(f'lam={lam} asks for a share of the knowledge graph, but there is none; set lam=1 for the '
                         'statistical graph alone, or build the graph with ConceptNet')


def mix(stat, know, *, lam: float) -> Matrix:
    r"""Normalised mixture of the two graphs: eq. 2, normalised as the paper says below it; no threshold yet.

    .. math:: A = \lambda A'_S + (1 - \lambda) A'_K

    See :func:`superimpose` for the arguments.

    >>> stat, know = [[0, 1, 0], [1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 5], [0, 5, 0]]
    >>> mix(stat, know, lam=.64)  # .64 and .36 by the roots of the sums .64, 1, .36
    array([[0. , 0.8, 0. ],
           [0.8, 0. , 0.6],
           [0. , 0.6, 0. ]])
    """
    check_parameters(lam=lam, tau=0, eta=1, with_knowledge=know is not None)
    if know is None:
        return _normalize(_normalize(as_square(stat, 'stat')))
    stat, know = as_square(stat, 'stat'), as_square(know, 'know')
    if stat.shape != know.shape:
        raise InputError(f'both graphs need the same labels, got {stat.shape[0]} (stat) and {know.shape[0]} (know)')
    if sp.issparse(stat) != sp.issparse(know):
        stat, know = sp.csr_matrix(stat), sp.csr_matrix(know)
    stat, know = _normalize(stat), _normalize(know)
    if sp.issparse(stat):
        stat.data *= lam  # in place: these are new, and they can be large
        know.data *= 1 - lam
        mixed = stat + know  # eq. 2
        del stat, know
        return _normalize(mixed)
    return _normalize(lam * stat + (1 - lam) * know)  # eq. 2


def ks_graph(mixed: Matrix, *, tau: float, eta: float, by_columns: bool = False) -> Matrix:
    r"""From a mixture of the two graphs to A'_KS: the second half of :func:`superimpose`.

    .. math::
        [A_\tau]_{ij} &= A_{ij} \text{ if } A_{ij} \ge \tau \text{ else } 0 \quad \text{(eq. 3)} \\
        A_{KS} &= \eta A_\tau + (1 - \eta) I \quad \text{(eq. 4), then normalised for eq. 6}

    >>> ks_graph(np.array([[0., .8, 0.], [.8, 0., .6], [0., .6, 0.]]), tau=.7, eta=.5).round(3)
    array([[0.556, 0.444, 0.   ],
           [0.444, 0.556, 0.   ],
           [0.   , 0.   , 1.   ]])

    Args:
        mixed: (K, K) A of eq. 2, normalised or as it was given.
        by_columns: Normalise by the sums of columns, as the released code does, and not by those of rows, as the
            paper writes. Both are the same for a symmetric matrix.
    """
    return _normalize(_with_self_loops(mixed, tau, eta), by_columns=by_columns)  # A'_KS of eq. 6


def mlgcn_graph(stat, *, tau: float = 0, eta: float = 1) -> Matrix:
    r"""A_S normalised as ML-GCN's released code does (``gen_adj``): once, and transposed.

    .. math:: A' = D^{-1/2} A_{KS}^T D^{-1/2}, \qquad D_{ii} = \sum_j [A_{KS}]_{ij}

    with :math:`A_{KS}` of eq. 3 and 4 from :math:`A_S` as it is. ML-GCN has neither equation, which is tau=0, eta=1.

    >>> mlgcn_graph([[1, 0], [3, 1]])  # D = 1, 4
    array([[1.  , 1.5 ],
           [0.  , 0.25]])

    Args:
        stat: (K, K) A_S, raw (not normalised), dense or sparse.
    """
    transposed = _normalize(_with_self_loops(as_square(stat, 'stat'), tau, eta)).T
    return transposed.tocsr() if sp.issparse(transposed) else transposed


def _with_self_loops(mixed: Matrix, tau: float, eta: float) -> Matrix:
    check_parameters(lam=None, tau=tau, eta=eta)
    adj = threshold_edges(mixed, tau)  # eq. 3
    identity = sp.identity(adj.shape[0], format='csr') if sp.issparse(adj) else np.eye(adj.shape[0])
    return eta * adj + (1 - eta) * identity  # eq. 4


def superimpose(stat, know, *, lam: float, tau: float, eta: float) -> Matrix:
    r"""The normalised KS graph of eq. 6 from the two raw adjacencies.

    .. math::
        A &= \lambda A'_S + (1 - \lambda) A'_K \quad \text{(eq. 2), then normalised} \\
        [A_\tau]_{ij} &= A_{ij} \text{ if } A_{ij} \ge \tau \text{ else } 0 \quad \text{(eq. 3)} \\
        A_{KS} &= \eta A_\tau + (1 - \eta) I \quad \text{(eq. 4), then normalised for eq. 6}

    A label without any edge keeps its self-loop of eq. 4. eta=1 and tau=0 leave their steps out.

    >>> stat, know = [[0, 1, 0], [1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 5], [0, 5, 0]]
    >>> superimpose(stat, know, lam=.64, tau=.7, eta=.5).round(3)  # .8 stays, .6 goes, then .5 each
    array([[0.556, 0.444, 0.   ],
           [0.444, 0.556, 0.   ],
           [0.   , 0.   , 1.   ]])

    Args:
        stat: (K, K) A_S, raw (not normalised), dense or sparse.
        know: (K, K) A_K, raw, or None if there is no knowledge graph, which takes lam=1.
        lam: Share of the statistical graph, in [0, 1].
        tau: Edges of the mixture below it are dropped, >= 0.
        eta: Share of the neighbours against the self-loop, in [0, 1].

    Returns:
        (K, K) float64, CSR where either graph is sparse.
    """
    check_parameters(lam=lam, tau=tau, eta=eta, with_knowledge=know is not None)
    return ks_graph(mix(stat, know, lam=lam), tau=tau, eta=eta)  # eq. 2, then eq. 3-4 and 6
