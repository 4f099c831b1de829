#include "run/connection.h"

#include <fstream>

namespace weir::run {

namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

Result<std::string> outside_value(const std::string& what, const job::Outside& outside) {
  if (what.starts_with("file:")) {
    Result<std::string> text = outside.file(what.substr(5));
    if (!text) return text;
    return trimmed(*text);
  }
  if (what.starts_with("credential:")) {
    if (outside.credentials_folder.empty()) return Error{"there are no credentials here"};
    Result<std::string> text = outside.credential(what.substr(11));
    if (!text) return text;
    return trimmed(*text);
  }
  const std::size_t sign = what.find(":-");
  const auto value = outside.environment(what.substr(0, sign));
  if (value) return *value;
  if (sign != std::string::npos) return what.substr(sign + 2);
  return Error{"'" + what + "' is not set in the environment"};
}

Result<std::string> filled_in(std::string text, const job::Outside& outside) {
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos;) {
    const std::size_t end = text.find('}', at);
    if (end == std::string::npos) return Error{"'${' without '}'"};
    const Result<std::string> value = outside_value(text.substr(at + 2, end - at - 2), outside);
    if (!value) return value.error();
    text.replace(at, end - at + 1, *value);
    at += value->size();
  }
  return text;
}

class Collector {
 public:
  explicit Collector(const job::Outside& outside) : outside_(outside) {}

  Status add(std::string_view line, const std::string& from) {
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos || sign == 0) {
      return Error{from + ": a property is NAME=VALUE"};
    }
    const std::string name = trimmed(line.substr(0, sign));
    if (name != "bootstrap.servers" && kafka::is_reserved(name)) {
      return Error{from + ": weir sets '" + name + "' itself, its guarantees hang on it"};
    }
    const Result<std::string> value = filled_in(trimmed(line.substr(sign + 1)), outside_);
    if (!value) return Error{from + ": " + name + ": " + value.error().text};
    set(name, *value);
    return {};
  }

  void set(const std::string& name, const std::string& value) {
    if (name == "bootstrap.servers") {
      brokers_ = value;
    } else if (name == "sasl.mechanism") {  // Two names of one property: the last word counts.
      properties_["sasl.mechanisms"] = value;
    } else {
      properties_[name] = value;
    }
  }

  Status add_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return Error{"cannot read '" + path + "'"};
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const std::string text = trimmed(line);
      if (text.empty() || text[0] == '#' || text[0] == '!') continue;
      if (Status added = add(text, path + ":" + std::to_string(number)); !added) return added;
    }
    return {};
  }

  void add_environment() {
    for (const char* const name : {"KAFKA_BOOTSTRAP", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BROKERS"}) {
      take("bootstrap.servers", name);
    }
    if (take("sasl.username", "KAFKA_API_KEY")) {
      take("sasl.password", "KAFKA_API_SECRET");
      set("security.protocol", "SASL_SSL");
      set("sasl.mechanisms", "PLAIN");
    }
    take("security.protocol", "KAFKA_SECURITY_PROTOCOL");
    take("sasl.mechanisms", "KAFKA_SASL_MECHANISM");
    take("sasl.username", "KAFKA_SASL_USERNAME");
    take("sasl.password", "KAFKA_SASL_PASSWORD");
  }

  const std::string& brokers() const { return brokers_; }
  kafka::Properties properties() const { return {properties_.begin(), properties_.end()}; }

 private:
  bool take(const std::string& property, const std::string& variable) {
    const std::optional<std::string> value = outside_.environment(variable);
    if (!value || value->empty()) return false;
    set(property, *value);
    return true;
  }

  const job::Outside& outside_;
  std::string brokers_;
  std::map<std::string, std::string> properties_;
};

}  // namespace

Result<Connection> resolve(const ConnectionSources& sources, const job::Outside& outside) {
  Collector collector(outside);
  if (sources.job_brokers.empty()) collector.add_environment();
  if (!sources.job_brokers.empty()) collector.set("bootstrap.servers", sources.job_brokers);
  for (const auto& [name, value] : sources.job_properties) collector.set(name, value);
  if (!sources.config_file.empty()) {
    if (Status added = collector.add_file(sources.config_file); !added) return added.error();
  }
  for (const std::string& property : sources.properties) {
    if (Status added = collector.add(property, "-X"); !added) return added.error();
  }
  Connection connection{.brokers = collector.brokers(), .properties = collector.properties()};
  if (const auto brokers = outside.environment("WEIR_BROKERS"); brokers && !brokers->empty()) {
    connection.brokers = *brokers;
  }
  if (!sources.brokers.empty()) connection.brokers = sources.brokers;
  if (connection.brokers.empty()) connection.brokers = "localhost:9092";
  if (Status good = kafka::check_options(connection.options()); !good) return good.error();
  return connection;
}

}  // namespace weir::run
