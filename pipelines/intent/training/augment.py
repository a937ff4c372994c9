"""Training sentences as people really say and type them: words around them, typing errors, unknown words."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Final

from pipelines.intent.features import UNKNOWN, word_features, words
from pipelines.intent.labels import IntentLabel
from pipelines.intent.training.grammar import padding

_SHORT: Final = frozenset({"yes", "no", "greeting", "goodbye", "repeat", "wait"})
"""Labels of whole short texts: more words around them would make them mean something else."""

SHORT_COPIES: Final = 4
"""Of a text of two or three words, which has only its own few features to be learned from."""

_FILLERS: Final = ("um", "uh", "oh", "well", "okay", "so", "sorry")

RARE_IN_SENTENCES: Final = 12
"""A word in no more sentences than this is sometimes hidden, so that unknown words get a weight of their own."""

HIDDEN_SHARE: Final = 0.5
LEAST_WORDS_TO_HIDE: Final = 3
"""In shorter texts the rare word is the meaning."""


def typing_error(text: str, rng: random.Random) -> str:
    """One word with two letters swapped, one lost, doubled or replaced; short words stay whole."""
    tokens = text.split()
    place = rng.randrange(len(tokens))
    word = tokens[place]
    if len(word) < 4:
        return text
    at = rng.randrange(len(word) - 1)
    tokens[place] = rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + rng.choice("aeiostrn") + word[at + 1 :],
        )
    )
    return " ".join(tokens)


def variants(text: str, label: IntentLabel, rng: random.Random) -> list[str]:
    """The sentence itself, and what else it may sound like; how often was tried on patterns left out of training."""
    before, after = padding()
    share = rng.random()
    brief = text.count(" ") < (3 if label in _SHORT else 2)
    copies = SHORT_COPIES if brief and label != "other" else 1
    found = [text] * copies
    if label == "other":
        if share < 0.3:
            found.append(f"{rng.choice(before)} {text}")
        elif share < 0.4:
            found.append(f"{text} {rng.choice(after)}")
        elif share < 0.5:
            found.append(typing_error(text, rng))
    elif label in _SHORT:
        if share < 0.25:
            found.append(f"{rng.choice(_FILLERS)} {text}")
        if share < 0.15:
            found.append(typing_error(text, rng))
    else:
        found.append(f"{rng.choice(before)} {text}")
        if share < 0.6:
            found.append(f"{text} {rng.choice(after)}")
        if share < 0.4:
            found.append(f"{rng.choice(before)} {rng.choice(before)} {text} {rng.choice(after)}")
        if share > 0.7:
            found.append(typing_error(text, rng))
    return found


def rare_words(texts: Iterable[str]) -> frozenset[str]:
    """Words that few of the sentences use."""
    counts = Counter(word for text in texts for word in set(words(text)))
    return frozenset(word for word, count in counts.items() if count <= RARE_IN_SENTENCES)


def hide_some(tokens: list[str], rare: frozenset[str], rng: random.Random) -> tuple[list[str], list[str]]:
    """The words with some rare ones hidden, and the words' own features to match."""
    shown: list[str] = []
    features: list[str] = []
    hides = len(tokens) >= LEAST_WORDS_TO_HIDE
    for token in tokens:
        if hides and token in rare and rng.random() < HIDDEN_SHARE:
            shown.append(UNKNOWN)
            features.append(UNKNOWN)
            features.extend(word_features(token)[1:])
        else:
            shown.append(token)
            features.extend(word_features(token))
    return shown, features
