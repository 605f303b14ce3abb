"""What annotates code for TorchScript means nothing when code is evaluated."""
from typing import Any, Callable, Dict, Final, List, Optional, Tuple, Union

import torch.jit as _jit

ignore = _jit.ignore
unused = _jit.unused
export = _jit.export
is_scripting = _jit.is_scripting
_overload = _jit._overload
_overload_method = _jit._overload_method
boolean_dispatch = None


class BroadcastingListCls:
    def __getitem__(self, types):
        return None


BroadcastingList1 = BroadcastingListCls()
BroadcastingList2 = BroadcastingListCls()
BroadcastingList3 = BroadcastingListCls()


def _copy_to_script_wrapper(fn):
    return fn
