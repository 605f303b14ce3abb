// Integers of 64 bits and floats: arithmetic, comparison and text as CPython has them. An integer result outside 64
// bits ends evaluation with a limit error. Private to tracer/python.
#pragma once

#include <string>
#include <string_view>

#include "tracer/python/interpreter.h"

namespace fusepack::py {

// int, bool, float, or an instance of a subclass. *is_float tells which of the two is set.
bool AsNumber(const Value& v, bool* is_float, int64_t* integer, double* number);
// Null where either is no number.
Value NumberBinary(Interpreter& in, BinOp op, const Value& a, const Value& b);
Value NumberUnary(Interpreter& in, UnOp op, const Value& v);
Value NumberCompare(CmpOp op, const Value& a, const Value& b);

std::string FloatRepr(double d);  // shortest text that reads back, "1e+16", "inf", "nan"
uint64_t HashInt(int64_t i);
uint64_t HashFloat(double d);
// int("0x1f", 16), float(" 1e3 "); false: not a number. *overflow: outside 64 bits.
bool ParseInt(std::string_view text, int base, int64_t* out, bool* overflow);
bool ParseFloat(std::string_view text, double* out);
// Round half to even; `digits` may be negative.
double RoundFloat(double d, int64_t digits);

// format(v, spec) of numbers and text; raises ValueError.
std::string FormatInt(Interpreter& in, int64_t v, const std::string& spec);
std::string FormatFloat(Interpreter& in, double v, const std::string& spec);
std::string FormatText(Interpreter& in, const std::string& v, const std::string& spec);
// object.__format__ past overrides: what the value's own C++ type does with a spec.
std::string FormatSlot(Interpreter& in, const Value& v, const std::string& spec);
// '%' of str, and str.format.
std::string PercentFormat(Interpreter& in, const std::string& format, const Value& args);
std::string StrFormat(Interpreter& in, const std::string& format, const std::vector<Value>& args, Dict* keywords);

}  // namespace fusepack::py
