"""The metrics that `magnet eval` computes, a module each, over what `evals` measures."""
