#include "sink/mongodb_client.h"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "sink/address.h"
#include "sink/bson.h"

namespace weir::sink {

namespace {

// The driver's monitor threads log as well.
struct DriverLog {
  std::mutex mutex;
  std::vector<std::pair<mongoc_client_pool_t*, SinkLog>> of_pools;
};

DriverLog& driver_log() {
  static DriverLog* const log = new DriverLog;  // Threads of the driver may outlive the statics.
  return *log;
}

// While an address is read: what the driver would only log.
thread_local std::string* complaints = nullptr;

int syslog_level(mongoc_log_level_t level) {
  switch (level) {
    case MONGOC_LOG_LEVEL_ERROR:
    case MONGOC_LOG_LEVEL_CRITICAL:
      return 3;
    case MONGOC_LOG_LEVEL_WARNING:
      return 4;
    case MONGOC_LOG_LEVEL_MESSAGE:
      return 5;
    case MONGOC_LOG_LEVEL_INFO:
      return 6;
    default:
      return 7;
  }
}

void take_log(mongoc_log_level_t level, const char* domain, const char* message, void*) {
  const int how = syslog_level(level);
  if (how > 6) return;
  if (complaints != nullptr && how <= 4) {
    if (!complaints->empty()) *complaints += "; ";
    *complaints += message;
    return;
  }
  DriverLog& to = driver_log();
  const std::lock_guard lock(to.mutex);
  if (to.of_pools.empty()) return;
  if (const SinkLog& log = to.of_pools.front().second; log) {
    log(how, std::string(domain) + ": " + message);
  }
}

// mongoc_cleanup() is never called: the log of other sinks, and their threads, may still be there.
void start_driver() {
  static const bool started = [] {
    mongoc_log_set_handler(take_log, nullptr);
    mongoc_init();
    return true;
  }();
  check(started, "the driver starts");
}

std::string hosts_of(const mongoc_uri_t* uri) {
  if (const char* name = mongoc_uri_get_srv_hostname(uri); name != nullptr) return name;
  std::string hosts;
  for (const mongoc_host_list_t* host = mongoc_uri_get_hosts(uri); host; host = host->next) {
    hosts += (hosts.empty() ? "" : ", ") + std::string(host->host_and_port);
  }
  return hosts;
}

// A worker that waits for a server cannot serve the brokers: the driver's own limits are for
// programs with more time.
void shorten_waits(mongoc_uri_t* uri) {
  const std::array<std::pair<const char*, int>, 3> limits{
      {{MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 2000},
       {MONGOC_URI_CONNECTTIMEOUTMS, 1500},
       {MONGOC_URI_SOCKETTIMEOUTMS, 8000}}};
  for (const auto& [option, limit_ms] : limits) {
    if (!mongoc_uri_has_option(uri, option)) {
      mongoc_uri_set_option_as_int32(uri, option, limit_ms);
    }
  }
}

std::string replaced(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3) {
    text.replace(at, secret.size(), "***");
  }
  return text;
}

Result<std::shared_ptr<mongoc_uri_t>> read_uri(const std::string& text) {
  if (Status clear = check_login(text); !clear) return clear.error();
  std::string words;
  complaints = &words;
  bson_error_t error{};
  std::shared_ptr<mongoc_uri_t> uri(mongoc_uri_new_with_error(text.c_str(), &error), [](auto* it) {
    if (it != nullptr) mongoc_uri_destroy(it);
  });
  complaints = nullptr;
  if (!uri) {
    // The driver quotes what it does not understand, and that may be a password.
    const bool has_login = text.find('@') != std::string::npos;
    return Error{"this is no address of a MongoDB server" +
                     (has_login ? std::string() : ": " + std::string(error.message)),
                 "mongodb://user@host:27017/database"};
  }
  if (!words.empty()) return Error{"the address of the MongoDB server: " + words};
  return uri;
}

}  // namespace

