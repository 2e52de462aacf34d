"""A code of the bank as the words that people read: personal loan, point of sale, in default.

The codes themselves are in `vocabulary.py`; every face that shows one takes its words from here.
"""

_WORDS = {
    "application_pd": "probability of default",
    "application_fraud": "application fraud",
    "auc": "AUC",
    "ks": "KS",
    "lightgbm": "gradient-boosted trees",
    "pos": "point of sale",
    "atm": "cash machine",
}


def words_of(code: str) -> str:
    """Return a code as words, as they stand within a sentence.

    >>> words_of("personal_loan"), words_of("pos"), words_of("in_default")
    ('personal loan', 'point of sale', 'in default')
    """
    return _WORDS.get(code, code.replace("_", " ").strip())
