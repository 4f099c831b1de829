// What the tests of jobs on brokers share: topics of a load, writing it, reading what came of it.
#pragma once

#include <string>
#include <vector>

#include "broker/contract.h"
#include "broker/job_load.h"

namespace weir::tests {

class JobWorld : public Contract {
 protected:
  void SetUp() override;

  void make_inputs(const JobLoad& load, std::int32_t partitions = kLoadPartitions);
  void write_json(const std::string& topic, std::int32_t partition, Timestamp time,
                  const std::string& json);
  JobLoad::Write writing();
  // Everything written so far is confirmed.
  void flush();
  // Every result that readers see, from where `forget_results` was called.
  std::vector<Seen> results(const std::string& topic);
  JobLoad::Read reading();
  // The next results() begin behind what is there now.
  void forget_results();

  std::int32_t partitions(const std::string& topic);
  // Topics whose name begins so.
  std::vector<std::string> topics_of(const std::string& prefix);
  // Whether an unfinished transaction hides anything in these topics.
  bool has_open_transaction(const std::vector<std::string>& topics);

 private:
  std::unique_ptr<kafka::Producer> writer_;
  std::map<Partition, std::int64_t> forgotten_;
};

}  // namespace weir::tests
