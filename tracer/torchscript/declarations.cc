#include "tracer/torchscript/declarations.h"

#include <algorithm>

#include "tracer/python/parse.h"

namespace fusepack::torchscript {

namespace ast = py::ast;

bool ClassDeclarations::HasMethod(std::string_view name) const { return std::find(methods.begin(), methods.end(), name) != methods.end(); }

namespace {

const ast::ClassDef* FindClass(const ast::Tree& tree, const std::string& name) {
  for (const ast::Stmt* s : tree.body()) {
    const auto* cls = s->Maybe<ast::ClassDef>();
    if (cls != nullptr && cls->name == name) return cls;
  }
  return nullptr;
}

}  // namespace

Result<ClassDeclarations> DeclarationsOf(const std::string& source, const std::string& class_name) {
  FP_ASSIGN_OR_RETURN(auto tree, py::Parse("code", source));
  const ast::ClassDef* cls = FindClass(*tree, class_name);
  if (cls == nullptr) return BadInput("code", "no class " + class_name, "one");
  ClassDeclarations out;
  for (const ast::Expr* base : cls->bases) out.bases.emplace_back(tree->Text(*base));
  for (const ast::Stmt* s : cls->body) {
    if (const auto* f = s->Maybe<ast::FunctionDef>()) out.methods.emplace_back(f->name);
    if (const auto* a = s->Maybe<ast::AnnAssign>(); a != nullptr && a->value == nullptr) {
      if (const auto* name = a->target->Maybe<ast::Name>()) out.attributes.emplace_back(name->id, tree->Text(*a->annotation));
    }
    const auto* assign = s->Maybe<ast::Assign>();
    if (assign == nullptr || assign->targets.size() != 1) continue;
    const auto* item = assign->targets[0]->Maybe<ast::Subscript>();
    if (item == nullptr) continue;
    const auto* object = item->value->Maybe<ast::Name>();
    const auto* key = item->index->Maybe<ast::Constant>();
    if (object == nullptr || object->id != "__annotations__" || key == nullptr || key->type != ast::ConstantKind::kStr) continue;
    out.attributes.emplace_back(key->text, tree->Text(*assign->value));
  }
  return out;
}

Result<std::string> TextOf(const std::string& source, const std::string& class_name, const std::string& function) {
  FP_ASSIGN_OR_RETURN(auto tree, py::Parse("code", source));
  ast::StmtSeq body = tree->body();
  if (!class_name.empty()) {
    const ast::ClassDef* cls = FindClass(*tree, class_name);
    if (cls == nullptr) return std::string();
    body = cls->body;
  }
  for (const ast::Stmt* s : body) {
    const auto* f = s->Maybe<ast::FunctionDef>();
    if (f != nullptr && f->name == function) return std::string(tree->Text(*f)) + "\n";
  }
  return std::string();
}

}  // namespace fusepack::torchscript
