"""A tracer that opens no submodule."""
from torch.fx import Tracer


class TestAllLeafModulesTracer(Tracer):
    def is_leaf_module(self, m, module_qualified_name):
        return True
