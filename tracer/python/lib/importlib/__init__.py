"""import_module is native: it looks where the calling module's own imports do."""


def invalidate_caches():
    pass


def reload(module):
    return module
