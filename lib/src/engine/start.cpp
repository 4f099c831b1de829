#include "engine/start.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "engine/names.h"
#include "kafka/probe.h"

namespace weir::engine {

namespace {

constexpr std::chrono::milliseconds kBrokerPause{100};
// Until 2.6.1 librdkafka repeated a nonce in what it answers, and Kafka 4 does not overlook that.
constexpr int kScramMended = 2'006'001;
constexpr int kErrorLevel = 4;  // Lines above this are no complaints.

// Without these an internal topic loses records, or brokers refuse some, now or years later.
const kafka::Configs kChangelogNeeds = {{"cleanup.policy", "compact"}};
const kafka::Configs kRepartitionNeeds = {
    {"cleanup.policy", "delete"},
    {"retention.ms", "-1"},
    {"retention.bytes", "-1"},
    {"message.timestamp.type", "CreateTime"},
    {"message.timestamp.after.max.ms", "9223372036854775807"},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

AppFault fault_of(const kafka::Outcome& outcome) {
  return outcome.fault == kafka::Fault::kDenied ? AppFault::not_allowed : AppFault::unreachable;
}

// An error about rights says so in Kafka's words.
AppFault or_not_allowed(AppFault fault, const Error& error) {
  return contains(error.text, "authoriz") ? AppFault::not_allowed : fault;
}

class Preparation {
 public:
  Preparation(const Topology& topology, const StartOptions& options, const Complaints& complaints,
              kafka::Admin& admin, Ground& ground)
      : topology_(topology),
        options_(options),
        complaints_(complaints),
        admin_(admin),
        ground_(ground) {}

  AppStatus check() {
    if (AppStatus reached = reach_brokers(); !reached || stopped()) return reached;
    if (options_.alone) {
      AppStatus alone = check_alone(options_.layout.job, options_.own_members, 0, admin_);
      if (!alone) return alone;
    }
    auto layout = plan_layout(topology_, options_.layout, admin_);
    if (!layout) return {or_not_allowed(AppFault::mismatch, layout.error()), layout.error()};
    ground_.layout = std::move(*layout);
    if (AppStatus kept = check_nothing_lost(); !kept) return kept;
    return check_internal_topics();
  }

  AppStatus prepare() {
    if (AppStatus fine = check(); !fine || stopped()) return fine;
    if (Status made = make_topics(); !made) {
      if (stopped()) return {};
      return {or_not_allowed(AppFault::cannot_create, made.error()), made.error()};
    }
    for (const kafka::TopicSpec& spec : ground_.layout.missing) {
      ground_.created.push_back(spec.name);
    }
    if (Status read = read_limits(ground_.layout, admin_); !read) {
      return {AppFault::unreachable, read.error()};
    }
    return {};
  }

 private:
  bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  // Brokers that have just come back, or are busy, take none for a moment.
  Status make_topics() {
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      bool may_pass = false;
      Status made = create_topics(ground_.layout, admin_, &may_pass);
      const bool waits = std::chrono::steady_clock::now() - begin < options_.wait;
      if (made || !may_pass || !waits || stopped()) return made;
      std::this_thread::sleep_for(kBrokerPause);
    }
  }

  AppStatus reach_brokers() {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<std::string> none;
    for (;;) {
      const auto answer = admin_.partitions(none);
      if (answer.ok() || stopped()) return {};
      if (complaints_.is_refused()) {
        const std::string why = complaints_.last();
        return {AppFault::not_allowed,
                {"the brokers at " + options_.brokers + " refuse the login: " + why,
                 login_hint(why, kafka::client_version())}};
      }
      if (answer.outcome.fault == kafka::Fault::kDenied) {
        return {AppFault::not_allowed, {answer.outcome.text}};
      }
      if (std::chrono::steady_clock::now() - begin >= options_.wait) {
        const std::string why = complaints_.last();
        return {AppFault::unreachable,
                {"no broker answers at " + options_.brokers + " within " +
                     std::to_string(options_.wait.count() / 1000) +
                     " s: " + (why.empty() ? answer.outcome.text : why),
                 "check the address, the network and whether the brokers run"}};
      }
      std::this_thread::sleep_for(kBrokerPause);
    }
  }

  AppStatus check_nothing_lost() {
    const auto lost = lost_topics(topology_, ground_.layout, options_.layout.job, admin_);
    if (!lost) return {AppFault::unreachable, lost.error()};
    if (lost->empty()) return {};
    return {AppFault::mismatch,
            {"the job has run before, but there is no topic '" + lost->front() +
                 "': it was deleted, and with it a part of the job's state, or the job was changed",
             "restore the topic, reset the job to start anew, or give the changed job another "
             "name"}};
  }

  // What someone else made, or changed since, may not keep what a job relies on.
  AppStatus check_internal_topics() {
    for (const std::string& topic : ground_.layout.written) {
      const bool compact = topic.ends_with("-changelog");
      const bool internal = topic.starts_with(options_.layout.job + "-") &&
                            (compact || topic.ends_with("-repartition"));
      const auto& missing = ground_.layout.missing;
      if (!internal || std::any_of(missing.begin(), missing.end(),
                                   [&](const auto& spec) { return spec.name == topic; })) {
        continue;
      }
      const auto configs = admin_.configs(topic);
      if (configs.outcome.fault == kafka::Fault::kDenied) continue;  // No right to look.
      if (!configs.ok()) return {fault_of(configs.outcome), {configs.outcome.text}};
      for (const auto& [name, wanted] : compact ? kChangelogNeeds : kRepartitionNeeds) {
        const auto found = configs.value.find(name);
        if (found == configs.value.end() || found->second == wanted) continue;
        return {AppFault::mismatch,
                {"the internal topic '" + topic + "' has " + name + "=" + found->second +
                     ", but the job relies on " + wanted,
                 "set it, or reset the job"}};
      }
    }
    return {};
  }

  const Topology& topology_;
  const StartOptions& options_;
  const Complaints& complaints_;
  kafka::Admin& admin_;
  Ground& ground_;
};

}  // namespace

void Complaints::note(int level, std::string_view text) {
  if (level > kErrorLevel) return;
  const std::lock_guard lock(mutex_);
  last_ = text;
  const bool refused =
      contains(text, "uthentication fail") || contains(text, "SASL authentication") ||
      contains(text, "SSL handshake failed") || contains(text, "SaslAuthenticateRequest failed");
  if (refused) refusal_ = text;
}

std::string Complaints::last() const {
  const std::lock_guard lock(mutex_);
  return refusal_.empty() ? last_ : refusal_;
}

bool Complaints::is_refused() const {
  const std::lock_guard lock(mutex_);
  return !refusal_.empty();
}

std::string login_hint(std::string_view refusal, const std::string& client) {
  if (!contains(refusal, "SCRAM")) return {};
  int number = 0;
  const char* rest = client.c_str();
  for (int part = 0; part < 3 && *rest != '\0'; ++part) {
    char* end = nullptr;
    number = number * 1000 + static_cast<int>(std::strtol(rest, &end, 10));
    rest = *end == '.' ? end + 1 : end;
  }
  if (number >= kScramMended) return {};
  return "the password may be right: librdkafka " + client +
         " cannot log in to Kafka 4 by SCRAM; 2.6.1 and later can, and PLAIN over TLS works with "
         "any";
}

AppStatus check_ground(const Topology& topology, const StartOptions& options,
                       const Complaints& complaints, kafka::Admin& admin, Layout& layout) {
  Ground ground;
  AppStatus fine = Preparation(topology, options, complaints, admin, ground).check();
  layout = std::move(ground.layout);
  return fine;
}

AppStatus prepare(const Topology& topology, const StartOptions& options,
                  const Complaints& complaints, kafka::Admin& admin, Ground& ground) {
  return Preparation(topology, options, complaints, admin, ground).prepare();
}

AppStatus check_alone(const std::string& job, const std::string& own_members, std::size_t ours_max,
                      kafka::Admin& admin) {
  auto group = admin.group(job);
  // A new group's coordinator is still being chosen.
  for (int again = 0; group.outcome.fault == kafka::Fault::kRetriable && again < 20; ++again) {
    std::this_thread::sleep_for(Duration(250));
    group = admin.group(job);
  }
  if (group.outcome.fault == kafka::Fault::kMissing) return {};
  if (!group.ok()) return {fault_of(group.outcome), {group.outcome.text}};
  std::size_t dynamic = 0;
  for (const kafka::GroupMember& member : group.value.members) {
    if (member.instance_id.empty() ? ++dynamic <= ours_max
                                   : member.instance_id.starts_with(own_members)) {
      continue;
    }
    return {AppFault::try_again,
            {"another instance of '" + job + "' is running, on " +
                 member.host.substr(member.host.starts_with('/') ? 1 : 0) +
                 ": only one that is alone may drain",
             "stop the others, and wait until their sessions have ended"}};
  }
  return {};
}

}  // namespace weir::engine
