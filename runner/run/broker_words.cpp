#include "run/broker_words.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace weir::run {

namespace {

constexpr Timestamp kQuietMs = 30'000;
constexpr std::size_t kSaidMax = 100;
constexpr std::string_view kThread = "[thrd:";

// Each comes beside another line that says what happened.
constexpr std::array<std::string_view, 4> kEchoes{"REQTMOUT", "ERROR", "TERMINATE", "CLOSE"};

// Where the facility before the thread's name begins: capitals and a colon.
std::size_t facility_before(std::string_view text, std::size_t thread) {
  if (thread < 2 || text.substr(thread - 2, 2) != ": ") return thread;
  std::size_t at = thread - 2;
  while (at > 0 && std::isupper(static_cast<unsigned char>(text[at - 1])) != 0) --at;
  return at == thread - 2 ? thread : at;
}

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) {
    text.erase(at, what.size());
  }
}

// " (after 3ms in state UP, 1 identical error(s) suppressed)"
void erase_states(std::string& text) {
  for (std::size_t at = 0; (at = text.find(" (after ", at)) != std::string::npos;) {
    std::size_t end = text.find(" in state ", at);
    if (end == std::string::npos) return;
    end = text.find("suppressed)", end) != std::string::npos ? text.find("suppressed)", end) + 10
                                                             : text.find(')', end);
    if (end == std::string::npos) return;
    text.erase(at, end + 1 - at);
  }
}

// "rdkafka#producer-9: "
void erase_client(std::string& text) {
  const std::size_t at = text.find("rdkafka#");
  const std::size_t end = at == std::string::npos ? at : text.find(": ", at);
  if (end != std::string::npos) text.erase(at, end + 2 - at);
}

}  // namespace

std::string plain_words(std::string_view text) {
  const std::size_t thread = text.find(kThread);
  if (thread == std::string_view::npos) return std::string(text);
  const std::size_t end = text.find("]: ", thread);
  if (end == std::string_view::npos) return std::string(text);
  std::string plain(text.substr(0, facility_before(text, thread)));
  std::string rest(text.substr(end + 3));
  erase_client(rest);
  for (const std::string_view scheme : {"sasl_plaintext://", "sasl_ssl://", "ssl://"}) {
    erase_all(rest, scheme);
  }
  erase_all(rest, "/bootstrap");
  erase_all(rest, "ipv4#");
  erase_all(rest, "ipv6#");
  erase_states(rest);
  return plain + rest;
}

std::optional<std::string> BrokerWords::told(std::string_view text, Timestamp now) {
  const bool wrapped = text.find(kThread) != std::string_view::npos;
  if (!wrapped) return std::string(text);
  const std::string_view facility = text.substr(0, text.find(':'));
  if (std::ranges::find(kEchoes, facility) != kEchoes.end()) return std::nullopt;
  if (text.find("Broker handle destroyed") != std::string_view::npos) return std::nullopt;
  std::string plain = plain_words(text);
  const auto said = said_.find(plain);
  if (said != said_.end() && now - said->second < kQuietMs) return std::nullopt;
  if (said_.size() >= kSaidMax) said_.clear();
  said_[plain] = now;
  return plain;
}

}  // namespace weir::run
