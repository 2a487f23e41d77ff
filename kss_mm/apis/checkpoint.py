"""Where checkpoints were read and written before :mod:`kss_mm.checkpoints`; scripts may still import it from here."""

from kss_mm.checkpoints.checkpoint import check_fits, load_plain, load_weights, read_plain, save_plain, weights_of
from kss_mm.files import check_target, write_whole

__all__ = ['check_fits', 'check_target', 'load_plain', 'load_weights', 'read_plain', 'save_plain', 'weights_of',
           'write_whole']
