"""A directed graph that remembers in which order its nodes came, and what is known of each."""


class DiGraph:
    def __init__(self):
        self._node = {}  # node -> attributes, in order of insertion
        self._succ = {}  # node -> {successor: True}
        self._pred = {}

    def add_node(self, n, **attributes):
        if n not in self._node:
            self._node[n] = {}
            self._succ[n] = {}
            self._pred[n] = {}
        self._node[n].update(attributes)

    def add_edge(self, u, v):
        self.add_node(u)
        self.add_node(v)
        self._succ[u][v] = True
        self._pred[v][u] = True

    def successors(self, n):
        if n not in self._succ:
            raise ValueError(f"The node {n} is not in the digraph.")
        return iter(self._succ[n])

    def predecessors(self, n):
        if n not in self._pred:
            raise ValueError(f"The node {n} is not in the digraph.")
        return iter(self._pred[n])

    @property
    def edges(self):
        for n, successors in self._succ.items():
            for successor in successors:
                yield n, successor

    @property
    def nodes(self):
        return self._node

    def __iter__(self):
        return iter(self._node)

    def __contains__(self, n):
        try:
            return n in self._node
        except TypeError:
            return False

    def _closure(self, start, neighbours):
        found = {start: True}
        waiting = [start]
        while waiting:
            for n in neighbours[waiting.pop()]:
                if n not in found:
                    found[n] = True
                    waiting.append(n)
        return set(found)

    def forward_transitive_closure(self, src):
        """All that can be reached from src, itself included."""
        if src not in self._node:
            raise ValueError(f"The node {src} is not in the digraph.")
        return self._closure(src, self._succ)

    def backward_transitive_closure(self, src):
        if src not in self._node:
            raise ValueError(f"The node {src} is not in the digraph.")
        return self._closure(src, self._pred)

    def all_paths(self, src, dst):
        """The graph of every edge on some path from src to dst, as DOT; without edges where there is no path."""
        result = DiGraph()
        if src in self._node and dst in self._node:
            between = self.forward_transitive_closure(src) & self.backward_transitive_closure(dst)
            for u, v in self.edges:
                if u in between and v in between:
                    result.add_edge(u, v)
        return result.to_dot()

    def first_path(self, dst):
        """How dst came into the graph: along the predecessor that was there first, again and again."""
        order = {n: i for i, n in enumerate(self._node)}
        path = [dst]
        while True:
            candidates = [n for n in self._pred[path[-1]] if n not in path]
            if not candidates:
                return path[::-1]
            path.append(min(candidates, key=lambda n: order[n]))

    def to_dot(self):
        edges = "\n".join(f'"{u}" -> "{v}";' for u, v in self.edges)
        return f"digraph G {{\nrankdir = LR;\nnode [shape=box];\n{edges}\n}}\n"
