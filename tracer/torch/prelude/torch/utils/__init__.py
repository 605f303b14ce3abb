"""torch.utils."""


def rename_privateuse1_backend(name):
    pass
