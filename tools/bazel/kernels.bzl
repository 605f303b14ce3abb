"""kernel_library: a cc_library whose loops are compiled at -O3, with sources per instruction set under their own flags.

The instruction set is chosen at run time (kernels/base/cpu_features.h): no target ever gets a global -march,
so the binary starts on any x86-64.
"""

_HOT = ["-O3", "-fno-math-errno", "-fno-trapping-math"]

_ISA_FLAGS = {
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
    "avx512": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mf16c"],
    "amx": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512bf16", "-mavx2", "-mfma", "-mamx-tile", "-mamx-bf16", "-mamx-int8"],
}

def kernel_library(name, srcs = [], hdrs = [], per_isa_srcs = {}, deps = [], copts = [], **kwargs):
    for isa, isa_srcs in per_isa_srcs.items():
        native.cc_library(
            name = name + "_" + isa,
            srcs = isa_srcs + hdrs,
            copts = _HOT + _ISA_FLAGS[isa] + copts,
            deps = deps,
        )
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        copts = _HOT + copts,
        deps = deps + [":%s_%s" % (name, isa) for isa in per_isa_srcs],
        **kwargs
    )
