// What lib/traceback.py asks: where an exception has been, and a line of source.
#include "tracer/python/callables.h"
#include "tracer/python/library.h"
#include "tracer/python/source_lines.h"

namespace fusepack::py {

std::string_view SourceLines::Line(const std::string& file, int64_t number) const {
  if (!text_of || number < 1) return {};
  std::string_view text = text_of(file);
  for (; number > 1; --number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

namespace {

// The frames, outermost first, as (file, line, column, function).
Value Frames(Interpreter& in, BoundArgs& a) {
  auto* e = a[0].As<ExceptionObject>();
  if (e == nullptr) a.Wrong(0, "an exception");
  std::vector<Value> frames;
  for (auto t = e->traceback.rbegin(); t != e->traceback.rend(); ++t) {
    frames.push_back(Value(in.NewTuple({Value(in.NewStr(t->file)), Value::Int(t->line), Value::Int(t->column),
                                        Value(in.NewStr(t->function))})));
  }
  in.Step(static_cast<int64_t>(frames.size()));
  return Value(in.NewList(std::move(frames)));
}

// (text of the file, number of the line with `def`) of a function written in Python, else None.
Value SourceOf(Interpreter& in, BoundArgs& a) {
  auto* f = a[0].As<Function>();
  if (f == nullptr || f->code == nullptr || f->code->source == nullptr) return Value::None();
  return Value(in.NewTuple({Value(in.NewStr(f->code->source->tree->source())), Value::Int(f->code->first_line)}));
}

Value Line(Interpreter& in, BoundArgs& a) {
  const std::string_view line = in.State<SourceLines>().Line(a.Text(0), a.Int(1));
  in.Step(a.Int(1) / 16);
  return Value(in.NewStr(line));
}

}  // namespace

void BuildTraceback(Interpreter& in, Module& module) {
  module.SetNow(in.Intern("frames"), in.NewFunction("frames", "exception", Frames, "_traceback"));
  module.SetNow(in.Intern("source"), in.NewFunction("source", "function", SourceOf, "_traceback"));
  module.SetNow(in.Intern("line"), in.NewFunction("line", "file, number", Line, "_traceback"));
}

}  // namespace fusepack::py
