#include "run/reach.h"

#include <mutex>

#include "run/broker_words.h"
#include "run/retry.h"

namespace weir::run {

namespace {

using kafka::Fault;
using kafka::Outcome;

constexpr int kErrorLevel = 4;  // As syslog's; lines above are no complaints.
constexpr std::string_view kRefusals[] = {"uthentication", "SSL handshake failed",
                                          "might require SASL"};

// The last complaint that tells why nothing answers.
class Reason {
 public:
  void note(int level, std::string_view text) {
    if (level > kErrorLevel) return;
    const std::lock_guard lock(mutex_);
    if (refused_) return;
    for (const std::string_view sign : kRefusals) refused_ |= text.find(sign) != text.npos;
    if (auto told = words_.told(text, 0)) last_ = std::move(*told);
  }
  bool refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  mutable std::mutex mutex_;
  BrokerWords words_;
  std::string last_;
  bool refused_ = false;
};

Outcome first_answer(kafka::Admin& admin, const Reason& reason, const std::string& brokers,
                     Duration longest) {
  const std::vector<std::string> none;
  const auto end = std::chrono::steady_clock::now() + longest;
  for (;;) {
    const auto answer = admin.partitions(none);
    if (answer.ok()) return {};
    if (reason.refused()) {
      return {Fault::kDenied, "the brokers at " + brokers + " refuse us: " + reason.last()};
    }
    if (answer.outcome.fault != Fault::kRetriable) return answer.outcome;
    if (std::chrono::steady_clock::now() >= end) {
      const std::string why = reason.last();
      return {Fault::kRetriable, "no broker answers at " + brokers + ": " +
                                     (why.empty() ? answer.outcome.text : why) +
                                     " (check the address, the network and whether the brokers "
                                     "run)"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

int exit_code_of(const Outcome& outcome) {
  switch (outcome.fault) {
    case Fault::kNone:
      return 0;
    case Fault::kDenied:
      return 77;
    case Fault::kFenced:
      return 75;
    case Fault::kMissing:
    case Fault::kRetriable:
      return 69;
    default:
      return 70;
  }
}

std::string words_of(const Outcome& outcome, const std::string& brokers) {
  const std::string plain = plain_words(outcome.text);
  return plain.find(brokers) == std::string::npos ? brokers + ": " + plain : plain;
}

kafka::Reply<std::unique_ptr<kafka::Cluster>> reach(const Connection& connection,
                                                    Duration longest) {
  const auto reason = std::make_shared<Reason>();
  kafka::RdkafkaOptions options = connection.options();
  options.log = [reason](int level, std::string_view text) { reason->note(level, text); };
  auto cluster = kafka::connect(options);
  auto admin = cluster->admin();
  if (!admin.ok()) return admin.outcome;
  Outcome answered = first_answer(*admin.value, *reason, connection.brokers, longest);
  if (!answered.ok()) return answered;
  return cluster;
}

}  // namespace weir::run
