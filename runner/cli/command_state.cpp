#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/job_file.h"
#include "cli/layout.h"
#include "cli/numbers.h"
#include "cli/state_print.h"
#include "compile/state_rows.h"
#include "run/job_setup.h"
#include "run/state_view.h"

namespace weir::cli {

namespace {

using run::TaskLook;
using run::TaskState;

constexpr std::int64_t kScanned = 20;  // Unless --limit says otherwise.

struct Wish {
  std::string job;
  std::string store;
  compile::StateWish rows;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> partition;
  bool json = false;
};

int complain(Terminal& terminal, const Error& error, int code) {
  return terminal.complain("weir state: " + error.to_string()), code;
}

int list(const Wish& wish, const compile::StateRows& rows, const std::vector<TaskState>& tasks,
         Terminal& terminal) {
  std::vector<StoreLine> stores;
  std::vector<DiskLine> disks;
  for (const TaskState& task : tasks) {
    Result<std::unique_ptr<TaskLook>> look = TaskLook::open(task);
    if (!look) return complain(terminal, look.error(), kStateIo);
    Result<state::Snapshot*> now = (*look)->now();
    if (!now) return complain(terminal, now.error(), kStateIo);
    const state::DiskUsage usage = (*now)->disk_usage();
    disks.push_back({task.task, usage.bytes_used, usage.bytes_mapped});
    for (const std::string& name : (*now)->stores()) {
      const state::StoreUsage held = (*now)->usage(name);
      run::StoreOnDisk source(**look, name);
      const std::string_view kind = rows.kind(name);
      stores.push_back({name, std::string(kind.empty() ? "not of this job" : kind), task.task,
                        task.partition, held.rows, held.bytes,
                        compile::StateRows::time_of(source)});
    }
  }
  terminal.print(wish.json ? state_json(wish.job, stores, disks) + "\n"
                           : state_text(stores, disks, Terminal::result_columns()));
  return kGood;
}

int show_rows(const Wish& wish, const compile::StateRows& rows, const std::vector<TaskState>& tasks,
              Terminal& terminal) {
  std::int64_t shown = 0;
  bool more = false;
  for (const TaskState& task : tasks) {
    if (wish.partition && *wish.partition != task.partition) continue;
    Result<std::unique_ptr<TaskLook>> look = TaskLook::open(task);
    if (!look) return complain(terminal, look.error(), kStateIo);
    run::StoreOnDisk source(**look, wish.store);
    const Status read = rows.read(wish.store, wish.rows, source, [&](std::string_view members) {
      if (wish.limit && shown == *wish.limit) return more = true, false;
      ++shown;
      terminal.print(wish.json ? row_json(wish.store, task.partition, members) + "\n"
                               : folded(row_text(task.partition, members) + "\n", 3,
                                        Terminal::result_columns()));
      return std::ferror(stdout) == 0;
    });
    if (!read) return complain(terminal, read.error(), kStateIo);
    if (more) break;
  }
  if (more) terminal.say("there is more: --limit N shows so many rows, weir state dump all");
  if (shown == 0) terminal.say("nothing of it is there");
  return shown == 0 && wish.rows.key ? kFailed : kGood;
}

int read_wish(const Call& call, const std::string& action, Wish& wish, Terminal& terminal) {
  const auto wrong = [&](const std::string& text) {
    return terminal.complain("weir state: " + text), kUsage;
  };
  if (call.operands().size() > 2) wish.store = call.operands()[2];
  if (action != "list" && wish.store.empty())
    return wrong(action + " takes a job file and a store");
  if (action == "list" && !wish.store.empty()) return wrong("list takes a job file");
  wish.json = call.value_or("--output", "text") == "json";
  wish.rows.key = call.value("--key");
  if (action == "get" && !wish.rows.key) return wrong("get takes --key KEY");
  if (!read_time_flag(call.value_or("--from", ""), wish.rows.from) ||
      !read_time_flag(call.value_or("--to", ""), wish.rows.to)) {
    return wrong("--from and --to take times such as 2025-11-24T10:50:00Z");
  }
  wish.limit = integer_of(call, "--limit");
  if (call.has("--limit") && !wish.limit) return wrong("--limit takes a number");
  if (action == "scan" && !wish.limit) wish.limit = kScanned;
  wish.partition = integer_of(call, "--partition");
  if (call.has("--partition") && !wish.partition) return wrong("--partition takes a number");
  return kGood;
}

}  // namespace

int state(const Call& call, Terminal& terminal) {
  const std::string& action = call.operands().front();
  if (action != "list" && action != "get" && action != "scan" && action != "dump") {
    return terminal.complain("weir state: '" + action + "' is none of list, get, scan, dump"),
           kUsage;
  }
  Wish wish;
  if (const int code = read_wish(call, action, wish, terminal); code != kGood) return code;
  const Result<job::LoadOptions> options = load_options(call);
  if (!options) return complain(terminal, options.error(), kUsage);
  const JobFile file = read_job(call.operands()[1], *options);
  if (const int code = report_errors(file, terminal); code != kGood) return code;
  const job::JobPlan& plan = *file.loaded.plan;
  wish.job = plan.name;
  const compile::StateRows rows(plan);
  if (action != "list" && rows.kind(wish.store).empty()) {
    const std::vector<std::string> names = rows.names();
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    const std::string near = job::did_you_mean(wish.store, names);
    return complain(terminal,
                    Error{"the job '" + plan.name + "' has no store '" + wish.store + "'",
                          !near.empty() ? near
                          : all.empty() ? "it keeps no state"
                                        : "it has " + all},
                    kUsage);
  }
  std::string dir = plan.state.dir.empty() ? run::default_state_dir() : plan.state.dir;
  dir = job::Outside::of_process().environment("WEIR_STATE_DIR").value_or(dir);
  const auto tasks =
      run::tasks_in(std::filesystem::path(call.value_or("--state-dir", dir)) / plan.name);
  if (!tasks) return complain(terminal, tasks.error(), kStateIo);
  return action == "list" ? list(wish, rows, *tasks, terminal)
                          : show_rows(wish, rows, *tasks, terminal);
}

}  // namespace weir::cli
