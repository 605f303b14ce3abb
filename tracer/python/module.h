// Module: a namespace whose top-level statements run only when something needs what they make.
//
// The rule. A module's top-level statements are numbered in source order (an import is one for each of its names); none
// runs when the module is imported.
//  1. A statement *makes* name N if it binds N (def, class, assignment, import, for, with, try, if, del -- anywhere in
//     it outside function bodies), or may change the object that N holds: it stores to N.attr or N[...], calls a method
//     on N or passes N in a call inside an expression statement or a compound statement, or decorates with N. A name
//     that only `import` binds is not changed by calls on it (`torch.manual_seed(0)` does not make `torch`).
//  2. A function whose body stores to, or calls a method on, a global N makes every expression statement or
//     decorator that calls that function a maker of N too (registries).
//  3. Reading N, from inside or outside, first runs in source order every statement that makes N and has not run yet.
//     While statement i runs, reads of the module's names run only makers before i, as in Python; if N is then still
//     unbound, later makers run too (Python would raise NameError there; lazy circular imports need it).
//  4. A statement is run at most once; one that raised may be tried again by the next reader.
//  5. `torch.fx.wrap("name")` and `fx.wrap(...)`, `wrap(...)` statements and functions under `@wrap` run when the module
//     is first touched. Statements that bind something and read a wrapped name are among its makers.
//  6. When N is a name that several statements make, statements between them that read N run in their place.
//  7. Other statements (asserts, prints, calls that mention no global) never run.
// A name that no statement makes is looked for in `from m import *` sources, then the native fallback, then as a
// submodule, then through the module's own __getattr__.
//
// The statements' side is ModuleBody (module.cc); a native module has none.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tracer/python/importer.h"
#include "tracer/python/values.h"

namespace fusepack::py {

class ModuleBody;

class Module : public Object {
 public:
  static constexpr Layout kLayout = Layout::kModule;
  Module(Interpreter& in, std::string name, std::string file, bool is_package, Importer* importer);
  ~Module() override;

  const std::string& name() const { return name_; }  // dotted, as its importer knows it
  const std::string& file() const { return file_; }  // for messages; empty for native modules
  bool is_package() const { return is_package_; }
  Importer* importer() const { return importer_; }

  // The value of a global, running what makes it; null when absent. Builtins are not looked at, nor what GetLate does.
  Value Get(Interpreter& in, Str* name);
  void Set(Interpreter& in, Str* name, const Value& value);
  bool Delete(Interpreter& in, Str* name);
  // A name that only later statements, star imports or fallbacks bind (rule 3); for reads that found no built-in.
  Value GetLate(Interpreter& in, Str* name);
  // Binds without asking what else binds the name: what the module's own statements do.
  void SetNow(Str* name, Value value) { dict()->Set(name, std::move(value)); }
  // As seen from outside, including submodules and the fallbacks; null when absent.
  Value GetMember(Interpreter& in, Str* name);

  // Runs every binding statement. For `vars(m)`, `dir(m)`, `from m import *` without __all__.
  void RunAll(Interpreter& in);
  // Runs every statement in source order, as CPython's import would: for a program, whose prints are wanted too.
  void RunInOrder(Interpreter& in);
  // What dir(m) lists; runs nothing unless there is a star import.
  std::vector<std::string> Names(Interpreter& in);
  // The namespace as it is now; names not yet made are missing. Native builders fill it.
  Dict* globals() const { return dict(); }

  // Asked for names that neither globals nor statements have; may return null.
  using Fallback = std::function<Value(Interpreter& in, Module& module, Str* name)>;
  void set_fallback(Fallback fallback) { fallback_ = std::move(fallback); }
  void set_body(std::unique_ptr<ModuleBody> body);

  // Values of getattr/setattr from Python.
  bool GetAttr(Interpreter&, Str*, Value*) override;
  bool SetAttr(Interpreter&, Str*, const Value&) override;
  bool DelAttr(Interpreter&, Str*) override;
  std::string Repr(Interpreter&) override;

 private:
  Value GenericModuleAttr(Interpreter& in, Str* name);
  std::string name_, file_;
  bool is_package_;
  Importer* importer_;
  std::unique_ptr<ModuleBody> body_;
  Fallback fallback_;
};

}  // namespace fusepack::py
