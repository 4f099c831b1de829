#include "sink/compress.h"

#include <zlib.h>
#include <zstd.h>

namespace weir::sink {

namespace {

constexpr int kZstdLevel = 3;
constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip.

void append_gzip(std::string& out, std::string_view text) {
  z_stream stream{};
  const int started =
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  check(started == Z_OK, "zlib starts");
  const std::size_t before = out.size();
  out.resize(before + deflateBound(&stream, static_cast<uLong>(text.size())));
  // zlib reads what it is given, though it does not say so.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
  stream.avail_out = static_cast<uInt>(out.size() - before);
  check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib has room");
  out.resize(before + stream.total_out);
  deflateEnd(&stream);
}

void append_zstd(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(text.size()));
  const std::size_t size =
      ZSTD_compress(out.data() + before, out.size() - before, text.data(), text.size(), kZstdLevel);
  check(ZSTD_isError(size) == 0, "zstd has room");
  out.resize(before + size);
}

}  // namespace

void append_frame(std::string& out, std::string_view text, FolderCompress how) {
  if (text.empty()) return;
  switch (how) {
    case FolderCompress::none:
      out += text;
      return;
    case FolderCompress::gzip:
      return append_gzip(out, text);
    case FolderCompress::zstd:
      return append_zstd(out, text);
  }
}

std::string_view ending_of(FolderCompress how) {
  if (how == FolderCompress::none) return "";
  return how == FolderCompress::gzip ? ".gz" : ".zst";
}

}  // namespace weir::sink
