#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/numbers.h"

namespace weir::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMapBytes = std::int64_t{1} << 30;  // Of a task's state, to begin with.
constexpr std::int64_t kOwnBytes = std::int64_t{2} << 30;
constexpr std::int64_t kFreeBad = 100'000'000;
constexpr std::int64_t kFreeWarn = 1'000'000'000;

std::int64_t limit_of(__rlimit_resource what) {
  struct rlimit limit {};
  if (getrlimit(what, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
  return static_cast<std::int64_t>(limit.rlim_cur);
}

// The file system that holds `path`, as the kernel's list of mounts calls it.
std::string kind_of(const fs::path& path) {
  std::ifstream mounts("/proc/self/mounts");
  std::string best;
  std::string kind;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string device;
    std::string at;
    std::string type;
    words >> device >> at >> type;
    const bool holds = at == "/" || path == at || path.string().starts_with(at + "/");
    if (!holds || at.size() < best.size()) continue;
    best = at;
    kind = type;
  }
  return kind;
}

// The process that holds the lock of the owner file; see JobDirectory.
std::string owner_of(const fs::path& directory) {
  const int file = ::open((directory / "owner").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  const bool is_held = ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  if (!is_held) return "";
  std::ifstream owner(directory / "owner");
  std::string first;
  std::string pid;
  std::getline(owner, first);
  std::getline(owner, pid);
  return pid.empty() ? "unknown" : pid;
}

std::int64_t bytes_in(const fs::path& directory) {
  std::int64_t bytes = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code unknown;
    if (at->is_regular_file(unknown)) bytes += static_cast<std::int64_t>(at->file_size(unknown));
  }
  return bytes;
}

bool is_of_a_network(const std::string& kind) {
  return kind.starts_with("nfs") || kind == "cifs" || kind == "smb3" || kind == "9p" ||
         kind.starts_with("fuse") || kind == "ceph" || kind == "glusterfs";
}

}  // namespace

HostLimits host_limits() {
  return {limit_of(RLIMIT_NOFILE), limit_of(RLIMIT_AS), limit_of(RLIMIT_FSIZE)};
}

void judge_limits(const HostLimits& limits, std::int64_t tasks, std::int64_t clients,
                  Findings& into) {
  // Three files of state for each task, some sockets for each client, and what a process has
  // anyway.
  const std::int64_t files = 64 + tasks * 3 + clients * 4;
  const std::string need = "this job needs about " + grouped(files);
  if (limits.open_files < 0) {
    into.ok("limits", "open files are not limited; " + need);
  } else if (limits.open_files < files) {
    into.bad("limits", "at most " + grouped(limits.open_files) + " open files; " + need,
             "raise it: ulimit -n, or LimitNOFILE= of the unit");
  } else if (limits.open_files < 2 * files) {
    into.warn("limits", "at most " + grouped(limits.open_files) + " open files; " + need,
              "raise it before more partitions come: ulimit -n, or LimitNOFILE= of the unit");
  } else {
    into.ok("limits", "at most " + grouped(limits.open_files) + " open files; " + need);
  }
  const std::int64_t address = kOwnBytes + tasks * kMapBytes;
  if (limits.address_bytes >= 0 && limits.address_bytes < address) {
    into.bad("limits",
             "address space is limited to " +
                 bytes_text(static_cast<double>(limits.address_bytes)) +
                 "; state is mapped, which takes about " +
                 bytes_text(static_cast<double>(address)) + " of it, and no memory",
             "ulimit -v unlimited; LimitAS=infinity");
  }
  if (limits.file_bytes >= 0) {
    into.warn("limits",
              "a file may grow to " + bytes_text(static_cast<double>(limits.file_bytes)) +
                  "; a task's state is one file",
              "ulimit -f unlimited; LimitFSIZE=infinity");
  }
}

StatePlace look_at_state(const fs::path& state_dir, const std::string& job) {
  StatePlace place;
  std::error_code failed;
  place.job = fs::absolute(state_dir, failed) / job;
  place.is_there = fs::is_directory(place.job, failed);
  fs::path there = place.job;
  while (!fs::exists(there, failed) && there.has_parent_path() && there != there.parent_path()) {
    there = there.parent_path();
  }
  const bool is_folder = fs::is_directory(there, failed);
  place.is_writable = is_folder && ::access(there.c_str(), W_OK | X_OK) == 0;
  if (!is_folder) {
    place.why = there.string() + " is no folder";
  } else if (!place.is_writable) {
    place.why = "this user may not write in " + there.string();
  }
  place.owner = owner_of(place.job);
  place.kind = kind_of(there);
  struct statvfs disk {};
  if (::statvfs(there.c_str(), &disk) == 0) {
    place.free_bytes =
        static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
  }
  if (place.is_there) place.used_bytes = bytes_in(place.job);
  return place;
}

void judge_state(const StatePlace& place, Findings& into) {
  const std::string path = place.job.string();
  if (!place.is_writable) {
    into.bad("state", path + ": " + place.why,
             "run this as the user of the job, or give it another --state-dir");
  } else if (!place.owner.empty()) {
    into.ok("state", path + " is in use by process " + place.owner + ": the job runs here");
  } else {
    into.ok("state",
            path + (place.is_there ? ": " + bytes_text(static_cast<double>(place.used_bytes)) +
                                         ", in use by nobody"
                                   : ": is not there, and can be made"));
  }
  if (is_of_a_network(place.kind)) {
    into.bad("disk", "it lies on " + place.kind + ": locks and maps of files do not hold there",
             "give the job a local disk; its changelogs bring the state there");
  } else if (place.kind == "tmpfs" || place.kind == "ramfs") {
    into.warn("disk", "it lies in memory (" + place.kind + "): gone when the machine restarts",
              "a disk spares reading the changelogs again");
  }
  const std::string free = bytes_text(static_cast<double>(place.free_bytes)) + " are free" +
                           (place.kind.empty() ? "" : " on " + place.kind);
  if (place.free_bytes < 0) {
    into.unknown("disk", "how much space is left is not told");
  } else if (place.free_bytes < kFreeBad) {
    into.bad("disk", "only " + free, "free some: a full disk stops the job");
  } else if (place.free_bytes < std::max(kFreeWarn, place.used_bytes / 2)) {
    into.warn(
        "disk",
        "only " + free + "; the state takes " + bytes_text(static_cast<double>(place.used_bytes)),
        "weir explain says how large it may become");
  } else {
    into.ok("disk", free);
  }
}

}  // namespace weir::cli
