"""Flattening of nested containers: lists, tuples, named tuples and dicts are nodes, everything else a leaf."""
from collections import namedtuple

SequenceKey = namedtuple("SequenceKey", ["idx"])
MappingKey = namedtuple("MappingKey", ["key"])

_registered = {}  # class -> (flatten, unflatten), by register_pytree_node


def register_pytree_node(cls, flatten_fn, unflatten_fn, **options):
    _registered[cls] = (flatten_fn, unflatten_fn)


class TreeSpec:
    """The structure of a container: its class, what its class needs to make it again, and its children's structures."""

    def __init__(self, type, context, children_specs):
        self.type = type
        self._context = context
        self._children = list(children_specs)
        self.num_nodes = 1 + sum(child.num_nodes for child in self._children)
        self.num_leaves = sum(child.num_leaves for child in self._children) if type is not None else 1
        self.num_children = len(self._children)

    # Archives hold the fields as a list.
    def __getstate__(self):
        return [self.type, self._context, self._children, self.num_nodes, self.num_leaves, self.num_children]

    def __setstate__(self, state):
        self.type, self._context, self._children, self.num_nodes, self.num_leaves, self.num_children = state

    @property
    def context(self):
        return self._context

    @property
    def children_specs(self):
        return self._children

    def is_leaf(self):
        return self.type is None

    def children(self):
        return list(self._children)

    def child(self, index):
        return self._children[index]

    def unflatten(self, leaves):
        return tree_unflatten(leaves, self)

    def __eq__(self, other):
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return self.type is other.type and self._context == other._context and self._children == other._children

    def __hash__(self):
        return hash((self.type, self.num_leaves))

    def __repr__(self):
        if self.is_leaf():
            return "*"
        inner = ", ".join(repr(child) for child in self._children)
        return f"TreeSpec({self.type.__name__}, {self._context}, [{inner}])"


class LeafSpec(TreeSpec):
    """The structure of what is no container."""

    def __init__(self):
        super().__init__(None, None, [])

    def __reduce__(self):
        return treespec_leaf, ()


_LEAF = LeafSpec()


def treespec_leaf():
    return _LEAF


def _children(tree):
    """Children and context of a container; None for a leaf."""
    cls = type(tree)
    if cls in _registered:
        return _registered[cls][0](tree)
    if isinstance(tree, dict):
        return list(tree.values()), list(tree.keys())
    if isinstance(tree, (list, tuple)):
        return list(tree), None
    return None


def tree_flatten(tree, is_leaf=None):
    found = None if is_leaf is not None and is_leaf(tree) else _children(tree)
    if found is None:
        return [tree], _LEAF
    leaves, specs = [], []
    for child in found[0]:
        child_leaves, spec = tree_flatten(child, is_leaf)
        leaves.extend(child_leaves)
        specs.append(spec)
    return leaves, TreeSpec(type(tree), found[1], specs)


def _unflatten(leaves, spec):
    if spec.is_leaf():
        return next(leaves)
    children = [_unflatten(leaves, child) for child in spec._children]
    cls = spec.type
    if cls in _registered:
        return _registered[cls][1](children, spec.context)
    if issubclass(cls, dict):
        return cls(zip(spec.context, children))
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return cls(*children)
    return cls(children)


def tree_unflatten(leaves, treespec):
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(f"tree_unflatten(leaves, treespec): `leaves` has length {len(leaves)} but the spec refers to a "
                         f"pytree that holds {treespec.num_leaves} items ({treespec}).")
    return _unflatten(iter(leaves), treespec)


def tree_map(func, tree, *rests, is_leaf=None):
    leaves, spec = tree_flatten(tree, is_leaf)
    columns = [leaves] + [tree_leaves(rest, is_leaf) for rest in rests]
    return tree_unflatten([func(*row) for row in zip(*columns)], spec)


def tree_map_only(cls, func, tree, is_leaf=None):
    return tree_map(lambda leaf: func(leaf) if isinstance(leaf, cls) else leaf, tree, is_leaf=is_leaf)


def tree_leaves(tree, is_leaf=None):
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree, is_leaf=None):
    return iter(tree_leaves(tree, is_leaf))


def tree_structure(tree, is_leaf=None):
    return tree_flatten(tree, is_leaf)[1]


def tree_any(pred, tree):
    return any(pred(leaf) for leaf in tree_leaves(tree))


def tree_all(pred, tree):
    return all(pred(leaf) for leaf in tree_leaves(tree))


def arg_tree_leaves(*args, **kwargs):
    return tree_leaves((args, kwargs))
