#include "sink/mongodb_client.h"

#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "sink/address.h"
#include "sink/bson.h"

namespace weir::sink {

namespace {

// The driver's monitor threads log as well.
struct DriverLog {
  struct OfPool {
    mongoc_client_pool_t* pool;
    SinkLog log;
    std::vector<std::string> secrets;
  };
  std::mutex mutex;
  std::vector<OfPool> of_pools;
};

std::string without(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += 3) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

// The password of an address, as it is and as it stands there.
std::vector<std::string> secrets_of(const mongoc_uri_t* uri, const std::string& text) {
  std::vector<std::string> secrets;
  const char* const password = mongoc_uri_get_password(uri);
  if (password == nullptr || *password == '\0') return secrets;
  secrets.emplace_back(password);
  const std::size_t begin = text.find(':', text.find("://") + 3) + 1;
  const std::string raw = text.substr(begin, text.find('@', begin) - begin);
  if (raw != secrets.front()) secrets.push_back(raw);
  return secrets;
}

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
  std::string line = std::string(domain) + ": " + message;
  for (const DriverLog::OfPool& one : to.of_pools) line = without(std::move(line), one.secrets);
  if (const SinkLog& log = to.of_pools.front().log; log) log(how, line);
}

// mongoc_cleanup() is never called: the log of other sinks, and their threads, may still be there.
void start_driver() {
  static const bool started = [] {
    mongoc_log_set_handler(take_log, nullptr);
    mongoc_init();
    // It keeps counters where other programs could see them, and a kill would leave them there.
    shm_unlink(("/mongoc-" + std::to_string(getpid())).c_str());
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

// A login, also one that lacks the @ behind it: what follows a colon is a port otherwise.
bool may_hold_password(const std::string& text) {
  if (text.find('@') != std::string::npos) return true;
  const std::size_t scheme = text.find("://");
  std::size_t at = text.find(':', scheme == std::string::npos ? 0 : scheme + 3);
  for (; at != std::string::npos; at = text.find(':', at + 1)) {
    const std::size_t end = text.find_first_not_of("0123456789", at + 1);
    if (end == at + 1 || (end != std::string::npos && text[end] != ',' && text[end] != '/')) {
      return true;
    }
  }
  return false;
}

Result<std::shared_ptr<mongoc_uri_t>> read_uri(const std::string& text) {
  if (!text.starts_with("mongodb://") && !text.starts_with("mongodb+srv://")) {
    return Error{"this is no address of a MongoDB server",
                 "it starts with mongodb:// or mongodb+srv://"};
  }
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
    return Error{"this is no address of a MongoDB server" +
                     (may_hold_password(text) ? std::string() : ": " + std::string(error.message)),
                 "mongodb://user@host:27017/database"};
  }
  if (!words.empty()) return Error{"the address of the MongoDB server: " + words};
  return uri;
}

}  // namespace

Status MongodbPool::check_address(const std::string& text) {
  start_driver();
  const auto uri = read_uri(text);
  return uri ? Status() : uri.error();
}

Result<std::shared_ptr<MongodbPool>> MongodbPool::open(const std::string& text, SinkLog log) {
  start_driver();
  const auto uri = read_uri(text);
  if (!uri) return uri.error();
  shorten_waits(uri->get());
  std::vector<std::string> secrets = secrets_of(uri->get(), text);
  std::string words;
  complaints = &words;
  bson_error_t error{};
  mongoc_client_pool_t* pool = mongoc_client_pool_new_with_error(uri->get(), &error);
  complaints = nullptr;
  if (pool == nullptr) {
    return Error{without("MongoDB at " + hosts_of(uri->get()) + ": " +
                             (words.empty() ? std::string(error.message) : words),
                         secrets)};
  }
  mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
  if (mongoc_uri_get_appname(uri->get()) == nullptr) mongoc_client_pool_set_appname(pool, "weir");
  DriverLog& to = driver_log();
  const std::lock_guard lock(to.mutex);
  to.of_pools.push_back({pool, std::move(log), secrets});
  return std::shared_ptr<MongodbPool>(
      new MongodbPool(pool, hosts_of(uri->get()), std::move(secrets)));
}

MongodbPool::~MongodbPool() {
  mongoc_client_pool_destroy(pool_);  // And its monitor threads, which log.
  DriverLog& to = driver_log();
  const std::lock_guard lock(to.mutex);
  std::erase_if(to.of_pools, [this](const auto& one) { return one.pool == pool_; });
}

std::string MongodbPool::without_secrets(std::string text) const {
  return without(std::move(text), secrets_);
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