Result<std::shared_ptr<MongodbPool>> MongodbPool::open(const std::string& text, SinkLog log) {
  start_driver();
  const auto uri = read_uri(text);
  if (!uri) return uri.error();
  shorten_waits(uri->get());
  const char* password = mongoc_uri_get_password(uri->get());
  const std::string secret = password != nullptr ? password : "";
  std::string words;
  complaints = &words;
  bson_error_t error{};
  mongoc_client_pool_t* pool = mongoc_client_pool_new_with_error(uri->get(), &error);
  complaints = nullptr;
  if (pool == nullptr) {
    return Error{replaced("MongoDB at " + hosts_of(uri->get()) + ": " +
                              (words.empty() ? std::string(error.message) : words),
                          secret)};
  }
  mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
  if (mongoc_uri_get_appname(uri->get()) == nullptr) mongoc_client_pool_set_appname(pool, "weir");
  DriverLog& to = driver_log();
  const std::lock_guard lock(to.mutex);
  to.of_pools.emplace_back(pool, std::move(log));
  return std::shared_ptr<MongodbPool>(new MongodbPool(pool, hosts_of(uri->get()), secret));
}

MongodbPool::~MongodbPool() {
  mongoc_client_pool_destroy(pool_);  // And its monitor threads, which log.
  DriverLog& to = driver_log();
  const std::lock_guard lock(to.mutex);
  std::erase_if(to.of_pools, [this](const auto& one) { return one.first == pool_; });
}

std::string MongodbPool::without_secrets(std::string text) const {
  return replaced(std::move(text), password_);
}

Result<std::unique_ptr<MongodbCollection>> MongodbCollection::open(
    std::shared_ptr<MongodbPool> pool, const std::string& database, const std::string& name) {
  mongoc_client_t* const client = mongoc_client_pool_try_pop(pool->get());
  if (client == nullptr) {
    return Error{
        "MongoDB at " + pool->hosts() + ": all of its connections are taken",
        "each thread of the job needs as many as 'in_flight' says: a larger maxPoolSize in "
        "the address"};
  }
  return std::unique_ptr<MongodbCollection>(
      new MongodbCollection(std::move(pool), client, database, name));
}

MongodbCollection::MongodbCollection(std::shared_ptr<MongodbPool> pool, mongoc_client_t* client,
                                     const std::string& database, const std::string& name)
    : pool_(std::move(pool)),
      database_(database),
      name_(name),
      client_(client),
      collection_(mongoc_client_get_collection(client_, database.c_str(), name.c_str())) {}

MongodbCollection::~MongodbCollection() {
  mongoc_collection_destroy(collection_);
  mongoc_client_pool_push(pool_->get(), client_);
}

// An update that no document is meant by needs the right to update, and changes nothing.
MongodbAnswer MongodbCollection::check() {
  Bson ping;
  BSON_APPEND_INT32(ping.get(), "ping", 1);
  Bson update;
  BCON_APPEND(update.get(), "update", BCON_UTF8(name_.c_str()), "updates", "[", "{", "q", "{",
              "_id", BCON_UTF8("weir: may this be written?"), "}", "u", "{", "$set", "{", "weir",
              BCON_INT32(1), "}", "}", "}", "]");
  for (bson_t* command : {ping.get(), update.get()}) {
    bson_t reply = BSON_INITIALIZER;
    bson_error_t error{};
    const bool done =
        mongoc_client_command_simple(client_, database_.c_str(), command, nullptr, &reply, &error);
    MongodbAnswer answer;
    if (!done) answer = read_answer(error, &reply);
    bson_destroy(&reply);
    if (!done) return answer;
  }
  return {};
}

std::string MongodbCollection::unique_indexes() {
  std::string names;
  mongoc_cursor_t* cursor = mongoc_collection_find_indexes_with_opts(collection_, nullptr);
  const bson_t* index = nullptr;
  while (mongoc_cursor_next(cursor, &index)) {
    bson_iter_t name;
    bson_iter_t unique;
    if (!bson_iter_init_find(&name, index, "name") || !BSON_ITER_HOLDS_UTF8(&name)) continue;
    if (!bson_iter_init_find(&unique, index, "unique") || !bson_iter_as_bool(&unique)) continue;
    const std::string text = bson_iter_utf8(&name, nullptr);
    if (text != "_id_") names += (names.empty() ? "" : ", ") + text;
  }
  mongoc_cursor_destroy(cursor);
  return names;
}

}  // namespace weir::sink
