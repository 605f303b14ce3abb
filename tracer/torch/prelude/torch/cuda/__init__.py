"""torch.cuda: there is no device while code is evaluated."""


def is_available():
    return False


def device_count():
    return 0


def is_initialized():
    return False


def is_bf16_supported(including_emulation=True):
    return False


def current_device():
    raise RuntimeError("device 'cuda' is not there: evaluation runs on the CPU")


def get_device_capability(device=None):
    raise RuntimeError("device 'cuda' is not there: evaluation runs on the CPU")


def get_device_properties(device=None):
    raise RuntimeError("device 'cuda' is not there: evaluation runs on the CPU")


def synchronize(device=None):
    pass


def empty_cache():
    pass


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass
