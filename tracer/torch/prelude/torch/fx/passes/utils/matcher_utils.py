"""Finding a pattern graph inside another graph.

An anchor is a node that the pattern returns and nothing else of it uses. Each anchor is tried on every node of the graph;
from a pair of nodes both graphs are followed backwards through the arguments, which must agree. With several anchors
every combination is tried (backtracking). What the pattern's inner nodes were matched to may have no user outside."""
import copy
from dataclasses import dataclass, field
from typing import Any, Dict, List

import torch
from torch.fx.node import Node

__all__ = ["SubgraphMatcher", "InternalMatch"]


@dataclass
class InternalMatch:
    anchors: List[Any]
    nodes_map: Dict[Any, Any] = field(default_factory=dict)
    placeholder_nodes: List[Any] = field(default_factory=list)
    returning_nodes: List[Any] = field(default_factory=list)
    name_node_map: Dict[str, Any] = field(default_factory=dict)

    def __copy__(self):
        return InternalMatch(anchors=self.anchors, nodes_map=dict(self.nodes_map),
                             placeholder_nodes=list(self.placeholder_nodes), returning_nodes=list(self.returning_nodes))


class SubgraphMatcher:
    def __init__(self, pattern, match_output=False, match_placeholder=False, remove_overlapping_matches=True,
                 ignore_literals=False):
        self.pattern = pattern
        self.match_output = match_output
        self.match_placeholder = match_placeholder
        self.remove_overlapping_matches = remove_overlapping_matches
        self.ignore_literals = ignore_literals
        nodes = list(pattern.nodes)
        if not nodes:
            raise ValueError("SubgraphMatcher cannot be initialized with an empty pattern")
        for node in nodes:
            if node.op != "output" and not node.is_impure() and not node.users:
                raise AssertionError("SubgraphMatcher cannot be initialized with a pattern with dead code")
        self.pattern_placeholder_nodes = [node for node in nodes if node.op == "placeholder"]
        output = nodes[-1]
        self.pattern_returning_nodes = output.all_input_nodes
        self.pattern_anchors = [output] if match_output else [n for n in output.all_input_nodes if len(n.users) == 1]

    def match(self, graph, node_name_match=""):
        candidates = []
        for anchor in self.pattern_anchors:
            found = [node for node in graph.nodes if self._alike(anchor, node, node_name_match)]
            if found:
                candidates.append((anchor, found))
        matches = []

        def extend(index, match):
            if index == len(candidates):
                match.placeholder_nodes = [match.nodes_map[node] for node in self.pattern_placeholder_nodes]
                match.returning_nodes = [match.nodes_map[node] for node in self.pattern_returning_nodes]
                matches.append(match)
                return
            anchor, found = candidates[index]
            for node in found:
                further = copy.copy(match)
                if self._follow(anchor, node, further, node_name_match):
                    extend(index + 1, further)

        if candidates:
            extend(0, InternalMatch(anchors=self.pattern_anchors))
        matches = [match for match in matches if self._keeps_to_itself(match) and self._is_convex(match, graph)]
        return self._without_overlaps(matches) if self.remove_overlapping_matches else matches

    def _alike(self, pattern_node, node, node_name_match=""):
        if pattern_node.op == "placeholder" and not self.match_placeholder:
            return True
        if node_name_match and node_name_match in node.name:
            return True
        if pattern_node.op != node.op:
            return False
        if node.op in ("placeholder", "output"):
            return True
        if node.op == "get_attr":
            return self._same_kind_of_attribute(pattern_node, node)
        return pattern_node.target == node.target

    def _same_kind_of_attribute(self, pattern_node, node):
        from torch.fx.graph_module import _get_attr
        ours, theirs = [_get_attr(n.graph.owning_module, n.target) for n in (pattern_node, node)]
        if type(ours) is not type(theirs):
            return False
        if not isinstance(ours, torch.Tensor):
            raise RuntimeError(f"Unsupported type {ours} when matching attributes")
        return True

    def _follow(self, pattern_node, node, match, node_name_match=""):
        if pattern_node in match.nodes_map:
            return match.nodes_map[pattern_node] is node
        if any(node is other for other in match.nodes_map.values()):
            return False
        if not self._alike(pattern_node, node, node_name_match):
            return False
        match.nodes_map[pattern_node] = node
        if pattern_node.op == "placeholder":
            return True
        if list(pattern_node.kwargs) != list(node.kwargs):
            return False
        return self._follow_all(list(pattern_node.args) + list(pattern_node.kwargs.values()),
                                list(node.args) + list(node.kwargs.values()), match)

    def _follow_all(self, pattern_args, args, match):
        if len(pattern_args) != len(args):
            return False
        for ours, theirs in zip(pattern_args, args):
            if isinstance(ours, Node) and isinstance(theirs, Node):
                same = self._follow(ours, theirs, match)
            elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
                same = self._follow_all(ours, theirs, match)
            else:
                same = self._same_literal(ours, theirs, match) or self.ignore_literals
            if not same:
                return False
        return True

    def _same_literal(self, ours, theirs, match):
        """A placeholder of the pattern stands for any one constant."""
        if isinstance(ours, Node):
            if ours.op != "placeholder":
                return False
            if ours in match.nodes_map:
                return match.nodes_map[ours] == theirs
            match.nodes_map[ours] = theirs
            return True
        return not isinstance(theirs, Node) and type(theirs) is type(ours) and theirs == ours

    def _inner(self, match):
        return {node: ours for ours, node in match.nodes_map.items() if ours.op != "placeholder"}

    def _keeps_to_itself(self, match):
        inner = self._inner(match)
        return all(user in inner for node, ours in inner.items() if ours not in self.pattern_returning_nodes
                   for user in node.users)

    def _is_convex(self, match, graph):
        """No way leads out of the match and in again: it could not be one piece of code."""
        inner = self._inner(match)
        outside = set()
        for node in graph.nodes:
            fed = any(value in outside for value in node.all_input_nodes)
            if node in inner:
                if fed:
                    return False
            elif fed or any(value in inner for value in node.all_input_nodes):
                outside.add(node)
        return True

    def _without_overlaps(self, matches):
        kept, taken = [], set()
        for match in matches:
            nodes = [node for ours, node in match.nodes_map.items() if ours.op not in ("placeholder", "output")]
            if not any(node in taken for node in nodes):
                kept.append(match)
                taken.update(nodes)
        return kept
