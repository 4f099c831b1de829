#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include <unistd.h>

#include "sink/compress.h"
#include "sink/csv_line.h"
#include "sink/open_file.h"
#include "sink/retry_clock.h"
#include <weir/folder_sink.h>
#include <weir/time_format.h>

namespace weir {

namespace {

namespace fs = std::filesystem;
using sink::FileStatus;
using sink::OpenFile;
using sink::RetryClock;

constexpr std::size_t kPendingBytesMax = std::size_t{4} << 20;  // In memory before a flush.
constexpr std::size_t kRoom = std::size_t{64} << 10;            // That makes a disk not full.
constexpr std::size_t kFilesMax = 256;                          // Open at a time.
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

FileStatus make_folder(const std::string& path) {
  std::error_code fault;
  fs::create_directories(path, fault);
  return fault ? FileStatus{fault.value(), path + ": " + fault.message()} : FileStatus();
}

class FolderSink final : public Sink {
 public:
  FolderSink(const FolderOptions& options, int worker)
      : options_(options), worker_(worker), csv_(options.columns), clock_(options.retry) {}
  ~FolderSink() override { close(); }

  SinkAnswer begin() {
    const FileStatus status = make_folder(options_.path);
    return status.error == ENOENT ? RetryClock::answer(SinkAnswer::What::never, status.why)
                                  : told(status);
  }

  SinkAnswer probe() override {
    if (clock_.resting()) return clock_.waiting();
    FileStatus status = make_folder(options_.path);
    if (status) status = mend_resumed();
    if (status) status = try_to_write();
    if (!status) return told(status);
    clock_.answered();
    return {};
  }

  // Whatever may fail comes before the first of them is taken, so that all may come again.
  SinkAnswer write(std::span<const SinkRecord> batch) override {
    if (clock_.resting()) return clock_.waiting();
    FileStatus status = mend_resumed();
    if (status && pending_bytes_ >= kPendingBytesMax) status = write_pending();
    if (!status) return told(status);
    SinkAnswer answer;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (Status s = take(batch[i], writing_of(batch[i])); !s) {
        answer.refused.push_back({i, s.error().to_string()});
      }
    }
    // Should that fail, the next call says so.
    if (pending_bytes_ >= kPendingBytesMax) (void)write_pending();
    return answer;
  }

  SinkAnswer flush() override {
    if (clock_.resting()) return clock_.waiting();
    FileStatus status = mend_resumed();
    for (auto it = writing_.begin(); status && it != writing_.end(); ++it) {
      status = flush(it->first, it->second);
    }
    if (status) clock_.succeeded();
    return told(status);
  }

  // What is committed may be seen.
  SinkAnswer settle() override {
    if (clock_.resting()) return clock_.waiting();
    FileStatus status;
    for (auto it = writing_.begin(); status && it != writing_.end();) {
      Writing& writing = it->second;
      if (writing.is_flushed()) {
        std::int64_t& settled = sources_[it->first.source].settled;
        settled = std::max(settled, writing.number);
      }
      const bool finished = writing.is_flushed() && is_due(writing);
      if (finished) status = writing.file->finish();
      const bool done = finished ? static_cast<bool>(status) : writing.is_nothing();
      it = done ? writing_.erase(it) : std::next(it);
    }
    if (status) status = finish_orphans();
    return told(status);
  }

  SinkAnswer resume(const SinkSource& source, const SinkStart& start) override {
    sources_[source] = {start.owner, start.number};
    const auto [first, last] = of(source);
    for (auto it = first; it != last; ++it) {
      // What cannot be cut is mended as if somebody else had left it.
      if (it->second.file) (void)it->second.file->finish_at(start.number);
    }
    forget(first, last);
    resumed_[source] = start;
    if (clock_.resting()) return {};
    SinkAnswer answer = told(mend_resumed());
    // Nothing is written before that is done.
    return answer.what == SinkAnswer::What::never ? answer : SinkAnswer{};
  }

  // What is not known to be committed stays as it is, for who goes on with this source.
  void release(const SinkSource& source) override {
    const auto [first, last] = of(source);
    for (auto it = first; it != last; ++it) {
      Writing& writing = it->second;
      const bool settled = writing.is_flushed() && sources_[source].settled >= writing.number;
      if (settled) (void)writing.file->finish();
    }
    forget(first, last);
    sources_.erase(source);
    resumed_.erase(source);
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
    bool is_nothing() const { return !file && pending.empty(); }
  };
  using Files = std::map<Place, Writing>;
  struct Source {
    std::int64_t owner = 0;
    std::int64_t settled = 0;  // Number of the last result that is known to be committed.
  };

  // A disk is waited for as a server is.
  SinkAnswer told(const FileStatus& status) {
    if (status) return {};
    if (status.lasts()) return RetryClock::answer(SinkAnswer::What::never, status.why);
    return clock_.failed(status.why);
  }

  std::pair<Files::iterator, Files::iterator> of(const SinkSource& source) {
    const auto first = writing_.lower_bound({source, ""});
    auto last = first;
    while (last != writing_.end() && last->first.source == source) ++last;
    return {first, last};
  }

  void forget(Files::iterator first, Files::iterator last) {
    for (auto it = first; it != last; ++it) pending_bytes_ -= it->second.pending.size();
    writing_.erase(first, last);
  }

