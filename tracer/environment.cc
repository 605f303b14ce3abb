// The list of native libraries, each registered by the folder that owns it.
#include "tracer/environment.h"

#include "tracer/fx/fx_module.h"
#include "tracer/package/native.h"
#include "tracer/python/library.h"
#include "tracer/torch/torch_module.h"
#include "tracer/torchscript/native.h"

namespace fusepack {

Environment::Environment(py::Limits limits) : interpreter_(limits) {
  py::RegisterStandardLibrary(interpreter_);
  torch::RegisterTorch(interpreter_);
  torchscript::RegisterTorchScript(interpreter_);
  RegisterPackage(interpreter_);
  interpreter_.State<SysImporter>().sources = &sys_importer_;
  fx::RegisterFx(interpreter_);
}

}  // namespace fusepack
