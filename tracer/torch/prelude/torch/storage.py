"""Storages are part of tensors here."""


class UntypedStorage:
    def __new__(cls, *args, **kwargs):
        raise NotImplementedError("storages")


class TypedStorage:
    def __new__(cls, *args, **kwargs):
        raise NotImplementedError("storages")
