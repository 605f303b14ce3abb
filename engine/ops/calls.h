// Calls: writing a decomposition as plain calls. After the first error nothing more is built and Return gives it.
#pragma once

#include "engine/graph/builder.h"
#include "engine/ops/shapes.h"

namespace fusepack {

using Values = Result<std::vector<ValueId>>;

class Calls {
 public:
  explicit Calls(GraphBuilder& builder) : builder_(builder) {}

  ValueRef operator()(std::string_view op, std::vector<Arg> args) {
    if (!status_.ok()) return {};
    Result<ValueId> value = builder_.AddOne(op, std::move(args));
    if (value.ok()) return {*value};
    status_ = value.status();
    return {};
  }
  TensorSpec Spec(const Arg& tensor) const { return builder_.Spec(std::get<ValueRef>(tensor).id); }
  const Sizes SizesOf(const Arg& tensor) const { return Spec(tensor).sizes; }
  Guards& guards() { return builder_.guards(); }
  bool ok() const { return status_.ok(); }

  Values Return(ValueRef value) const { return Return(std::vector<ValueId>{value.id}); }
  Values Return(std::vector<ValueId> values) const {
    if (!status_.ok()) return status_;
    return values;
  }

 private:
  GraphBuilder& builder_;
  Status status_;
};

inline bool IsNone(const Arg& arg) { return std::holds_alternative<std::monostate>(arg); }
inline int64_t IntOf(const Arg& arg) { return std::get<Dim>(arg).hint(); }
inline const Dim& DimOf(const Arg& arg) { return std::get<Dim>(arg); }
inline std::vector<int64_t> IntsOf(const Arg& arg) {
  std::vector<int64_t> out;
  for (const Dim& d : std::get<std::vector<Dim>>(arg)) out.push_back(d.hint());
  return out;
}

}  // namespace fusepack
