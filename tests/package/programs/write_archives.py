"""Archives of every row and of every way of packaging, for whoever reads them: real PyTorch or fusepack. Both run this
file. Each archive has a case: inputs, outputs that the writer computed, and what else must be kept."""
import io

import torch
from torch.fx import Graph, GraphModule, symbolic_trace
from torch.package import PackageExporter, PackageImporter, sys_importer

import values

torch.fx.wrap("len")


def _input():
    return torch.arange(12, dtype=torch.float32).reshape(3, 4) / 7 - 0.5


def _save(exporter, model, inputs, protocol, **more):
    case = {"inputs": inputs, "outputs": model(*inputs), "class": type(model).__name__, **more}
    if isinstance(model, GraphModule):
        case["code"] = model.code
        case["nodes"] = [(n.op, n.name, getattr(n.target, "__name__", n.target)) for n in model.graph.nodes]
    exporter.save_pickle("model", "model.pkl", model, pickle_protocol=protocol)
    exporter.save_pickle("case", "case.pkl", case, pickle_protocol=protocol)


def simple(protocol):
    class Simple(torch.nn.Module):
        def forward(self, x):
            return torch.relu(x + 3.0)

    f = io.BytesIO()
    with PackageExporter(f) as e:
        _save(e, symbolic_trace(Simple()), (_input(),), protocol)
    return f.getvalue()


def then_fx(protocol):
    from garden.leafy import Leafy
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.intern("garden.**")
        _save(e, Leafy(), (_input(),), protocol)
    return f.getvalue()


def package(protocol):
    importer = PackageImporter(io.BytesIO(then_fx(protocol)))
    traced = symbolic_trace(importer.load_pickle("model", "model.pkl"))
    f = io.BytesIO()
    with PackageExporter(f, importer=(importer, sys_importer)) as e:
        e.intern("garden.**")
        case = {"inputs": (_input(),), "outputs": traced(_input()), "class": type(traced).__name__}
        e.save_pickle("model", "model.pkl", traced, pickle_protocol=protocol)
        e.save_pickle("case", "case.pkl", case, pickle_protocol=protocol)
    return f.getvalue()


def with_imports(protocol):
    import garden.leafy
    graph = Graph()
    a = graph.placeholder("x")
    b = graph.placeholder("y")
    c = graph.call_function(garden.leafy.joined, (a, b))
    graph.output(graph.call_function(torch.sin, (c,)))
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.intern("garden.**")
        model = GraphModule(torch.nn.Module(), graph)
        case = {"inputs": (_input(), _input()), "outputs": model(_input(), _input())}
        e.save_pickle("model", "model.pkl", model, pickle_protocol=protocol)
        e.save_pickle("case", "case.pkl", case, pickle_protocol=protocol)
    return f.getvalue()


class SpecialGraphModule(GraphModule):
    def __init__(self, root, graph, info):
        super().__init__(root, graph)
        self.info = info


def custom_tracer(protocol):
    from garden.leafy import Leafy, Pair
    from garden.tracers import AllLeaves
    shared = Leafy()
    module = Pair(torch.ones(4), shared, shared)
    graph = AllLeaves().trace(module)
    assert graph._tracer_cls is AllLeaves
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.intern("garden.**")
        _save(e, SpecialGraphModule(module, graph, "secret"), (_input(),), protocol, attributes={"info": "secret"})
    return f.getvalue()


def wrapped(protocol):
    class Length(torch.nn.Module):
        def forward(self, a):
            return len(a)

    f = io.BytesIO()
    with PackageExporter(f) as e:
        _save(e, symbolic_trace(Length()), (_input(),), protocol)
    return f.getvalue()


def nested(protocol):
    """Nested packages, relative imports, star imports, aliases, re-exports; resources and text; a nested class."""
    import garden
    torch.manual_seed(5)
    model = garden.beds.Greenhouse(garden.Bed(), torch.nn.ReLU(), torch.nn.Dropout(0.5)).eval()
    if protocol == 3:  # PyTorch does not read a nested class that it wrote at protocol 4
        model.label = garden.beds.Greenhouse.Label("tomatoes")
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.intern("garden.**")
        e.save_module("garden")
        e.save_module("garden.notes")
        e.save_text("garden", "notes.txt", "water \u00e4gain")
        e.save_binary("garden.data", "raw.bin", b"\x00\x01\xff")
        _save(e, model, (_input(),), protocol)
    return f.getvalue()


def mocked(protocol):
    from garden.shop import Shop
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.mock("garden.rare")
        e.intern("garden.**")
        _save(e, Shop(), (_input(),), protocol)
    return f.getvalue()


def plain_values(protocol):
    f = io.BytesIO()
    with PackageExporter(f) as e:
        e.intern("values")
        e.save_pickle("case", "values.pkl", values.make(), pickle_protocol=protocol)
    return f.getvalue()


def to_a_path(protocol):
    """Written to a file: the archive's root is the file's stem."""
    from garden.leafy import Leafy
    path = f"/tmp/fusepack_path_{protocol}.archive.pt"
    with PackageExporter(path) as e:
        e.intern("garden.**")
        _save(e, Leafy(), (_input(),), protocol)
    with io.open(path, "rb") as f:
        return f.read()


KINDS = [simple, then_fx, package, with_imports, custom_tracer, wrapped, nested, mocked, plain_values, to_a_path]


def archives():
    """name -> bytes"""
    made = {}
    for kind in KINDS:
        for protocol in (3, 4):
            made[f"{kind.__name__}_{protocol}"] = kind(protocol)
    return made
