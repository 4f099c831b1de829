#include "testing/driven_job.h"
#include <weir/testing.h>

namespace weir {

class TestDriver::Job final : public testing::DrivenJob {
 public:
  using DrivenJob::DrivenJob;
};

TestDriver::TestDriver(Topology topology, TestOptions options)
    : job_(std::make_unique<Job>(std::move(topology), options)) {}
TestDriver::~TestDriver() = default;
TestDriver::TestDriver(TestDriver&&) noexcept = default;

void TestDriver::send(std::string_view topic, LogRecord record) {
  job_->send(topic, std::move(record));
}

std::vector<LogRecord> TestDriver::read(std::string_view topic) { return job_->read(topic); }

std::vector<LogRecord> TestDriver::dead_letters() {
  const std::string& topic = job_->topology().errors().dead_letters;
  check(!topic.empty(), "the topology names no topic for dead letters");
  return job_->read(topic);
}

std::uint64_t TestDriver::discarded(std::string_view reason) const {
  const std::map<std::string, std::uint64_t> all = discarded();
  const auto it = all.find(std::string(reason));
  return it == all.end() ? 0 : it->second;
}

std::map<std::string, std::uint64_t> TestDriver::discarded() const {
  return job_->counters().discarded;
}

void TestDriver::advance(Duration by) { job_->advance(by); }
void TestDriver::commit() { job_->commit(); }
void TestDriver::crash(bool keep_state) { job_->crash(keep_state); }
int TestDriver::add_instance() { return job_->add_instance(); }
void TestDriver::kill_instance(int number) { job_->kill_instance(number); }
void TestDriver::drain() { job_->drain(); }

BytesStore& TestDriver::store(std::string_view name, int partition) {
  return job_->store(name, partition);
}

Timestamp TestDriver::stream_time(std::string_view topic, int partition) const {
  return job_->stream_time(topic, partition);
}

}  // namespace weir
