"""Activation checkpointing only matters for gradients."""


def checkpoint(function, *args, use_reentrant=None, context_fn=None, determinism_check=None, debug=None, **kwargs):
    kwargs.pop("preserve_rng_state", None)
    return function(*args, **kwargs)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    for function in functions:
        input = function(input)
    return input
