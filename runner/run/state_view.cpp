#include "run/state_view.h"

#include <algorithm>
#include <charconv>

#include "state/lmdb_environment.h"

namespace weir::run {

namespace {

namespace fs = std::filesystem;
constexpr std::chrono::milliseconds kLookMax{200};

// "1_0" in two.
bool read_task(const std::string& name, int& sub_topology, int& partition) {
  const std::size_t middle = name.find('_');
  if (middle == std::string::npos) return false;
  const auto number = [](std::string_view text, int& into) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc() && end == text.data() + text.size();
  };
  return number(std::string_view(name).substr(0, middle), sub_topology) &&
         number(std::string_view(name).substr(middle + 1), partition);
}

}  // namespace

Result<std::vector<TaskState>> tasks_in(const fs::path& job_directory) {
  std::vector<std::pair<std::pair<int, int>, TaskState>> found;
  std::error_code failed;
  for (fs::directory_iterator at(job_directory, failed), end; at != end && !failed;
       at.increment(failed)) {
    int sub_topology = 0;
    int partition = 0;
    const std::string name = at->path().filename().string();
    if (!read_task(name, sub_topology, partition)) continue;
    found.push_back({{sub_topology, partition}, {at->path(), name, partition}});
  }
  if (failed == std::errc::permission_denied) {
    return Error{job_directory.string() + ": " + failed.message()};
  }
  if (found.empty()) {
    return Error{"there is no state in " + job_directory.string(),
                 "it lies on the machines that ran the job; --state-dir says where"};
  }
  std::ranges::sort(found, {}, [](const auto& one) { return one.first; });
  std::vector<TaskState> tasks;
  for (auto& one : found) tasks.push_back(std::move(one.second));
  return tasks;
}

Result<std::unique_ptr<TaskLook>> TaskLook::open(const TaskState& task) {
  std::unique_ptr<TaskLook> look(new TaskLook(task.directory));
  if (Result<state::Snapshot*> first = look->now(); !first) return first.error();
  return look;
}

Result<state::Snapshot*> TaskLook::now() {
  if (snapshot_ && Clock::now() - taken_ < kLookMax) return snapshot_.get();
  snapshot_.reset();  // LMDB wants one look at a time in a process.
  Result<std::unique_ptr<state::Snapshot>> opened = state::open_snapshot(directory_);
  if (!opened) return opened.error();
  snapshot_ = std::move(*opened);
  taken_ = Clock::now();
  return snapshot_.get();
}

Status StoreOnDisk::scan(Bytes from, Bytes to, BytesStore::Visit visit) {
  Result<state::Snapshot*> snapshot = look_.now();
  if (!snapshot) return snapshot.error();
  try {
    (*snapshot)->scan(store_, from, to, visit);
  } catch (const BrokenWorld& broken) {
    return Error{broken.what()};
  }
  return {};
}

}  // namespace weir::run
