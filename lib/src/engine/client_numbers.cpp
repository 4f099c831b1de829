#include "engine/client_numbers.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "json/value_at.h"
#include <weir/json_reader.h>

namespace weir::engine {

namespace {

using json::Members;
using Client = AppSnapshot::Client;

constexpr double kMicrosecond = 1e-6;
constexpr std::uint64_t kSilentSeconds = 120;  // Such a client is gone: it has no queue any more.

std::uint64_t count_of(const JsonSlot& slot) {
  if (slot.kind != JsonKind::kNumber) return 0;
  return std::strtoull(std::string(slot.text).c_str(), nullptr, 10);
}

std::string text_of(const JsonSlot& slot) {
  if (slot.kind != JsonKind::kString) return {};
  return std::string(slot.text);
}

// Calls `visit(key, value)` for the members of an object.
template <class Visit>
void each_member(const JsonSlot& object, Visit visit) {
  if (object.kind != JsonKind::kObject) return;
  for (Members members(object.text); members.next();) {
    visit(members.key().text, members.value());
  }
}

double average_of(const JsonSlot& window) {
  double average = 0;
  each_member(window, [&](std::string_view key, const JsonSlot& value) {
    if (key == "avg") average = static_cast<double>(count_of(value)) * kMicrosecond;
  });
  return average;
}

// Nothing for what is no broker yet: the addresses that a client starts from, its coordinators.
bool read_broker(const JsonSlot& slot, Client::Broker& into) {
  bool is_known = false;
  each_member(slot, [&](std::string_view key, const JsonSlot& value) {
    if (key == "nodeid") is_known = !value.text.starts_with('-');
    if (key == "nodename") into.address = text_of(value);
    if (key == "outbuf_cnt" || key == "waitresp_cnt") into.waiting += count_of(value);
    if (key == "txerrs" || key == "rxerrs") into.errors += count_of(value);
    if (key == "req_timeouts") into.timeouts = count_of(value);
    if (key == "rtt") into.round_trip_seconds = average_of(value);
  });
  return is_known && !into.address.empty();
}

// Records read ahead, of all partitions.
std::uint64_t read_ahead(const JsonSlot& topics) {
  std::uint64_t records = 0;
  each_member(topics, [&](std::string_view, const JsonSlot& topic) {
    each_member(topic, [&](std::string_view part, const JsonSlot& partitions) {
      if (part != "partitions") return;
      each_member(partitions, [&](std::string_view, const JsonSlot& partition) {
        each_member(partition, [&](std::string_view key, const JsonSlot& value) {
          if (key == "fetchq_cnt") records += count_of(value);
        });
      });
    });
  });
  return records;
}

// Counters stay: they never go back.
void forget_what_is_now(Client& client) {
  client.queued = 0;
  for (Client::Broker& broker : client.brokers) {
    broker.waiting = 0;
    broker.round_trip_seconds = 0;
  }
}

void add(Client& to, const Client& from) {
  to.queued += from.queued;
  for (const Client::Broker& broker : from.brokers) {
    const auto same = std::ranges::find(to.brokers, broker.address, &Client::Broker::address);
    if (same == to.brokers.end()) {
      to.brokers.push_back(broker);
      continue;
    }
    same->round_trip_seconds = std::max(same->round_trip_seconds, broker.round_trip_seconds);
    same->waiting += broker.waiting;
    same->errors += broker.errors;
    same->timeouts += broker.timeouts;
  }
}

}  // namespace

void ClientNumbers::take(std::string_view statistics) {
  JsonReader reader({"name", "type", "msg_cnt", "brokers", "topics", "time"});
  if (!reader.read(statistics)) return;
  Client client;
  client.kind = text_of(reader[1]);
  client.queued = client.kind == "producer" ? count_of(reader[2]) : read_ahead(reader[4]);
  each_member(reader[3], [&](std::string_view, const JsonSlot& slot) {
    Client::Broker broker;
    if (read_broker(slot, broker)) client.brokers.push_back(std::move(broker));
  });
  const std::lock_guard lock(mutex_);
  clients_[text_of(reader[0])] = {std::move(client), count_of(reader[5])};
}

std::vector<Client> ClientNumbers::all() const {
  std::vector<Client> kinds;
  const std::lock_guard lock(mutex_);
  std::uint64_t latest = 0;
  for (const auto& [name, told] : clients_) latest = std::max(latest, told.at);
  for (const auto& [name, told] : clients_) {
    Client now = told.client;
    if (told.at + kSilentSeconds < latest) forget_what_is_now(now);
    auto same = std::ranges::find(kinds, now.kind, &Client::kind);
    if (same == kinds.end()) same = kinds.insert(same, Client{.kind = now.kind});
    add(*same, now);
  }
  return kinds;
}

}  // namespace weir::engine
