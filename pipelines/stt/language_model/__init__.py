"""A language model made for sales conversations, for the embedded recogniser.

``templates.txt`` says what callers say; ``templates`` makes sentences of it, ``estimate`` a trigram model of those.
``general`` reads the English model that comes with PocketSphinx, ``mixture`` blends the two, so that other plain
English still comes back as something close. ``build`` writes the result, ``sales.lm.bin`` and ``sales.dict``, which
the recogniser loads: run it after a change to the templates or to ``pronunciations.dict``.
"""
