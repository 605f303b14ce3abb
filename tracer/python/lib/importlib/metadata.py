class PackageNotFoundError(ModuleNotFoundError):
    pass


def version(distribution_name):
    raise PackageNotFoundError(distribution_name)
