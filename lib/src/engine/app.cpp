#include "engine/app_running.h"
#include <weir/app.h>

namespace weir {

App::App(AppConfig config, Topology topology, AppListener listener)
    : App(std::move(config), std::move(topology), nullptr, std::move(listener)) {}

App::App(AppConfig config, Topology topology, std::shared_ptr<kafka::Cluster> cluster,
         AppListener listener)
    : running_(std::make_unique<Running>(std::move(config), std::move(topology), std::move(cluster),
                                         std::move(listener))) {}

App::~App() = default;

AppStatus App::start() { return running_->start(); }
AppStatus App::wait() { return running_->wait(); }
std::optional<AppStatus> App::wait_for(Duration longest) { return running_->wait_for(longest); }

AppStatus App::run() {
  if (AppStatus started = start(); !started) return started;
  return wait();
}

void App::stop() { running_->stop(); }
AppState App::state() const { return running_->state(); }
AppSnapshot App::snapshot() const { return running_->snapshot(); }
void App::watch(std::shared_ptr<RecordWatcher> watcher) { running_->watch(std::move(watcher)); }
std::vector<std::string> App::created_topics() const { return running_->created_topics(); }

std::map<std::string, std::string> App::shown_properties() const {
  return running_->shown_properties();
}

Result<std::optional<std::string>> App::get(std::string_view store, Bytes key) const {
  return running_->shelf().get(store, key);
}

Status App::scan(std::string_view store, int partition, Bytes from, Bytes to,
                 BytesStore::Visit visit) const {
  return running_->shelf().scan(store, partition, from, to, visit);
}

}  // namespace weir
