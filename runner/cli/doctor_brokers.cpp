#include <charconv>
#include <set>

#include "cli/doctor.h"
#include "cli/numbers.h"
#include <weir/version.h>

namespace weir::cli {

namespace {

constexpr std::int64_t kTransactionMs = 10'000;
constexpr std::int64_t kSessionMs = 45'000;
constexpr double kSlowSeconds = 1;

std::optional<std::int64_t> number_in(const kafka::Configs& settings, std::string_view name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  std::int64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, fault] = std::from_chars(found->second.data(), end, number);
  if (fault != std::errc() || at != end) return std::nullopt;
  return number;
}

void judge_settings(const kafka::Configs& settings, bool exactly_once, Findings& into) {
  const auto longest = number_in(settings, "transaction.max.timeout.ms");
  if (exactly_once && longest && *longest < kTransactionMs) {
    into.bad("brokers",
             "transaction.max.timeout.ms is " + std::to_string(*longest) +
                 ", and the job's transactions may take 10 s",
             "raise it to 10000 at least");
  }
  const auto least = number_in(settings, "group.min.session.timeout.ms");
  const auto most = number_in(settings, "group.max.session.timeout.ms");
  if ((least && *least > kSessionMs) || (most && *most < kSessionMs)) {
    into.bad("brokers", "they refuse sessions of 45 s, which the job's members ask for",
             "let group.min. and group.max.session.timeout.ms take 45000 in");
  }
  const auto kept = number_in(settings, "offsets.retention.minutes");
  if (!kept) return;
  const std::string words = "a job that stands still longer than " + duration_text(*kept * 60'000) +
                            " (offsets.retention.minutes) begins anew";
  if (*kept < 24 * 60) {
    into.warn("brokers", words, "raise it to some days");
  } else {
    into.ok("brokers", words);
  }
}

}  // namespace

void judge_client(Findings& into) {
  into.ok("client", "weir " + std::string(kVersion) + ", librdkafka " + kafka::client_version());
}

void judge_cluster(const kafka::ClusterFacts& facts, const std::optional<kafka::Configs>& settings,
                   bool exactly_once, Findings& into) {
  const auto count = static_cast<std::int64_t>(facts.brokers.size());
  const std::string words = kafka::kafka_words(facts.versions);
  const std::string text =
      (count == 1 ? "1 broker" : grouped(count) + " brokers") +
      (words.empty() ? "" : ", " + words) + ", answered within " +
      duration_text(static_cast<std::int64_t>(facts.answer_seconds * 1000) + 1);
  if (facts.answer_seconds > kSlowSeconds) {
    into.warn("brokers", text, "look at the network between here and there, and at their load");
  } else {
    into.ok("brokers", text);
  }
  if (facts.versions.empty()) {
    into.unknown("brokers", "which versions of Kafka's requests they know was not told");
  } else if (exactly_once && !kafka::knows_group_fencing(facts.versions)) {
    into.bad("brokers", "they are older than Kafka 2.5: no exactly once with these",
             "use newer brokers, or kafka.guarantee: at_least_once");
  }
  if (!settings) {
    into.unknown("brokers",
                 "their own settings may not be seen: time-outs and how long offsets are kept are "
                 "not checked",
                 "a login that may describe configs of the cluster sees them");
    return;
  }
  judge_settings(*settings, exactly_once, into);
}

namespace {

class Rights {
 public:
  Rights(kafka::Probe& probe, const Preview& preview, const AppConfig& config, Findings& into)
      : probe_(probe), preview_(preview), config_(config), into_(into) {}

  void judge(kafka::Admin& admin) {
    using Use = Preview::Use;
    std::vector<std::string> read;
    std::vector<std::string> written;
    for (const Preview::Topic& topic : preview_.topics) {
      if (topic.found == 0) {
        if (topic.use != Use::source) create(topic);
        continue;
      }
      const bool internal = topic.use == Use::changelog || topic.use == Use::repartition;
      if (topic.use == Use::source || internal) read.push_back(topic.name);
      if (topic.use != Use::source) written.push_back(topic.name);
      if (topic.use == Use::repartition) remove(topic.name, admin);
    }
    tell_of_creation();
    each("read", read, probe_.may_read(read));
    each("write", written, probe_.may_write(written));
    const std::string known = read.empty() ? "weir" : read.front();
    note("commit as the group '" + config_.id + "'", probe_.may_commit(config_.id, known),
         "allow Read on this group");
    if (config_.guarantee == Guarantee::exactly_once) {
      const std::string id = config_.id + "-doctor";
      note("make transactions as '" + config_.id + "-...'", probe_.may_transact(id),
           "allow Write and Describe on transactional ids that begin with '" + config_.id + "-'");
    }
    if (!allowed_.empty()) into_.ok("rights", "this login may " + allowed_);
  }

