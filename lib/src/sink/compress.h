// Text to compressed frames. A file is one frame after another, which is how a frame that was
// written whole can be read whatever became of the next.
#pragma once

#include <string>
#include <string_view>

#include <weir/folder_sink.h>

namespace weir::sink {

// Appends `text` as a frame: a member of gzip, a frame of zstd, or as it is.
void append_frame(std::string& out, std::string_view text, FolderCompress how);

// ".gz", ".zst" or nothing.
std::string_view ending_of(FolderCompress how);

}  // namespace weir::sink
