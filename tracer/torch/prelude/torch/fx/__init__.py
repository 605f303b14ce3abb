"""torch.fx. Graph, Node, Proxy and Tracer are C++ (tracer/fx); the rest is here."""
from torch.fx import immutable_collections
from torch.fx._symbolic_trace import PH, ProxyableClassMeta, symbolic_trace, Tracer, wrap
from torch.fx.graph import CodeGen, Graph
from torch.fx.graph_module import GraphModule
from torch.fx.interpreter import Interpreter, Transformer
from torch.fx.node import has_side_effect, map_arg, Node
from torch.fx.proxy import Proxy
from torch.fx.subgraph_rewriter import replace_pattern

__all__ = [
    "symbolic_trace", "Tracer", "wrap", "Graph", "GraphModule", "Interpreter", "Transformer", "Node", "Proxy",
    "replace_pattern", "has_side_effect", "map_arg",
]
