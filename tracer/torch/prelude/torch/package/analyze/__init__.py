from torch.package.analyze.is_from_package import is_from_package
