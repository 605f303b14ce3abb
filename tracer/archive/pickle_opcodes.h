// The pickle opcodes of protocols 0 to 5, and the form of the argument that follows each in the stream.
// After Python's pickletools.py, which is their specification.
#pragma once

#include <cstdint>

namespace fusepack::archive {

enum class PickleArgument : uint8_t {
  kInvalid,  // not an opcode
  kNone,
  kU8, kU16, kI32, kU32, kU64,   // a little-endian number
  kF64Big,                       // a big-endian double
  kLine,                         // text up to a newline
  kTwoLines,
  kBytes8, kBytes32, kBytes64,   // a length of so many bits, then so many bytes
};

// X(byte, name, argument)
#define FUSEPACK_PICKLE_OPCODES(X) \
  X('(', MARK, kNone) \
  X('.', STOP, kNone) \
  X('0', POP, kNone) \
  X('1', POP_MARK, kNone) \
  X('2', DUP, kNone) \
  X('F', FLOAT, kLine) \
  X('I', INT, kLine) \
  X('J', BININT, kI32) \
  X('K', BININT1, kU8) \
  X('L', LONG, kLine) \
  X('M', BININT2, kU16) \
  X('N', NONE, kNone) \
  X('P', PERSID, kLine) \
  X('Q', BINPERSID, kNone) \
  X('R', REDUCE, kNone) \
  X('S', STRING, kLine) \
  X('T', BINSTRING, kBytes32) \
  X('U', SHORT_BINSTRING, kBytes8) \
  X('V', UNICODE, kLine) \
  X('X', BINUNICODE, kBytes32) \
  X('a', APPEND, kNone) \
  X('b', BUILD, kNone) \
  X('c', GLOBAL, kTwoLines) \
  X('d', DICT, kNone) \
  X('}', EMPTY_DICT, kNone) \
  X('e', APPENDS, kNone) \
  X('g', GET, kLine) \
  X('h', BINGET, kU8) \
  X('i', INST, kTwoLines) \
  X('j', LONG_BINGET, kU32) \
  X('l', LIST, kNone) \
  X(']', EMPTY_LIST, kNone) \
  X('o', OBJ, kNone) \
  X('p', PUT, kLine) \
  X('q', BINPUT, kU8) \
  X('r', LONG_BINPUT, kU32) \
  X('s', SETITEM, kNone) \
  X('t', TUPLE, kNone) \
  X(')', EMPTY_TUPLE, kNone) \
  X('u', SETITEMS, kNone) \
  X('G', BINFLOAT, kF64Big) \
  X('\x80', PROTO, kU8) \
  X('\x81', NEWOBJ, kNone) \
  X('\x82', EXT1, kU8) \
  X('\x83', EXT2, kU16) \
  X('\x84', EXT4, kI32) \
  X('\x85', TUPLE1, kNone) \
  X('\x86', TUPLE2, kNone) \
  X('\x87', TUPLE3, kNone) \
  X('\x88', NEWTRUE, kNone) \
  X('\x89', NEWFALSE, kNone) \
  X('\x8a', LONG1, kBytes8) \
  X('\x8b', LONG4, kBytes32) \
  X('B', BINBYTES, kBytes32) \
  X('C', SHORT_BINBYTES, kBytes8) \
  X('\x8c', SHORT_BINUNICODE, kBytes8) \
  X('\x8d', BINUNICODE8, kBytes64) \
  X('\x8e', BINBYTES8, kBytes64) \
  X('\x8f', EMPTY_SET, kNone) \
  X('\x90', ADDITEMS, kNone) \
  X('\x91', FROZENSET, kNone) \
  X('\x92', NEWOBJ_EX, kNone) \
  X('\x93', STACK_GLOBAL, kNone) \
  X('\x94', MEMOIZE, kNone) \
  X('\x95', FRAME, kU64) \
  X('\x96', BYTEARRAY8, kBytes64) \
  X('\x97', NEXT_BUFFER, kNone) \
  X('\x98', READONLY_BUFFER, kNone)

namespace op {
#define X(byte, name, argument) inline constexpr uint8_t name = static_cast<uint8_t>(byte);
FUSEPACK_PICKLE_OPCODES(X)
#undef X
}  // namespace op

}  // namespace fusepack::archive
