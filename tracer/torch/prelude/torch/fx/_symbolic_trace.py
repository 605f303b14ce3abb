"""Questions about tracing; see torch.fx."""
from torch.fx import wrap


def is_fx_tracing():
    return False
