"""Flattening of nested containers."""


def tree_map(func, tree, *rests, is_leaf=None):
    if isinstance(tree, dict):
        return type(tree)((k, tree_map(func, v)) for k, v in tree.items())
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(tree_map(func, v) for v in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(tree_map(func, v) for v in tree)
    return func(tree)


def tree_leaves(tree, is_leaf=None):
    if isinstance(tree, dict):
        return [leaf for v in tree.values() for leaf in tree_leaves(v)]
    if isinstance(tree, (list, tuple)):
        return [leaf for v in tree for leaf in tree_leaves(v)]
    return [tree]
