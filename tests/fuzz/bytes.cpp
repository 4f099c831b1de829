// The primitives of state bytes: whatever is read writes back as the same bytes, and what is not
// read is left alone.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <weir/bytes.h>

namespace {

void require(bool ok) {
  if (!ok) std::abort();
}

template <class T, class Read, class Append>
void one_form(weir::Bytes all, Read read, Append append) {
  weir::Bytes rest = all;
  T value{};
  if (!read(rest, value)) {
    require(rest == all && value == T{});
    return;
  }
  std::string again;
  append(again, value);
  require(again == all.substr(0, all.size() - rest.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const weir::Bytes all(reinterpret_cast<const char*>(bytes), size);
  one_form<weir::Timestamp>(all, weir::read_time, weir::append_time);
  one_form<std::uint64_t>(all, weir::read_varint, weir::append_varint);
  one_form<std::int64_t>(all, weir::read_zigzag, weir::append_zigzag);
  one_form<weir::Bytes>(all, weir::read_bytes, weir::append_bytes);
  std::string after(all);
  weir::after_prefix(after);
  require(after.empty() || after > all);
  return 0;
}
