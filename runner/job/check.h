// The walk over a job that turns it into a plan. For load.h, which is what to include.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "job/diagnostic.h"
#include "job/plan.h"
#include "job/yaml.h"

namespace weir::job {

// What is known of records between two steps.
struct Flow {
  Schema schema;
  std::vector<std::string> keyed_by;  // Columns the partition follows from; empty: not known.
  std::int64_t delay_ms = 0;
  bool idles = true;  // False when a stream never counts as idle.
  // Whether its records are still those of source topics: topic(), partition(), offset() and
  // arrival_time() may be asked.
  bool knows_place = false;
  std::string row;   // "stream 'orders'": for messages.
  std::string word;  // What one record is: "order".
  std::vector<std::string> notes;
  // With `fields: any`: the stream that learns of new columns, and those of joined records.
  std::string open_stream;
  std::vector<std::pair<std::string, std::string>> open_prefixes;
};

// Columns that expressions named of streams with `fields: any`.
using Learned = std::map<std::string, std::vector<std::string>>;

// Of the servers of sinks.
void check_addresses(const JobPlan& plan, Diagnostics& found);

class JobChecker {
 public:
  JobChecker(const Node& root, Diagnostics& found, Learned& learned)
      : root_(root), found_(found), learned_(learned) {}

  JobPlan run();

 private:
  // What an expression of a key may be.
  struct Use {
    bool clock_allowed = false;
    const expression::Type* wanted = nullptr;
  };

  // check_job.cpp: streams and pipelines.
  void read_streams();
  void read_stream(const Node& key, const Node& node);
  void read_pipelines();
  bool visit_pipeline(std::size_t index);
  bool read_pipeline(const Node& key, const Node& node);
  std::optional<Flow> read_sources(const Node& from, PipelinePlan& plan);
  bool merge(Flow& flow, const Flow& other, const Node& at);
  void read_route(const Node& route, Flow& flow, PipelinePlan& plan);
  std::optional<Origin> find_origin(const Node& name);
  Flow flow_of(Origin origin) const;
  std::vector<std::string> pipelines_named_in(const Node& pipeline) const;
  void check_uses();
  void check_streams_used();
  void check_pipelines_used();
  void later(std::string_view what, Place place);
  void refuse_settings();

  // check_expression.cpp: expressions in their places.
  std::optional<Program> program(const Node& scalar, Flow& flow, Use use);
  std::optional<Program> condition(const Node& scalar, Flow& flow, bool warn_of_null);
  std::vector<Program> programs(const Node& one_or_list, Flow& flow);
  void report(const Node& scalar, const expression::Fault& fault, Severity severity);
  void learn(const Node& scalar, Flow& flow, std::size_t known);
  bool may_ask_place(const Node& scalar, const Program& program, const Flow& flow);
  void refuse_shape(const Node& scalar, const expression::Type& type);
  static std::vector<const Node*> entries(const Node& one_or_list);
  static std::string column_of(const Program& program, const Schema& schema);
  bool is_keyed_by(const Flow& flow, const std::vector<Program>& key) const;

  // check_steps.cpp: the simple steps.
  bool read_step(const Node& step, std::size_t number, Flow& flow, PipelinePlan& pipeline);
  bool read_filter(const Node& node, Flow& flow, StepPlan& step);
  bool read_assign(const Node& node, Flow& flow, StepPlan& step);
  bool read_unset(const Node& node, Flow& flow, StepPlan& step);
  bool read_key(const Node& node, Flow& flow, StepPlan& step);
  bool read_explode(const Node& node, Flow& flow, StepPlan& step);
  bool read_dedupe(const Node& node, Flow& flow, StepPlan& step);
  bool read_log(const Node& node, Flow& flow, StepPlan& step);
  void keep_keys(Flow& flow, const StepPlan& step, const Node& node);
  void name_result(Flow& flow, const StepPlan& step);
  void name_store(const Node* node, const PipelinePlan& pipeline, StepPlan& step);

  // check_join.cpp
  bool read_join(const Node& key, const Node& node, Flow& flow, StepPlan& step);
  bool read_join_keys(const Node& by, Flow& left, Flow& right, JoinPlan& join);
  bool read_join_span(const Node& key, const Node& node, JoinPlan& join);
  bool read_match(const Node& key, const Node& node, Flow& left, Flow& right, JoinPlan& join);
  void joined_row(const Flow& left, const Flow& right, JoinPlan& join, StepPlan& step);

  // check_aggregate.cpp
  bool read_aggregate(const Node& key, const Node& node, Flow& flow, StepPlan& step);
  bool read_window(const Node& key, const Node& node, AggregatePlan& plan);
  bool read_by(const Node& by, Flow& flow, AggregatePlan& plan, Schema& out);
  bool read_aggregated(const Node& node, Flow& flow, AggregatePlan& plan, Schema& out);
  bool read_aggregated_field(const std::string& name, const Node& scalar, Flow& flow,
                             AggregatePlan& plan, Schema& out);
  bool refuse_aggregate(const Node& scalar, const expression::Expr& call);
  bool add_argument(const Node& node, expression::ExprPtr part, Flow& flow, AggregatePlan& plan,
                    std::size_t& place, expression::Type& type);
  bool aggregate_parameter(const Node& node, const expression::Expr& call, RowAggregate& aggregate);

  // check_sinks.cpp
  std::vector<SinkPlan> read_sinks(const Node& key, const Node& node, Flow& flow);
  std::optional<SinkPlan> read_sink(const Node& key, const Node& node, Flow& flow);
  bool read_topic(const Node& node, Flow& flow, SinkPlan& sink);
  bool read_mongodb(const Node& node, Flow& flow, SinkPlan& sink);
  bool read_postgres(const Node& node, Flow& flow, SinkPlan& sink);
  bool read_file(const Node& node, Flow& flow, SinkPlan& sink);
  bool read_console(const Node& node, const Flow& flow, SinkPlan& sink);
  void read_batches(const Node& node, SinkPlan& sink);
  void read_retry(const Node& node, SinkPlan& sink);
  bool known_column(const Node& name, const Flow& flow);

  const Node& root_;
  Diagnostics& found_;
  Learned& learned_;
  JobPlan plan_;
  std::vector<Flow> stream_flows_;
  std::vector<Flow> pipeline_flows_;  // Of plan_.pipelines.
  std::vector<int> visited_;          // Of the file's pipelines: 0 no, 1 on the way, 2 done.
  std::vector<std::string> trail_;    // Pipelines on the way.
  std::map<std::string, std::size_t> pipeline_index_;  // Name to place in plan_.pipelines.
  std::set<std::string> used_;  // Streams and pipelines that something reads.
  std::set<std::string> stores_;
  std::map<std::string, Place> sink_names_;
};

// "orders" -> "order".
std::string singular(std::string_view name);

}  // namespace weir::job
