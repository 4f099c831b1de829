// The directory of a job's state: <state_dir>/<job>. One process has it at a time, and the name by
// which an instance is known to its group and to the brokers' transactions lives in it.
//
//   <state_dir>/<job>/owner            who has it; see state/directory.h
//   <state_dir>/<job>/instance         "<instance id> <machine id>\n"
//   <state_dir>/<job>/<task>/data.mdb  the stores of a task, <task> = <sub-topology>_<partition>
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/layout.h"
#include "engine/task.h"
#include "state/directory.h"
#include "state/environment.h"
#include <weir/error.h>

namespace weir::engine {

class JobDirectory {
 public:
  // An Error names the process that has it, or what cannot be written.
  static Result<std::unique_ptr<JobDirectory>> claim(const std::filesystem::path& state_dir,
                                                     const std::string& job);

  // The same for every start on this machine. A copy of the directory on another machine gets a
  // new one: two members of one name would throw each other out.
  const std::string& instance_id() const { return instance_id_; }

  // An Error, whose position is kDoesNotFit, when the state of any task that lies here is of
  // another topology. Asked before the group is joined: a task may come late, or to another
  // instance.
  Status check(const Topology& topology, const Layout& layout) const;

  // The stores of a task. An Error whose position is kDoesNotFit: they are of another topology;
  // kInUseHere: another worker of this process has them.
  Result<std::unique_ptr<state::Environment>> open(TaskId id, const std::string& fingerprint,
                                                   state::Environment::Options options) const;

 private:
  explicit JobDirectory(state::Directory directory) : directory_(std::move(directory)) {}
  Status know_instance();

  state::Directory directory_;
  std::string instance_id_;
};

// The id of this machine, or of this boot of it where there is none.
std::string machine_id();

}  // namespace weir::engine
