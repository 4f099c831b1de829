#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "sink/compress.h"
#include "sink/csv_line.h"
#include "sink/open_file.h"
#include <weir/folder_sink.h>
#include <weir/time_format.h>

namespace weir {

namespace {

namespace fs = std::filesystem;
using sink::OpenFile;

constexpr std::size_t kPendingBytesMax = std::size_t{4} << 20;
constexpr std::size_t kFilesMax = 64;  // Open at a time.
constexpr std::string_view kNoKey = "__none__";

// What may stand in the name of a folder; the rest as %2F, so that a key leads nowhere else.
std::string as_name(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > ' ' && byte != 0x7F && c != '/' && c != '%' && c != '=';
    if (plain) {
      name += c;
    } else {
      name += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return name.empty() ? "%00" : name;
}

class FolderSink final : public Sink {
 public:
  FolderSink(const FolderOptions& options, int worker)
      : options_(options),
        prefix_(options.name + "-" + std::to_string(worker) + "-"),
        csv_(options.columns) {}
  ~FolderSink() override { close(); }

  // Finishes what an earlier process of this number has left.
  Status mend() {
    std::error_code fault;
    fs::create_directories(options_.path, fault);
    if (fault) return Error{options_.path + ": " + fault.message()};
    std::vector<std::pair<std::string, std::string>> left;
    for (fs::recursive_directory_iterator it(options_.path, fault), end; !fault && it != end;
         it.increment(fault)) {
      const std::string name = OpenFile::finished_name(it->path().filename().string());
      if (name.starts_with(prefix_)) left.emplace_back(it->path().parent_path().string(), name);
    }
    if (fault) return Error{options_.path + ": " + fault.message()};
    for (const auto& [folder, name] : left) {
      if (Status s = OpenFile::mend(folder, name); !s) return s;
    }
    return {};
  }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    SinkAnswer answer;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Writing& to = writing_[folder_of(batch[i])];
      if (Status s = take(batch[i], to); !s) {
        answer.refused.push_back({i, s.error().to_string()});
        continue;
      }
      if (to.pending.size() < kPendingBytesMax) continue;
      if (Status s = write_pending(to); !s) return never(s);
    }
    for (auto& [folder, writing] : writing_) {
      if (writing.file || writing.pending.empty()) continue;
      if (Status s = open(folder, writing); !s) return never(s);
    }
    return answer;
  }

  SinkAnswer flush() override {
    for (auto it = writing_.begin(); it != writing_.end();) {
      Writing& writing = it->second;
      if (Status s = flush(it->first, writing); !s) return never(s);
      const bool finished = writing.file && is_due(writing);
      if (finished) {
        if (Status s = writing.file->finish(); !s) return never(s);
      }
      it = finished || !writing.file ? writing_.erase(it) : std::next(it);
    }
    return {};
  }

  // What was flushed is finished here; what was not will be cut off and written again.
  void close() override {
    for (auto& [folder, writing] : writing_) {
      if (writing.file && writing.flushed && writing.pending.empty()) (void)writing.file->finish();
    }
    writing_.clear();
  }

 private:
  struct Writing {
    std::optional<OpenFile> file{};
    std::string pending{};  // Lines of the next frame.
    std::uint64_t records = 0;
    bool flushed = true;
  };

  static SinkAnswer never(const Status& status) {
    return {.what = SinkAnswer::What::never, .why = status.error().to_string(), .refused = {}};
  }

  std::string folder_of(const SinkRecord& record) const {
    if (options_.by == FolderBy::nothing) return options_.path;
    if (options_.by == FolderBy::key) {
      const std::string key = record.key ? as_name(*record.key) : std::string(kNoKey);
      return options_.path + "/" + as_name(options_.key_name) + "=" + key;
    }
    std::string text;
    if (!append_time_text(text, record.timestamp)) return options_.path + "/date=" + "__none__";
    std::string folder = options_.path + "/date=" + text.substr(0, 10);
    if (options_.by == FolderBy::hour) folder += "/hour=" + text.substr(11, 2);
    return folder;
  }

  Status take(const SinkRecord& record, Writing& to) {
    if (options_.format == FolderFormat::csv) {
      if (Status s = csv_.append(record.value.value_or("null"), to.pending); !s) return s;
    } else {
      to.pending += record.value.value_or("null");
      to.pending += '\n';
    }
    ++to.records;
    to.flushed = false;
    return {};
  }

  Status open(const std::string& folder, Writing& writing) {
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault) return Error{folder + ": " + fault.message()};
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    Result<OpenFile> made =
        OpenFile::create(folder, prefix_ + std::to_string(ms) + "-" + std::to_string(opened_++) +
                                     (options_.format == FolderFormat::csv ? ".csv" : ".jsonl") +
                                     std::string(sink::ending_of(options_.compress)));
    if (!made) return made.error();
    writing.file.emplace(std::move(*made));
    if (options_.format == FolderFormat::csv) writing.pending.insert(0, csv_.head());
    return {};
  }

  Status write_pending(Writing& writing) {
    if (!writing.file) return {};  // Opened at the end of the batch.
    frame_.clear();
    sink::append_frame(frame_, writing.pending, options_.compress);
    writing.pending.clear();
    return writing.file->append(frame_);
  }

  Status flush(const std::string& folder, Writing& writing) {
    if (writing.flushed) return {};
    if (!writing.file) {
      if (Status s = open(folder, writing); !s) return s;
    }
    if (Status s = write_pending(writing); !s) return s;
    if (Status s = writing.file->flush(); !s) return s;
    writing.flushed = true;
    return {};
  }

  bool is_due(const Writing& writing) const {
    const FolderOptions& by = options_;
    if (writing_.size() > kFilesMax) return true;
    if (by.roll_bytes > 0 && writing.file->bytes() >= by.roll_bytes) return true;
    if (by.roll_records > 0 && writing.records >= by.roll_records) return true;
    const auto age = std::chrono::steady_clock::now() - writing.file->since();
    return by.roll_every.count() > 0 && age >= by.roll_every;
  }

  const FolderOptions options_;
  const std::string prefix_;
  sink::CsvLines csv_;
  std::map<std::string, Writing> writing_;  // By folder.
  std::string frame_;
  std::uint64_t opened_ = 0;
};

}  // namespace

Result<OpenSink> folder_sink(FolderOptions options) {
  if (options.path.empty()) return Error{"a sink of files needs a folder"};
  if (options.format == FolderFormat::csv && options.columns.empty()) {
    return Error{"CSV needs declared fields", "'select' the fields that become columns"};
  }
  return OpenSink([options = std::move(options)](int worker) -> Result<std::unique_ptr<Sink>> {
    auto made = std::make_unique<FolderSink>(options, worker);
    if (Status s = made->mend(); !s) return s.error();
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
