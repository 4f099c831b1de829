// The inside of an App: worker threads, and one that keeps house.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/client_numbers.h"
#include "engine/dead_letter_limit.h"
#include "engine/job_directory.h"
#include "engine/start.h"
#include "engine/store_shelf.h"
#include "engine/until_end.h"
#include "engine/worker.h"
#include "kafka/client.h"
#include "kafka/rdkafka_config.h"
#include <weir/app.h>

namespace weir {

class App::Running {
 public:
  Running(AppConfig config, Topology topology, std::shared_ptr<kafka::Cluster> cluster,
          AppListener listener);
  ~Running();

  AppStatus start();
  std::optional<AppStatus> wait_for(Duration longest);
  AppStatus wait();
  void stop();
  AppState state() const { return state_.load(); }
  AppSnapshot snapshot() const;
  void watch(std::shared_ptr<RecordWatcher> watcher);
  std::vector<std::string> created_topics() const;
  std::map<std::string, std::string> shown_properties() const;
  const engine::StoreShelf& shelf() const { return shelf_; }

 private:
  // One worker thread, and what it last told. Its worker may be replaced; the seat stays.
  struct Seat {
    explicit Seat(int at) : number(at) {}
    const int number;
    std::thread thread{};
    std::atomic<AppState> phase{AppState::rebalancing};
    std::atomic<bool> drained{false};
    // Of the thread alone:
    AppSnapshot before{};  // Counters of workers that were replaced.
    Timestamp published = 0;
    std::int64_t cpu_ns = 0;
    double held_seconds = 0;
    int replaced = 0;
    Timestamp last_replaced = 0;
    // Of everyone:
    mutable std::mutex mutex{};
    AppSnapshot look{};
  };

  // Start.
  AppStatus check_config() const;
  AppStatus connect();
  AppStatus make_ready();
  engine::StartOptions start_options() const;
  engine::WorkerOptions worker_options(const Seat& seat);

  // Worker threads.
  void work(Seat& seat);
  engine::Worker::Health run_worker(Seat& seat, engine::Worker& worker,
                                    const engine::Layout* layout);
  bool replace(Seat& seat, const std::string& why);
  std::uint64_t hand_watcher(engine::Worker& worker) const;
  void publish(Seat& seat, const engine::Worker& worker, Timestamp now);
  AppState phase_of(const engine::Worker& worker) const;
  std::shared_ptr<const engine::Layout> layout() const;
  bool is_time_to_cut(Timestamp now) const;
  void leave_seat(Seat& seat);

  // The house.
  void keep_house();
  void look_for_end(kafka::Admin& admin);
  void judge_dead_letters();
  void purge(kafka::Admin& admin);
  void look_for_sources(kafka::Admin& admin);
  void look_again(kafka::Admin& admin);

  void fail(AppFault fault, const std::string& text);
  void leave();  // Everyone commits and goes.
  void update_state();
  void tell_state(AppState state);
  void log(int level, std::string_view text) const;
  bool pause(Duration longest);  // False: the App ends.

  const AppConfig config_;
  const Topology topology_;
  const AppListener listener_;
  const bool own_cluster_;
  mutable std::recursive_mutex listener_mutex_;  // A listener may call stop().

  engine::Complaints complaints_;
  engine::ClientNumbers client_numbers_;
  kafka::RdkafkaOptions client_options_;
  std::shared_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<engine::JobDirectory> directory_;
  std::string instance_id_;
  std::unique_ptr<engine::UntilEnd> until_end_;
  engine::StoreShelf shelf_;
  std::vector<std::string> created_;

  std::mutex judge_mutex_;
  engine::DeadLetterJudge judge_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const engine::Layout> layout_;
  AppStatus status_;
  bool ended_ = false;
  std::size_t working_ = 0;  // Seats whose thread has not ended.

  std::shared_ptr<RecordWatcher> watcher_;
  std::atomic<std::uint64_t> watched_{0};  // How often a watcher was set.

  std::atomic<AppState> state_{AppState::created};
  std::atomic<bool> stop_asked_{false};
  std::atomic<bool> leaving_{false};
  std::atomic<bool> draining_{false};
  std::atomic<bool> cut_{false};
  std::atomic<bool> look_again_{false};  // At the topics: a worker was given a new partition.
  std::atomic<Timestamp> leave_by_{kEndOfTime};

  std::vector<std::unique_ptr<Seat>> seats_;
  std::thread keeper_;
};

}  // namespace weir
