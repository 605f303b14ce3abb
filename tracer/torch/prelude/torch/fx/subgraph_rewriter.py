"""replace_pattern: every place where a graph does what a pattern does is made to do what a replacement does.

Matches are found first (passes/utils/matcher_utils.py), without overlap, then replaced in order. A match may take in what
an earlier one has replaced: its inputs are then the new nodes."""
import copy
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple

import torch
from torch.fx._symbolic_trace import symbolic_trace
from torch.fx.graph import Graph
from torch.fx.graph_module import GraphModule
from torch.fx.node import map_arg, Node

__all__ = ["Match", "replace_pattern", "replace_pattern_with_filters", "ReplacedPatterns"]


class Match(NamedTuple):
    # The last node of the match, and which node each of the pattern's was found to be.
    anchor: Any
    nodes_map: Any


@dataclass
class ReplacedPatterns:
    anchor: Any
    nodes_map: Any
    replacements: Any


def replace_pattern(gm, pattern, replacement):
    return [Match(anchor=m.anchor, nodes_map=m.nodes_map)
            for m in _replace_pattern(gm, pattern, replacement)]


def replace_pattern_with_filters(gm, pattern, replacement=None, match_filters=None, ignore_literals=False,
                                 replacement_callback=None, node_name_match=""):
    return _replace_pattern(gm, pattern, replacement, match_filters, ignore_literals, replacement_callback,
                            node_name_match)


def _graph_of(what):
    if isinstance(what, GraphModule):
        return what.graph
    if isinstance(what, Graph):
        return what
    return symbolic_trace(what).graph


def _insertion_point(graph, returned):
    """Before the first user of what the match returns; where there is none, behind the last of it."""
    users = set()
    for node in returned:
        users.update(node.users)
    behind = None
    last_returned = False
    for node in graph.nodes:
        if node in users:
            return node
        if last_returned:
            behind = node
        last_returned = node in returned
    if last_returned or behind is None:
        raise AssertionError("The insert point can't be None")
    return behind


def _replace_pattern(gm, pattern, replacement=None, match_filters=None, ignore_literals=False, replacement_callback=None,
                     node_name_match=""):
    from torch.fx.passes.utils.matcher_utils import SubgraphMatcher

    graph = gm.graph
    pattern_graph = _graph_of(pattern)
    matcher = SubgraphMatcher(pattern_graph, match_output=False, match_placeholder=False,
                              remove_overlapping_matches=True, ignore_literals=ignore_literals)
    matches = [match for match in matcher.match(graph, node_name_match=node_name_match)
               if all(accepts(match, graph, pattern_graph) for accepts in match_filters or ())]

    if replacement is None and replacement_callback is None:
        raise AssertionError("Must provide either a replacement GraphModule or a replacement callback")
    common = None if replacement is None else _graph_of(replacement)
    parameters = [node for node in pattern_graph.nodes if node.op == "placeholder"]

    replaced_by = {}
    done = []
    for match in matches:
        new = common if replacement_callback is None else replacement_callback(match, graph, pattern_graph)
        new_parameters = [node for node in new.nodes if node.op == "placeholder"]
        if len(match.placeholder_nodes) != len(new_parameters):
            raise AssertionError(f"Placeholder count mismatch: {len(match.placeholder_nodes)} vs {len(new_parameters)}")
        values = {}
        for i, parameter in enumerate(new_parameters):
            value = map_arg(match.placeholder_nodes[i], lambda node: replaced_by.get(node, node))
            values[parameter] = match.placeholder_nodes[i] = match.nodes_map[parameters[i]] = value

        with graph.inserting_before(_insertion_point(graph, match.returning_nodes)):
            copied = graph.graph_copy(new, values)
        copied = (copied,) if isinstance(copied, Node) else copied
        made = [value for value in values.values() if isinstance(value, Node) and value not in match.placeholder_nodes]
        if len(match.returning_nodes) != len(copied):
            raise AssertionError(f"Returning nodes count mismatch: {len(match.returning_nodes)} vs {len(copied)}")
        for old, node in zip(match.returning_nodes, copied):
            old.replace_all_uses_with(node)
            replaced_by[old] = node
        for node in reversed(list(pattern_graph.nodes)):
            if node.op not in ("placeholder", "output"):
                graph.erase_node(match.nodes_map[node])
        done.append(ReplacedPatterns(anchor=match.anchors[0], nodes_map=match.nodes_map, replacements=made))

    gm.recompile()
    if isinstance(replacement, torch.nn.Module):
        _take_state(gm, replacement)
    return done


def _take_state(gm, replacement):
    """What the new nodes name and gm has not, from the module that has it; then gm's children that no node uses go."""
    gm.delete_all_unused_submodules()
    if isinstance(replacement, GraphModule):
        replacement.graph.lint()

    def find(module, target):
        for name in target.split("."):
            if not hasattr(module, name):
                return None
            module = getattr(module, name)
        return module

    for node in gm.graph.nodes:
        if node.op not in ("call_module", "get_attr"):
            continue
        if find(gm, node.target) is not None:
            continue
        value = find(replacement, node.target)
        if value is None:
            raise RuntimeError('Attempted to create a "' + node.op + '" node during subgraph rewriting with target '
                               f"{node.target}, but the referenced attribute does not exist in the replacement "
                               "GraphModule")
        if isinstance(value, torch.nn.Module):
            gm.add_submodule(node.target, copy.deepcopy(value))
        else:
            parent, _, name = node.target.rpartition(".")
            setattr(find(gm, parent) if parent else gm, name, copy.deepcopy(value))
    gm.graph.lint()
