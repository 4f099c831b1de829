// The waist: a topology is a plan, plain data. The DSL and the YAML runner produce it; the engine
// and the TestDriver consume it. Built once, validated in one place, printed, compared; each task
// instantiates its stages from it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weir/error.h>
#include <weir/stage.h>
#include <weir/time.h>

namespace weir {

// Where an input port of a stage takes its records from.
struct Edge {
  int from = 0;    // Index of the upstream stage.
  int output = 0;  // Which of its outputs.
  int port = 0;    // Which of our inputs.
  bool operator==(const Edge&) const = default;
};

// A store that a stage owns. Its changelog is the topic `<job>-<name>-changelog`.
struct StoreSpec {
  std::string name;
  std::string kind;      // "window", "join", "key_value", ...
  Duration retention{};  // How long a row is kept in event time, at least. Zero: until erased.
  std::string types{};   // What its rows hold, as the compiler names it: for fingerprint().
  bool operator==(const StoreSpec&) const = default;
};

enum class Role {
  source,            // Reads `topic`.
  repartition_read,  // Reads the repartition topic `topic`.
  inner,
  repartition_write,  // Writes the repartition topic `topic`.
  sink,               // Writes `topic`.
};

// One stage of the plan.
struct StageSpec {
  std::string kind{};     // The operator: "filter", "join", ...
  std::string name{};     // Unique. Chosen by the user for stages with state.
  std::string details{};  // Its options in words: part of describe() and of equality.
  Role role = Role::inner;
  std::string topic{};    // For sources, sinks and repartitions. The engine adds the job's prefix
                          // and suffix to names of repartition topics.
  int partitions = 0;     // Of a repartition topic; 0: as many as the sub-topology has tasks.
  bool same_key = false;  // Its ports must be partitioned alike: a join.
  Duration idle{};        // Of a source: when its time follows the clock. Zero: never.
  std::vector<Edge> inputs{};
  std::vector<StoreSpec> stores{};
  std::function<std::unique_ptr<Stage>()> make{};

  bool operator==(const StageSpec& other) const;  // All but `make`, which cannot be compared.
};

// A part of the topology between repartition topics: what one task runs.
struct SubTopology {
  std::vector<int> stages;  // In topological order.
  // Topics whose partition counts must be equal, one group per join.
  std::vector<std::vector<std::string>> same_partitions;
  bool operator==(const SubTopology&) const = default;
};

// What happens to a record that cannot be processed. A dead letter is the record as its source
// topic holds it. Where that has deleted it before a task behind a repartition topic refused it,
// the dead letter is the record of the repartition topic, in weir's own form, and says so.
enum class OnError {
  automatic,    // dead_letter when there is a topic for them; else stop, and for late records drop.
  dead_letter,  // To the dead-letter topic, and go on.
  drop,         // Counted, and go on.
  stop,         // The job ends with an error.
};

struct ErrorPolicy {
  std::string dead_letters;             // Topic; empty: none.
  OnError record = OnError::automatic;  // Records that cannot be read or processed.
  OnError decode = OnError::automatic;  // Those that cannot be read; automatic: as `record` says.
  OnError sink = OnError::automatic;    // Results that a sink refuses.
  OnError late = OnError::automatic;    // Records that came too late.
  bool keep_duplicates = false;         // Dropped duplicates become dead letters, too.
  bool operator==(const ErrorPolicy&) const = default;
};

enum class DescribeAs { text, json, dot };

// The plan. Immutable; copies share nothing but the stage makers.
class Topology {
 public:
  const std::vector<StageSpec>& stages() const { return stages_; }
  const std::vector<SubTopology>& sub_topologies() const { return sub_topologies_; }
  const ErrorPolicy& errors() const { return errors_; }
  int sub_topology_of(int stage) const { return owner_[static_cast<std::size_t>(stage)]; }

  // The plan in words, stable: kept as text in tests, shown by `weir explain`.
  std::string describe(DescribeAs format = DescribeAs::text) const;

  // Equal plans have the same stages, names, options, stores and topics.
  bool operator==(const Topology& other) const;

  // Changes when a change of the plan makes old state unreadable: names, kinds and order-free
  // details of the stores.
  std::string fingerprint(int sub_topology) const;

  // Cuts into sub-topologies and checks every rule; the error lists all that is wrong.
  static Result<Topology> make(std::vector<StageSpec> stages, ErrorPolicy errors,
                               std::vector<std::string> problems = {});

 private:
  std::vector<StageSpec> stages_;
  std::vector<SubTopology> sub_topologies_;
  std::vector<int> owner_;  // Sub-topology of each stage.
  ErrorPolicy errors_;
};

}  // namespace weir
