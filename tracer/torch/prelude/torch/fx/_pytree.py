"""Flattening by a known structure, which the code of graphs with containers as inputs calls."""
from torch.utils import _pytree as pytree


def tree_flatten_spec(tree, spec):
    """The leaves of `tree` as `spec` knows it: a list may stand where the spec has a tuple."""
    if spec.is_leaf():
        return [tree]
    if spec.type in pytree._registered:
        children = pytree._registered[spec.type][0](tree)[0]
    elif issubclass(spec.type, dict):
        children = [tree[key] for key in spec.context]
    else:
        children = [tree[i] for i in range(spec.num_children)]
    return [leaf for child, inner in zip(children, spec.children()) for leaf in tree_flatten_spec(child, inner)]
