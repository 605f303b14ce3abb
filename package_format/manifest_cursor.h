// ManifestCursor: takes texts and lists out of a verified manifest and bounds what they cost.
//
// FlatBuffers' verifier lets two places refer to the same bytes, so a small manifest could describe a huge one. Our
// writer never does that. The cursor therefore charges every text and list to a purse that holds as many bytes as the
// manifest has; tables are bounded in the same way by the verifier's table count.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <string>
#include <vector>

#include "package_format/rules.h"

namespace fusepack::fpk {

class ManifestCursor {
 public:
  explicit ManifestCursor(uint64_t manifest_bytes) : purse_(manifest_bytes) {}

  // Absent is empty. Errors have `what` ("name") as their place; callers put theirs before it (WithPlace).
  Result<std::string> Text(const flatbuffers::String* text, const char* what, uint64_t max_bytes = kMaxTextBytes) {
    if (text == nullptr) return std::string();
    if (text->size() > max_bytes) {
      return LimitExceeded(what, "a text of " + std::to_string(text->size()) + " bytes", "at most " + std::to_string(max_bytes));
    }
    FP_RETURN_IF_ERROR(Charge(text->size() + sizeof(flatbuffers::uoffset_t) + 1, what));
    std::string out(text->data(), text->size());
    if (!IsUtf8(out)) return BadInput(what, "bytes that are no UTF-8", "UTF-8");
    return out;
  }
  Result<std::string> Name(const flatbuffers::String* text, const char* what) {
    return Text(text, what, kMaxNameBytes);
  }

  // The length of a list that is about to be gone through; 0 if absent.
  template <typename T>
  Result<uint64_t> Length(const flatbuffers::Vector<T>* list, const char* what,
                          uint64_t max_length = kMaxManifestBytes) {
    if (list == nullptr) return uint64_t{0};
    if (list->size() > max_length) {
      return LimitExceeded(what, std::to_string(list->size()) + " entries", "at most " + std::to_string(max_length));
    }
    FP_RETURN_IF_ERROR(Charge(uint64_t{list->size()} * ElementBytes<T>() + sizeof(flatbuffers::uoffset_t), what));
    return uint64_t{list->size()};
  }

  // A list of numbers or structs as a vector.
  template <typename Out, typename T>
  Result<std::vector<Out>> List(const flatbuffers::Vector<T>* list, const char* what,
                                uint64_t max_length = kMaxManifestBytes) {
    FP_ASSIGN_OR_RETURN(const uint64_t n, Length(list, what, max_length));
    std::vector<Out> out(n);
    for (uint64_t i = 0; i < n; i++) out[i] = static_cast<Out>(list->Get(static_cast<flatbuffers::uoffset_t>(i)));
    return out;
  }

 private:
  template <typename T>
  static constexpr uint64_t ElementBytes() {
    return flatbuffers::IndirectHelper<T>::element_stride;
  }
  Status Charge(uint64_t bytes, const char* what) {
    if (bytes > purse_) return BadInput(what, "a manifest that says the same bytes twice", "every part once");
    purse_ -= bytes;
    return OkStatus();
  }

  uint64_t purse_;
};

}  // namespace fusepack::fpk
