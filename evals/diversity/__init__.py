"""Lexical diversity: Distinct-n and EAD over the tokens of all utterances of a run."""