  // Whether the disk takes something again. Should the process die now, the rest is an orphan
  // without results.
  FileStatus try_to_write() const {
    const std::string name = options_.name + "-room-" + std::to_string(worker_);
    const OpenFile::Left room{options_.path, name, getpid()};
    return sink::try_to_write(room.path(), kRoom);
  }

  // ---- What others have left -------------------------------------------------------------------

  using Left = OpenFile::Left;

  // "part-0_3-": what files of that source begin with.
  std::string prefix_of(const SinkSource& source) const {
    return options_.name + "-" + std::to_string(source.sub_topology) + "_" +
           std::to_string(source.partition) + "-";
  }

  FileStatus left_files(const std::string& prefix, std::vector<Left>& left) const {
    std::error_code fault;
    for (fs::recursive_directory_iterator it(options_.path, fault), end; !fault && it != end;
         it.increment(fault)) {
      const auto found =
          OpenFile::read_name(it->path().parent_path().string(), it->path().filename().string());
      if (found && found->name.starts_with(prefix)) left.push_back(*found);
    }
    return fault ? FileStatus{fault.value(), options_.path + ": " + fault.message()} : FileStatus();
  }

  FileStatus mend_resumed() {
    while (!resumed_.empty()) {
      const auto& [source, start] = *resumed_.begin();
      if (FileStatus s = mend(source, start); !s) return s;
      resumed_.erase(resumed_.begin());
    }
    return {};
  }

  // An earlier owner of the source was killed, or is cut off and may not know it yet.
  FileStatus mend(const SinkSource& source, const SinkStart& start) {
    const std::string prefix = prefix_of(source);
    std::vector<Left> left;
    if (FileStatus s = left_files(prefix, left); !s) return s;
    const std::string same = prefix + std::to_string(source.since) + "-";
    for (const Left& one : left) {
      // What an owner flushed is good as far as he was the one who committed: who committed last,
      // to the end; those before, to where he has taken over.
      std::int64_t until = one.owner == start.last_owner ? start.number : start.last_number;
      // Of another life of the job: its numbers say nothing here. What never was committed comes
      // again now.
      if (!one.name.starts_with(same)) {
        bool settled = false;
        if (FileStatus s = OpenFile::look_settled(one, settled); !s) return s;
        until = settled ? OpenFile::kAll : 0;
      }
      if (FileStatus s = OpenFile::mend(one, until); !s) return s;
    }
    return {};
  }

  // Of sources that went elsewhere when their process was killed: nobody here will be asked to go
  // on with them. Whether their last flush was committed is not known here: better twice than
  // never.
  FileStatus finish_orphans() {
    const auto now = std::chrono::steady_clock::now();
    if (worker_ != 0 || now - looked_ < kOrphanWait) return {};
    looked_ = now;
    std::vector<Left> left;
    if (FileStatus s = left_files(options_.name + "-", left); !s) return s;
    for (const Left& one : left) {
      if (OpenFile::is_owned(one)) continue;
      if (FileStatus s = OpenFile::mend(one, OpenFile::kAll); !s) return s;
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
    const std::size_t before = to.pending.size();
    if (options_.format == FolderFormat::csv) {
      if (Status s = csv_.append(record.value.value_or("null"), to.pending); !s) return s;
    } else {
      to.pending += record.value.value_or("null");
      to.pending += '\n';
    }
    pending_bytes_ += to.pending.size() - before;
    ++to.records;
    to.number = record.number;
    to.flushed = false;
    return {};
  }

  FileStatus open(const Place& place, Writing& writing) {
    if (FileStatus s = make_folder(place.folder); !s) return s;
    const std::string name = prefix_of(place.source) + std::to_string(place.source.since) + "-" +
                             std::to_string(writing.first) +
                             (options_.format == FolderFormat::csv ? ".csv" : ".jsonl") +
                             std::string(sink::ending_of(options_.compress));
    const std::int64_t owner = sources_[place.source].owner;
    FileStatus made = OpenFile::create(place.folder, name, owner, writing.file);
    if (made && options_.format == FolderFormat::csv) {
      writing.pending.insert(0, csv_.head());
      pending_bytes_ += csv_.head().size();
    }
    return made;
  }

  FileStatus write_pending() {
    for (auto& [place, writing] : writing_) {
      if (FileStatus s = write_pending(place, writing); !s) return s;
    }
    return {};
  }

  FileStatus write_pending(const Place& place, Writing& writing) {
    if (writing.pending.empty()) return {};
    if (!writing.file) {
      if (FileStatus s = open(place, writing); !s) return s;
    }
    frame_.clear();
    sink::append_frame(frame_, writing.pending, options_.compress);
    if (FileStatus s = writing.file->append(frame_); !s) return s;
    pending_bytes_ -= writing.pending.size();
    writing.pending.clear();
    return {};
  }

  FileStatus flush(const Place& place, Writing& writing) {
    if (writing.flushed) return {};
    if (FileStatus s = write_pending(place, writing); !s) return s;
    FileStatus flushed = writing.file->flush(writing.number, sources_[place.source].settled);
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
  const int worker_;
  sink::CsvLines csv_;
  RetryClock clock_;
  Files writing_;
  std::size_t pending_bytes_ = 0;
  std::map<SinkSource, Source> sources_;
  std::map<SinkSource, SinkStart> resumed_;  // What they had left is not mended yet.
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
    SinkAnswer begun = made->begin();  // A full disk it waits for, then as later.
    if (begun.what == SinkAnswer::What::never) return Error{begun.why};
    return std::unique_ptr<Sink>(std::move(made));
  });
}

}  // namespace weir
