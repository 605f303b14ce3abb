from torch.fx import Tracer


class AllLeaves(Tracer):
    def is_leaf_module(self, m, qualname):
        return True
