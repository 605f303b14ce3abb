import torch
from torch import fx
from torch.fx.graph import CodeGen


class ListInputs(CodeGen):
    def gen_fn_def(self, free_vars, maybe_return_annotation):
        body = f"def forward(self, inputs: List){maybe_return_annotation}:"
        if free_vars:
            body += f"\n    {', '.join(free_vars)} = inputs"
        return body

    def additional_globals(self):
        from typing import List
        return [("List", List)]

    def process_inputs(self, *inputs):
        return inputs[0]


def run():
    gm = fx.symbolic_trace(lambda x, y: x * y)
    gm.graph.set_codegen(ListInputs())
    gm.recompile()
    assert gm([torch.tensor(2.0), torch.tensor(3.0)]).item() == 6.0
    return gm.graph
