// The three jobs against a real Kafka, real SIGKILLs and dying brokers. Records come in while it
// happens; at the end the results of all three are what anyone can compute from their inputs.
#include <filesystem>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "broker/job_world.h"
#include "broker/process.h"

namespace weir::tests {
namespace {

constexpr Duration kSkipOfIdle{5 * 60'000};

// One job under its load, and the processes that run it.
struct Job {
  std::unique_ptr<JobLoad> load;
  std::vector<std::string> settings;
  std::map<std::string, std::unique_ptr<Process>> instances;
};

class JobCrash : public JobWorld {
 protected:
  void SetUp() override {
    JobWorld::SetUp();
    if (IsSkipped()) return;
    state_ = std::filesystem::path(testing::TempDir()) / world()->unique("job-crash");
    // Long ago, for event time runs a hundred times faster here than the clock: what results
    // say of the time must not lie in the future.
    const Timestamp start = (world()->now() / 60'000 - 60L * 24 * 60) * 60'000;
    const auto seed = static_cast<unsigned>(setting("WEIR_SEED", 1));
    add("sliding-counts",
        {.start = start, .pace = Duration{20}, .disorder = Duration{5'000}, .seed = seed});
    add("order-analytics",
        {.start = start, .pace = Duration{100}, .disorder = Duration{20'000}, .seed = seed},
        {"threads=2"});
    add("order-payments",
        {.start = start, .pace = Duration{50}, .payment_delay = Duration{2'000}, .seed = seed});
    // A partition that was seen empty holds no window back until its task tells otherwise: every
    // partition has a record before a job sees it.
    for (int i = 0; i < 10; ++i) write();
    flush();
  }
  void TearDown() override {
    jobs_.clear();
    std::filesystem::remove_all(state_);
    JobWorld::TearDown();
  }

  void add(const std::string& name, JobLoad::Options options,
           std::vector<std::string> settings = {}) {
    jobs_.push_back({make_load(name, options), std::move(settings), {}});
    make_inputs(*jobs_.back().load);
  }

  std::unique_ptr<Process> run(const Job& job, const std::string& instance,
                               const std::vector<std::string>& settings = {}) {
    const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    std::vector<std::string> command{here / "kafka_job", job.load->job(),
                                     state_ / job.load->job() / instance, "quiet=1",
                                     "stop_s=120"};  // Brokers that have just come back are slow.
    command.insert(command.end(), job.settings.begin(), job.settings.end());
    command.insert(command.end(), settings.begin(), settings.end());
    return std::make_unique<Process>(command);
  }

  void write() {
    for (Job& job : jobs_) job.load->write(10, writing());
  }
  // Writes for a while, and calls `each` now and then.
  template <class F>
  void write_for(Duration time, F each) {
    const Duration pause{setting("WEIR_WRITE_MS", 10)};
    for (const Timestamp end = later(world()->now(), time); world()->now() < end;) {
      write();
      each();
      world()->pass(pause);
    }
  }
  void write_for(Duration time) {
    write_for(time, [] {});
  }

  // The jobs come to their end by themselves, all windows are closed, and all is as it must be.
  void finish_and_check() {
    for (int i = 0; i < 50; ++i) write();
    for (Job& job : jobs_) job.load->finish(writing());
    flush();
    for (Job& job : jobs_) {
      SCOPED_TRACE(job.load->job());
      job.instances.clear();
      int code = 75;  // Members that were killed are members until their sessions end.
      for (int tries = 0; code == 75 && tries < 60; ++tries) {
        if (tries > 0) world()->pass(Duration{1'000});
        code = run(job, "one", {"end=drain"})->wait();
      }
      ASSERT_EQ(code, 0);
      job.load->check(reading());
      std::cerr << job.load->job() << ": " << job.load->written() << " records\n";
    }
  }

  static void kafka(const std::string& command) {
    const std::string script = std::string(WEIR_SOURCE_DIR) + "/tests/broker/kafka.sh ";
    const char* dir = std::getenv("WEIR_TEST_KAFKA_DIR");
    ASSERT_NE(dir, nullptr);
    ASSERT_EQ(std::system((script + command + " --dir " + dir).c_str()), 0) << command;
  }

  // Confirmed before the brokers die: the idempotent producer of librdkafka 2.0.2 may end for good
  // with NOT_ENOUGH_REPLICAS, and nobody could say then what the input is.
  void write_much() {
    for (int i = 0; i < 100; ++i) write();
    flush();
  }

  void kill_again_and_again();
  void come_and_go();
  void hang_and_wake();

  std::filesystem::path state_;
  std::vector<Job> jobs_;
  std::mt19937 random_{static_cast<unsigned>(setting("WEIR_SEED", 1))};
};

// Each job dies at moments of its own. WEIR_KILLS: how often each of them does.
void JobCrash::kill_again_and_again() {
  const int kills = setting("WEIR_KILLS", 12);
  const auto longest = static_cast<unsigned>(setting("WEIR_KILL_MS", 1500));
  std::vector<int> left(jobs_.size(), kills);
  std::vector<Timestamp> at(jobs_.size(), 0);
  int all = kills * static_cast<int>(jobs_.size());
  int open = 0;  // Kills that left a transaction open.
  const auto kill_those_due = [&] {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (left[i] == 0 || world()->now() < at[i]) continue;
      std::unique_ptr<Process>& one = jobs_[i].instances["one"];
      if (one) {
        one->kill_now();
        open += has_open_transaction(topics_of(jobs_[i].load->job())) ? 1 : 0;
        --left[i];
        if (--all % 300 == 0) std::cerr << all << " kills to come, " << open << " open\n";
      }
      one = run(jobs_[i], "one");
      // Where processes start so slowly that none has come to a transaction, they may live longer.
      const unsigned times = open > 0 ? 1 : 1 + static_cast<unsigned>(kills * 3 - all) / 6;
      at[i] = world()->now() + 100 + static_cast<Timestamp>(random_() % (times * longest - 100));
    }
  };
  while (all > 0) write_for(Duration{1'000}, kill_those_due);
  std::cerr << kills * static_cast<int>(jobs_.size()) << " kills, " << open
            << " of them left a transaction open\n";
  EXPECT_GT(open, 0);
}

// Each second an instance of each job comes, leaves or is killed.
void JobCrash::come_and_go() {
  for (int turns = setting("WEIR_TURNS", 60); turns > 0; --turns) {
    for (Job& job : jobs_) {
      const std::string name = std::vector<std::string>{"one", "two", "three"}[random_() % 3];
      std::unique_ptr<Process>& instance = job.instances[name];
      if (!instance) {
        instance = run(job, name);
      } else if (random_() % 2 == 0) {
        instance->ask_to_end();
        EXPECT_EQ(instance->wait(), 0);
        instance.reset();
      } else {
        instance.reset();
      }
    }
    write_for(Duration{1'000});
  }
}

// An instance that hangs for longer than its session is replaced; when it wakes up it does no harm.
void JobCrash::hang_and_wake() {
  for (Job& job : jobs_) {
    for (const char* name : {"one", "two"}) {
      if (!job.instances[name]) job.instances[name] = run(job, name);
    }
  }
  write_for(Duration{2'000});
  for (int i = setting("WEIR_HANGS", 3); i > 0; --i) {
    for (Job& job : jobs_) job.instances["one"]->hang();
    write_for(Duration{5'000});
    for (Job& job : jobs_) job.instances["one"]->wake();
    write_for(Duration{2'000});
  }
}

TEST_F(JobCrash, KillsLoseAndDoubleNothing) {
  kill_again_and_again();
  finish_and_check();
}

TEST_F(JobCrash, InstancesMayComeAndGoAndHang) {
  for (Job& job : jobs_) {
    job.settings.insert(job.settings.end(), {"membership=dynamic", "session_ms=2000"});
  }
  come_and_go();
  hang_and_wake();
  finish_and_check();
}

// Each broker dies and comes back, then all of them are away for WEIR_DOWN_S.
TEST_F(JobCrash, BrokersMayDieAndSoMayJobs) {
  kill_again_and_again();
  for (const char* broker : {"1", "2", "3"}) {
    write_much();
    kafka(std::string("kill ") + broker);
    world()->pass(Duration{5'000});
    kafka(std::string("restart ") + broker);
    kafka("settle");
    world()->pass(Duration{500});
  }
  write_much();
  kafka("kill all");
  world()->pass(Duration{1'000 * setting("WEIR_DOWN_S", 60)});
  kafka("restart all");
  kafka("settle");
  // Partitions that are silent for a minute follow the clock: what comes now must not be late.
  for (Job& job : jobs_) job.load->skip(kSkipOfIdle);
  write_for(Duration{3'000});
  for (Job& job : jobs_) {
    SCOPED_TRACE(job.load->job());
    job.instances["one"]->ask_to_end();
    EXPECT_EQ(job.instances["one"]->wait(), 0);
  }
  finish_and_check();
}

}  // namespace
}  // namespace weir::tests
