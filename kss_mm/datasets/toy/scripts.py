"""Scripts of Toy Charades: objects, verbs, scenes, and the videos sampled from them.

A label is a verb applied to an object. Scenes decide which labels come together, some actions tend to follow others
(what is opened gets closed), and labels are long-tailed: that is what a label graph can know of this world.
"""

from dataclasses import dataclass, field

import numpy as np

OBJECTS = ('cup', 'book', 'box', 'phone', 'pillow', 'shoe', 'bag', 'laptop')
# Verb -> its -ing form in a class name. What each looks like is in render.py; none changes under a mirror, so
# flipping a video keeps its labels.
VERBS = {'lift': 'Lifting', 'drop': 'Dropping', 'shake': 'Shaking', 'turn': 'Turning', 'open': 'Opening',
         'close': 'Closing'}

# Scene -> object -> verbs. The order is the rank in the long tail: earlier ones are more frequent.
SCENES = {
    'kitchen': {'cup': ('lift', 'shake', 'drop', 'turn'), 'box': ('open', 'close', 'shake'), 'bag': ('open', 'lift')},
    'bedroom': {'pillow': ('shake', 'lift', 'drop', 'turn'), 'book': ('open', 'close'), 'phone': ('lift', 'turn')},
    'office': {'laptop': ('open', 'close', 'turn', 'lift'), 'book': ('lift', 'turn', 'drop'),
               'phone': ('shake', 'drop'), 'cup': ('lift', 'turn')},
    'hallway': {'shoe': ('drop', 'lift', 'turn', 'shake'), 'bag': ('close', 'drop', 'lift'), 'phone': ('lift', 'open')},
    'storage': {'box': ('lift', 'drop', 'turn', 'open'), 'bag': ('shake', 'turn'), 'shoe': ('shake', 'open', 'close')},
}
SCENE_WEIGHTS = (.34, .24, .2, .13, .09)
# Probability with which an action is followed by its consequence on the same object, where that is a label.
CONSEQUENCES = {'open': ('close', .6), 'lift': ('drop', .45), 'turn': ('shake', .3)}
# Weight of the label at each rank of its scene, a power law.
TAIL_EXPONENT = .7

MIN_ACTIONS, MAX_ACTIONS = 2, 6
MIN_SECONDS, MAX_SECONDS = 4., 6.
MIN_ACTION_SECONDS, MAX_ACTION_SECONDS = 1.4, 2.8
# Places where an action can be, as shares of width and height; two actions at the same time never share one.
PLACES = tuple((x, y) for y in (.22, .5, .78) for x in (.22, .5, .78))


@dataclass(frozen=True)
class Label:
    """A class: verb applied to object."""

    verb: str
    thing: str

    @property
    def name(self) -> str:
        return f'{VERBS[self.verb]} a {self.thing}'


def _scene_labels() -> dict[str, list[Label]]:
    return {scene: [Label(verb, thing) for rank in range(len(VERBS)) for thing, verbs in things.items()
                    for verb in verbs[rank:rank + 1]]
            for scene, things in SCENES.items()}


SCENE_LABELS = _scene_labels()
LABELS = sorted({label for labels in SCENE_LABELS.values() for label in labels}, key=lambda label: label.name)


@dataclass(frozen=True)
class Event:
    """One action of a video: class index, seconds, and its place."""

    label: int
    start: float
    end: float
    place: tuple[float, float]


@dataclass(frozen=True)
class Script:
    """The content of a video; ``seed`` draws what is left to chance in the picture."""

    id: str
    scene: str
    seconds: float
    events: list[Event] = field(default_factory=list)
    distractors: list[tuple[str, tuple[float, float]]] = field(default_factory=list)
    seed: int = 0

    @property
    def labels(self) -> list[int]:
        return sorted({event.label for event in self.events})


def _choose_labels(rng: np.random.Generator, scene: str) -> list[int]:
    """2 to 6 distinct labels of a scene; each may bring its consequence with it."""
    labels = SCENE_LABELS[scene]
    weights = (1 + np.arange(len(labels))) ** -TAIL_EXPONENT
    wanted = int(rng.integers(MIN_ACTIONS, MAX_ACTIONS))
    chosen: list[Label] = []
    while len(chosen) < wanted:
        label = labels[rng.choice(len(labels), p=weights / weights.sum())]
        if label in chosen:
            continue
        chosen.append(label)
        verb, probability = CONSEQUENCES.get(label.verb, ('', 0.))
        follower = Label(verb, label.thing)
        if rng.random() < probability and follower in LABELS and follower not in chosen:
            chosen.append(follower)
    return [LABELS.index(label) for label in chosen[:MAX_ACTIONS]]


def _schedule(rng: np.random.Generator, labels: list[int], seconds: float) -> list[Event]:
    """Spread the actions over the video, so that they overlap in part, each at a place that is free meanwhile."""
    events: list[Event] = []
    for rank, label in enumerate(labels):
        length = float(rng.uniform(MIN_ACTION_SECONDS, MAX_ACTION_SECONDS))
        middle = (rank + .5) / len(labels) * seconds + float(rng.uniform(-.5, .5))
        start = round(min(max(middle - length / 2, 0.), seconds - length), 2)
        end = round(start + length, 2)
        taken = {event.place for event in events if event.start < end + .5 and start < event.end + .5}
        free = [place for place in PLACES if place not in taken]
        events.append(Event(label, start, end, free[rng.integers(len(free))]))
    return events


def sample_script(name: str, seed: int) -> Script:
    """One video, wholly determined by its seed."""
    rng = np.random.default_rng(seed)
    scene = list(SCENES)[rng.choice(len(SCENES), p=SCENE_WEIGHTS)]
    seconds = round(float(rng.uniform(MIN_SECONDS, MAX_SECONDS)), 2)
    events = _schedule(rng, _choose_labels(rng, scene), seconds)
    free = [place for place in PLACES if place not in {event.place for event in events}]
    # Distractors are any objects that stand still: seeing an object must not be enough to name an action.
    count = min(int(rng.integers(0, 3)), len(free))
    places = rng.choice(len(free), size=count, replace=False)
    distractors = [(OBJECTS[rng.integers(len(OBJECTS))], free[place]) for place in places]
    return Script(name, scene, seconds, events, distractors, seed)
