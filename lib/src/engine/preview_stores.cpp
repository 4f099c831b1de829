#include "engine/preview_stores.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "state/lmdb_environment.h"

namespace weir::engine {

namespace {

using Store = Preview::Store;
using What = Store::What;
using Parts = std::map<std::string, std::string>;

// Of a fingerprint: "name:kind:...;name:kind:...;", see Topology::fingerprint.
Parts parts_of(const std::string& fingerprint) {
  Parts parts;
  std::istringstream in(fingerprint);
  for (std::string part; std::getline(in, part, ';');) parts[part.substr(0, part.find(':'))] = part;
  return parts;
}

// The worst that one of its tasks meets is what a store meets.
int weight(What what) {
  switch (what) {
    case What::fresh:
      return 0;
    case What::kept:
      return 1;
    case What::restored:
      return 2;
    case What::gone:
      return 3;
    case What::unfit:
      return 4;
    case What::unknown:
      return 5;
  }
  return 0;
}

class Looker {
 public:
  Looker(const Topology& topology, const std::filesystem::path& directory)
      : topology_(topology), directory_(directory) {}

  std::vector<Store> look(const Layout& layout) {
    for (std::size_t part = 0; part < topology_.sub_topologies().size(); ++part) {
      const auto now = parts_of(topology_.fingerprint(static_cast<int>(part)));
      const int tasks = part < layout.tasks.size() ? layout.tasks[part] : 0;
      for (const auto& [name, form] : now) {
        Store& store = found(name);
        store.tasks = tasks;
      }
      for (int partition = 0; partition < tasks; ++partition) {
        look_at(directory_ / (std::to_string(part) + "_" + std::to_string(partition)), now);
      }
    }
    return std::move(stores_);
  }

 private:
  Store& found(const std::string& name) {
    const auto at = std::ranges::find(stores_, name, &Store::name);
    if (at != stores_.end()) return *at;
    stores_.push_back({.name = name});
    return stores_.back();
  }
  void meet(const std::string& name, What what, const std::string& why = "") {
    Store& store = found(name);
    if (what != What::fresh) ++store.tasks_here;
    if (weight(what) <= weight(store.what)) return;
    store.what = what;
    store.why = why;
  }

  void look_at(const std::filesystem::path& task, const Parts& now) {
    const Result<state::Opening> opening = state::look_at_lmdb(task);
    for (const auto& [name, form] : now) {
      if (!opening) meet(name, What::unknown, opening.error().text);
    }
    if (!opening || opening->how == state::Opening::How::kFresh) return;
    if (opening->how == state::Opening::How::kDiscarded) {
      for (const auto& [name, form] : now) meet(name, What::restored, opening->reason);
      return;
    }
    if (opening->fingerprint.empty()) return;  // Made a moment ago, and nothing written yet.
    const Parts then = parts_of(opening->fingerprint);
    for (const auto& [name, form] : now) {
      const auto before = then.find(name);
      const bool fits = before != then.end() && before->second == form;
      meet(name, fits ? What::kept : What::unfit,
           before == then.end() ? "its task's state was written without it" : "");
    }
    for (const auto& [name, form] : then) {
      if (!now.contains(name)) meet(name, What::gone);
    }
  }

  const Topology& topology_;
  const std::filesystem::path& directory_;
  std::vector<Store> stores_;
};

}  // namespace

std::vector<Preview::Store> preview_stores(const Topology& topology, const Layout& layout,
                                           const std::filesystem::path& directory) {
  return Looker(topology, directory).look(layout);
}

}  // namespace weir::engine
