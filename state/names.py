"""What a client is called by: the given name in a name as forms write it."""

import re

# Titles as they stand before names in the languages of the data at hand and around it.
_TITLES = frozenset(
    {
        *("dr", "dra", "prof", "profa", "professor", "doctor", "mr", "mrs", "ms", "mx", "miss"),
        *(
            "mister",
            "missus",
            "sir",
            "madam",
            "lady",
            "lord",
            "rev",
            "reverend",
            "father",
            "sister",
        ),
        *("capt", "captain", "sgt", "sergeant", "lt", "col", "herr", "frau", "sr", "sra", "srta"),
        *("don", "dona", "doña", "monsieur", "madame", "mme", "mlle", "signor", "signora", "hon"),
    }
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd", "dds", "rn", "esq", "msw"})
_WORD = re.compile(r"[^\s,]+")


def given_name(name: str) -> str:
    """Return the given name: "Ana" of "Dr. Ana Souza" and of "Souza, Ana".

    A name of which nothing else is left is returned as it is.
    """
    family, comma, rest = name.partition(",")
    plain = rest if comma and not _only(rest, _SUFFIXES) else family
    words = [word for word in _WORD.findall(plain) if _bare(word) not in _TITLES]
    # "Don" and "Sister" are names too, where no other stands behind them.
    first = words[0] if words else (_WORD.findall(name) or [name])[0]
    return first.strip(",;:\"'()[]") or name


def _only(text: str, known: frozenset[str]) -> bool:
    words = _WORD.findall(text)
    return all(_bare(word) in known for word in words)


def _bare(word: str) -> str:
    return word.lower().replace(".", "").strip("()\"'")
