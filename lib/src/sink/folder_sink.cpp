#include <algorithm>
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
constexpr std::size_t kFilesMax = 256;  // Open at a time.
constexpr std::chrono::seconds kOrphanWait{60};
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

// A name of a folder may have 255 bytes: of longer ones the end becomes a hash.
std::string short_name(std::string_view text) {
  constexpr std::size_t kNameMax = 160;
  std::string name = as_name(text);
  if (name.size() <= kNameMax) return name;
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a.
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  name.resize(kNameMax);
  for (int shift = 60; shift >= 0; shift -= 4) name += "0123456789abcdef"[hash >> shift & 15];
  return name;
}

class FolderSink final : public Sink {
 public:
  FolderSink(const FolderOptions& options, int worker)
      : options_(options), is_first_(worker == 0), csv_(options.columns) {}
  ~FolderSink() override { close(); }

  Status begin() {
    std::error_code fault;
    fs::create_directories(options_.path, fault);
    if (fault) return Error{options_.path + ": " + fault.message()};
    return {};
  }

  SinkAnswer write(std::span<const SinkRecord> batch) override {
    SinkAnswer answer;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Writing& to = writing_of(batch[i]);
      if (Status s = take(batch[i], to); !s) {
        answer.refused.push_back({i, s.error().to_string()});
        continue;
      }
      if (to.pending.size() < kPendingBytesMax) continue;
      if (Status s = write_pending(to); !s) return never(s);
    }
    for (auto& [place, writing] : writing_) {
      if (writing.file || writing.pending.empty()) continue;
      if (Status s = open(place, writing); !s) return never(s);
    }
    return answer;
  }

  SinkAnswer flush() override {
    for (auto& [place, writing] : writing_) {
      if (Status s = flush(place, writing); !s) return never(s);
    }
    return {};
  }

  // What is committed may be seen.
  SinkAnswer settle() override {
    for (auto it = writing_.begin(); it != writing_.end();) {
      Writing& writing = it->second;
      if (writing.is_flushed()) {
        std::int64_t& settled = sources_[it->first.source].settled;
        settled = std::max(settled, writing.number);
      }
      const bool finished = writing.is_flushed() && is_due(writing);
      if (finished) {
        if (Status s = writing.file->finish(); !s) return never(s);
      }
      it = finished || !writing.file ? writing_.erase(it) : std::next(it);
    }
    Status orphans = finish_orphans();
    return orphans ? SinkAnswer{} : never(orphans);
  }

  SinkAnswer resume(const SinkSource& source, const SinkStart& start) override {
    sources_[source] = {start.owner, start.number};
    const auto [first, last] = of(source);
    for (auto it = first; it != last; ++it) {
      if (!it->second.file) continue;
      if (Status s = it->second.file->finish_at(start.number); !s) return never(s);
    }
    writing_.erase(first, last);
    Status mended = mend(source, start);
    return mended ? SinkAnswer{} : never(mended);
  }

  // What is not known to be committed stays as it is, for who goes on with this source.
  void release(const SinkSource& source) override {
    const auto [first, last] = of(source);
    for (auto it = first; it != last; ++it) {
      Writing& writing = it->second;
      const bool settled = writing.is_flushed() && sources_[source].settled >= writing.number;
      if (settled) (void)writing.file->finish();
    }
    writing_.erase(first, last);
    sources_.erase(source);
  }

  void close() override {
    while (!writing_.empty()) release(SinkSource(writing_.begin()->first.source));
  }

 private:
  struct Place {
    SinkSource source;
    std::string folder;
    auto operator<=>(const Place&) const = default;
  };
  struct Writing {
    std::int64_t first = 0;  // Result in it.
    std::optional<OpenFile> file{};
    std::string pending{};  // Lines of the next frame.
    std::uint64_t records = 0;
    std::int64_t number = 0;  // Of its last result.
    bool flushed = true;
    bool is_flushed() const { return file && flushed; }
  };
  using Files = std::map<Place, Writing>;
  struct Source {
    std::int64_t owner = 0;
    std::int64_t settled = 0;  // Number of the last result that is known to be committed.
  };

  static SinkAnswer never(const Status& status) {
    return {.what = SinkAnswer::What::never, .why = status.error().to_string(), .refused = {}};
  }

  std::pair<Files::iterator, Files::iterator> of(const SinkSource& source) {
    const auto first = writing_.lower_bound({source, ""});
    auto last = first;
    while (last != writing_.end() && last->first.source == source) ++last;
    return {first, last};
  }

  // ---- What others have left -------------------------------------------------------------------

  using Left = OpenFile::Left;

  // "part-0_3-": what files of that source begin with.
  std::string prefix_of(const SinkSource& source) const {
    return options_.name + "-" + std::to_string(source.sub_topology) + "_" +
           std::to_string(source.partition) + "-";
  }

  Result<std::vector<Left>> left_files(const std::string& prefix) const {
    std::vector<Left> left;
    std::error_code fault;
    for (fs::recursive_directory_iterator it(options_.path, fault), end; !fault && it != end;
         it.increment(fault)) {
      const auto found =
          OpenFile::read_name(it->path().parent_path().string(), it->path().filename().string());
      if (found && found->name.starts_with(prefix)) left.push_back(*found);
    }
    // Folders come and go while another process is at work.
    if (fault && fault != std::errc::no_such_file_or_directory) {
      return Error{options_.path + ": " + fault.message()};
    }
    return left;
  }

  // An earlier owner of the source was killed, or is cut off and may not know it yet.
  Status mend(const SinkSource& source, const SinkStart& start) {
    const std::string prefix = prefix_of(source);
    const Result<std::vector<Left>> left = left_files(prefix);
    if (!left) return left.error();
    const std::string same = prefix + std::to_string(source.since) + "-";
    for (const Left& one : *left) {
      // What an owner flushed is good as far as he was the one who committed: who committed last,
      // to the end; those before, to where he has taken over.
      std::int64_t until = one.owner == start.last_owner ? start.number : start.last_number;
      // Of another life of the job: its numbers say nothing here. What never was committed comes
      // again now.
      if (!one.name.starts_with(same)) until = OpenFile::is_settled(one) ? OpenFile::kAll : 0;
      if (Status s = OpenFile::mend(one, until); !s) return s;
    }
    return {};
  }

  // Of sources that went elsewhere when their process was killed: nobody here will be asked to go
  // on with them. Whether their last flush was committed is not known here: better twice than
  // never.
  Status finish_orphans() {
    const auto now = std::chrono::steady_clock::now();
    if (!is_first_ || now - looked_ < kOrphanWait) return {};
    looked_ = now;
    const Result<std::vector<Left>> left = left_files(options_.name + "-");
    if (!left) return left.error();
    for (const Left& one : *left) {
      if (OpenFile::is_owned(one)) continue;
      if (Status s = OpenFile::mend(one, OpenFile::kAll); !s) return s;
    }
    return {};
  }

  // ---- Files -----------------------------------------------------------------------------------

  std::string folder_of(const SinkRecord& record) const {
    if (options_.by == FolderBy::nothing) return options_.path;
    if (options_.by == FolderBy::key) {
      const std::string key = record.key ? short_name(*record.key) : std::string(kNoKey);
      return options_.path + "/" + as_name(options_.key_name) + "=" + key;
    }
    std::string text;
    if (!append_time_text(text, record.timestamp)) return options_.path + "/date=" + "__none__";
    std::string folder = options_.path + "/date=" + text.substr(0, 10);
    if (options_.by == FolderBy::hour) folder += "/hour=" + text.substr(11, 2);
    return folder;
  }

  Writing& writing_of(const SinkRecord& record) {
    Writing& writing = writing_[{record.source, folder_of(record)}];
    if (writing.records == 0) writing.first = record.number;
    return writing;
  }

  Status take(const SinkRecord& record, Writing& to) {
    if (options_.format == FolderFormat::csv) {
      if (Status s = csv_.append(record.value.value_or("null"), to.pending); !s) return s;
    } else {
      to.pending += record.value.value_or("null");
      to.pending += '\n';
    }
    ++to.records;
    to.number = record.number;
    to.flushed = false;
    return {};
  }

  Status open(const Place& place, Writing& writing) {
    std::error_code fault;
    fs::create_directories(place.folder, fault);
    if (fault) return Error{place.folder + ": " + fault.message()};
    Result<OpenFile> made =
        OpenFile::create(place.folder,
                         prefix_of(place.source) + std::to_string(place.source.since) + "-" +
                             std::to_string(writing.first) +
                             (options_.format == FolderFormat::csv ? ".csv" : ".jsonl") +
                             std::string(sink::ending_of(options_.compress)),
                         sources_[place.source].owner);
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

  Status flush(const Place& place, Writing& writing) {
    if (writing.flushed) return {};
    if (!writing.file) {
      if (Status s = open(place, writing); !s) return s;
    }
    if (Status s = write_pending(writing); !s) return s;
    Status flushed = writing.file->flush(writing.number, sources_[place.source].settled);
    writing.flushed = static_cast<bool>(flushed);
    return flushed;
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
  const bool is_first_;  // Of the workers of this process.
  sink::CsvLines csv_;
  Files writing_;
  std::map<SinkSource, Source> sources_;
  std::string frame_;
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<OpenSink> folder_sink(FolderOptions options) {
  if (options.path.empty()) return Error{"a sink of files needs a folder"};
  if (options.format == FolderFormat::csv && options.columns.empty()) {
    return Error{"CSV needs declared fields", "'select' the fields that become columns"};
  }
  return OpenSink([options = std::move(options)](int worker) -> Result<std::unique_ptr<Sink>> {
    auto made = std::make_unique<FolderSink>(options, worker);
    if (Status s = made->begin(); !s) return s.error();
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