 private:
  void each(const std::string& what, const std::vector<std::string>& topics,
            const std::vector<kafka::Right>& rights) {
    std::size_t good = 0;
    for (std::size_t at = 0; at < topics.size(); ++at) {
      if (rights[at].is == kafka::Right::Is::allowed) {
        ++good;
        continue;
      }
      note(what + " '" + topics[at] + "'", rights[at],
           "allow " + std::string(what == "read" ? "Read" : "Write") + " on this topic");
    }
    if (good > 0) allow(what + (good == 1 ? " 1 topic" : " " + std::to_string(good) + " topics"));
  }

  void create(const Preview::Topic& topic) {
    kafka::TopicSpec spec{topic.name, std::max(1, topic.wanted), -1, {}};
    spec.configs.insert(topic.settings.begin(), topic.settings.end());
    const kafka::Right right = probe_.may_create(spec);
    if (right.is == kafka::Right::Is::unknown && !right.why.empty()) {
      into_.bad("rights", "the brokers would not make '" + topic.name + "': " + right.why,
                "make it by hand, or change what they ask for");
      return;
    }
    if (right.is == kafka::Right::Is::denied) denial_ = right;
    std::vector<std::string>& names =
        right.is == kafka::Right::Is::allowed ? creatable_ : not_creatable_;
    names.push_back(topic.name);
  }

  void tell_of_creation() {
    if (!creatable_.empty()) {
      allow("make " + std::to_string(creatable_.size()) +
            (creatable_.size() == 1 ? " topic" : " topics"));
    }
    if (not_creatable_.empty()) return;
    std::string names;
    for (const std::string& name : not_creatable_) names += (names.empty() ? "" : ", ") + name;
    note("make " + names, denial_,
         "allow Create on topics that begin with '" + config_.id + "', or make them by hand");
  }

  // Before the first record there is nothing to delete.
  void remove(const std::string& topic, kafka::Admin& admin) {
    const std::vector<kafka::Partition> first{{topic, 0}};
    const auto begin = admin.begin_offsets(first);
    if (!begin.ok()) return;
    const kafka::Position nothing{first[0], begin.value[0]};
    const kafka::Outcome outcome = admin.delete_records(std::span(&nothing, 1));
    if (outcome.ok()) return allow("delete what was read of '" + topic + "'");
    if (outcome.fault != kafka::Fault::kDenied) return;
    into_.warn("rights",
               "this login may not delete what was read of '" + topic +
                   "', which grows for ever: " + outcome.text,
               "allow Delete on this topic");
  }

  void note(const std::string& what, const kafka::Right& right, const std::string& next) {
    switch (right.is) {
      case kafka::Right::Is::allowed:
        return allow(what);
      case kafka::Right::Is::denied:
        return into_.bad("rights", "this login may not " + what + ": " + right.why, next);
      case kafka::Right::Is::unknown:
        return into_.unknown("rights", "whether this login may " + what + " is not known" +
                                           (right.why.empty() ? "" : ": " + right.why));
    }
  }
  void allow(const std::string& what) { allowed_ += (allowed_.empty() ? "" : ", ") + what; }

  kafka::Probe& probe_;
  const Preview& preview_;
  const AppConfig& config_;
  Findings& into_;
  std::string allowed_;
  std::vector<std::string> creatable_;
  std::vector<std::string> not_creatable_;
  kafka::Right denial_;
};

}  // namespace

void judge_rights(kafka::Probe& probe, kafka::Admin& admin, const Preview& preview,
                  const AppConfig& config, Findings& into) {
  Rights(probe, preview, config, into).judge(admin);
}

}  // namespace weir::cli
