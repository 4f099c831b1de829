#include "kafka/rdkafka_client.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include <weir/error.h>

namespace weir::kafka {
namespace {

constexpr Duration kDestroyWait{5'000};

}  // namespace

RdClient::~RdClient() { destroy(kDestroyWait); }

Outcome RdClient::make(rd_kafka_type_t type, const RdkafkaOptions& options, const Properties& ours,
                       void* owner, void (*callbacks)(rd_kafka_conf_t*)) {
  check(client_ == nullptr, "the client is made already");
  Reply<RdConf> conf = make_conf(options, ours);
  if (!conf.ok()) return conf.outcome;
  context_ = std::make_unique<Context>(Context{options.log, options.statistics, owner});
  rd_kafka_conf_set_opaque(conf.value.get(), context_.get());
  rd_kafka_conf_set_log_cb(conf.value.get(), log_line);
  const auto tells = [](const auto& property) { return property.first == kStatisticsInterval; };
  if (options.statistics && std::ranges::any_of(ours, tells)) {
    rd_kafka_conf_set_stats_cb(conf.value.get(), take_statistics);
  }
  if (callbacks != nullptr) callbacks(conf.value.get());
  char why[512] = "";
  client_ = rd_kafka_new(type, conf.value.get(), why, sizeof why);
  if (client_ == nullptr) return {Fault::kDenied, why};
  static_cast<void>(conf.value.release());  // The client owns it now.
  return {};
}

void* RdClient::owner_of(void* opaque) { return static_cast<Context*>(opaque)->owner; }

// Zero: librdkafka frees the text.
int RdClient::take_statistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
  static_cast<const Context*>(opaque)->statistics({json, size});
  return 0;
}

void RdClient::log_line(const rd_kafka_t* client, int level, const char* facility,
                        const char* text) {
  const auto* context = static_cast<const Context*>(rd_kafka_opaque(client));
  // A property that is passed through goes to every client; that some have no use for it is no
  // news.
  const std::string_view line(text);
  if (line.find("property and will be ignored by") != std::string_view::npos) return;
  if (context->log) context->log(level, std::string(facility) + ": " + text);
}

void RdClient::destroy(Duration wait) {
  if (client_ == nullptr) return;
  std::promise<void> promise;
  std::future<void> done = promise.get_future();
  std::thread([client = std::exchange(client_, nullptr), ended = std::move(promise)]() mutable {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    ended.set_value();
  }).detach();
  if (done.wait_for(wait) == std::future_status::ready) {
    context_.reset();
  } else {
    // Left to the client, which still logs.
    static_cast<void>(context_.release());
  }
}

}  // namespace weir::kafka
