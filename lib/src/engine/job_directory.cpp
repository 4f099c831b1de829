#include "engine/job_directory.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <sstream>

#include "engine/worker.h"
#include "state/lmdb_environment.h"

namespace weir::engine {

namespace {

constexpr const char* kInstanceFile = "instance";

std::string new_id() {
  constexpr const char* kDigits = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 12; ++i) id += kDigits[random() % 16];
  return id;
}

std::string task_name(TaskId id) {
  return std::to_string(id.sub_topology) + "_" + std::to_string(id.partition);
}

}  // namespace

std::string machine_id() {
  std::string id;
  for (const char* file : {"/etc/machine-id", "/proc/sys/kernel/random/boot_id"}) {
    if (id.empty()) std::getline(std::ifstream(file), id);
  }
  return id.empty() ? "unknown" : id;
}

Result<std::unique_ptr<JobDirectory>> JobDirectory::claim(const std::filesystem::path& state_dir,
                                                          const std::string& job) {
  Result<state::Directory> claimed = state::Directory::claim(state_dir / job);
  if (!claimed) return claimed.error();
  std::unique_ptr<JobDirectory> directory(new JobDirectory(std::move(*claimed)));
  if (Status adopted = directory->directory_.adopt(); !adopted) return adopted.error();
  if (Status known = directory->know_instance(); !known) return known.error();
  return directory;
}

Status JobDirectory::know_instance() {
  const std::filesystem::path path = directory_.path() / kInstanceFile;
  std::string id, machine;
  std::ifstream(path) >> id >> machine;
  if (!id.empty() && machine == machine_id()) {
    instance_id_ = id;
    return {};
  }
  instance_id_ = new_id();
  // Renamed into its place: a crash leaves the old one or the new one.
  const std::filesystem::path fresh = directory_.path() / "instance.new";
  std::ofstream out(fresh);
  out << instance_id_ << ' ' << machine_id() << '\n';
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(fresh, path, failed);
  if (!out || failed) return Error{"cannot write " + path.string()};
  return {};
}

namespace {

// The names of stores that are not in both fingerprints alike: "a, b"; see Topology::fingerprint.
std::string changed_stores(const std::string& then, const std::string& now) {
  const auto parts_of = [](const std::string& fingerprint) {
    std::set<std::string> parts;
    std::istringstream in(fingerprint);
    for (std::string part; std::getline(in, part, ';');) parts.insert(part);
    return parts;
  };
  const std::set<std::string> before = parts_of(then);
  const std::set<std::string> after = parts_of(now);
  std::vector<std::string> differ;
  std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(),
                                std::back_inserter(differ));
  std::set<std::string> names;
  for (const std::string& part : differ) names.insert(part.substr(0, part.find(':')));
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "'" : ", '") + name + "'";
  return all;
}

// An Error when what the stores at `path` were written by keeps something else.
Status fits(const std::filesystem::path& path, const std::string& then, const std::string& now) {
  if (then.empty() || then == now) return {};
  return Error{"the state in " + path.string() +
                   " was written by another version of this job: it does not fit what the job "
                   "keeps now in " +
                   changed_stores(then, now),
               "reset the job to start anew, or give the changed job another name", kDoesNotFit};
}

}  // namespace

Status JobDirectory::check(const Topology& topology, const Layout& layout) const {
  for (std::size_t part = 0; part < topology.sub_topologies().size(); ++part) {
    const std::string now = topology.fingerprint(static_cast<int>(part));
    for (int partition = 0; partition < layout.tasks[part]; ++partition) {
      const auto path = directory_.path() / task_name({static_cast<int>(part), partition});
      const auto opening = state::look_at_lmdb(path);
      // What cannot be read is told by who opens it.
      if (!opening) continue;
      if (Status fit = fits(path, opening->fingerprint, now); !fit) return fit;
    }
  }
  return {};
}

Result<std::unique_ptr<state::Environment>> JobDirectory::open(
    TaskId id, const std::string& fingerprint, state::Environment::Options options) const {
  options.fingerprint = fingerprint;
  const std::filesystem::path path = directory_.path() / task_name(id);
  auto opened = state::open_lmdb(path, std::move(options));
  if (!opened && state::is_claimed_here(path)) {
    return Error{opened.error().text, opened.error().hint, kInUseHere};
  }
  if (!opened) return opened.error();
  if (Status fit = fits(path, (*opened)->opening().fingerprint, fingerprint); !fit) {
    return fit.error();
  }
  return opened;
}

}  // namespace weir::engine
