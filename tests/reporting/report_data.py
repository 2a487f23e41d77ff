"""Score files of made-up runs, and the data in a page."""

import json
import re
from pathlib import Path

import numpy as np

from kss_mm.evaluation.score_files import Scores, save_scores


def made_up(samples: int = 60, classes: int = 6, seed: int = 0, noise: float = 1.) -> Scores:
    """Labels at random, the same for one size; scores the better the higher the number of the class."""
    targets = (np.random.default_rng(samples).random((samples, classes)) < .3).astype(np.int8)
    targets[0] = 1  # each class has a positive
    logits = np.random.default_rng(seed).normal(size=targets.shape) * noise + targets * np.linspace(.5, 3, classes) - 1
    return Scores([f'clip {row}' for row in range(samples)], 1 / (1 + np.exp(-logits)), targets,
                  [f'class {index}' for index in range(classes)], logits)


def saved(content: Scores, path: Path) -> Path:
    save_scores(path, content)
    return path


def data_of(page: Path) -> dict:
    """What the scripts of a page read."""
    text = page.read_text('utf-8')
    found = re.findall(r'<script type="application/json" id="report-data">(.*?)</script>', text, re.S)
    assert len(found) == 1
    return json.loads(found[0])
