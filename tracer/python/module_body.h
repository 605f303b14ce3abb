// The top-level statements of a module and which names each makes; the rule is in module.h. Private to tracer/python.
#pragma once

#include <climits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/python/bytecode.h"
#include "tracer/python/interpreter.h"
#include "tracer/python/module.h"

namespace fusepack::py {

class ModuleBody {
 public:
  ModuleBody(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

  // Parses, finds out who makes what, runs the fx.wrap statements; the first time only.
  void Touch(Interpreter& in, Module& module) {
    if (!touched_) FirstTouch(in, module);
  }
  // Runs the makers of `name` that have not run; those from the running statement on only if `later`.
  void Ensure(Interpreter& in, Module& module, Str* name, bool later) {
    if (!makers_.empty()) EnsureSlow(in, module, name, later);
  }
  // `name` out of the `from m import *` statements; null when none has it.
  Value FromStars(Interpreter& in, Module& module, Str* name);
  void RunAll(Interpreter& in, Module& module, bool also_unbinding = false);
  // Adds the names that statements make which have not run; false where only running them would tell (star imports).
  bool AddNames(std::vector<std::string>* names) const;
  const ast::Tree* tree() const { return source_ ? source_->tree.get() : nullptr; }

 private:
  struct Item {
    const ast::Stmt* statement;
    enum State : uint8_t { kPending, kRunning, kDone } state = kPending;
    bool binds = false;
    int alias = -1;  // an import statement is an item for each of its names
  };
  void FirstTouch(Interpreter& in, Module& module);
  void EnsureSlow(Interpreter& in, Module& module, Str* name, bool later);
  void RunItem(Interpreter& in, Module& module, int index);

  std::string file_, text_;
  bool touched_ = false;
  std::shared_ptr<Source> source_;
  std::vector<Item> items_;
  std::unordered_map<const Str*, std::vector<int>> makers_;  // in source order; gone when all have run
  std::vector<int> stars_;
  int running_ = INT_MAX;  // the statement being run; makers from it on are the future
  MemoryCharge charge_;
};

}  // namespace fusepack::py
