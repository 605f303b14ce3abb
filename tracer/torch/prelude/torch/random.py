"""torch.random."""
from torch import default_generator, initial_seed, manual_seed, seed


class fork_rng:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError("torch.random.fork_rng")
