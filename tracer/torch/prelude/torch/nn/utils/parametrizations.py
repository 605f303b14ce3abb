"""Parametrizations are not evaluated."""


def weight_norm(module, name="weight", dim=0):
    raise NotImplementedError("parametrizations.weight_norm; torch.nn.utils.weight_norm is there")


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    raise NotImplementedError("parametrizations.spectral_norm")


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    raise NotImplementedError("parametrizations.orthogonal")
