#include "engine/held_letter.h"

#include "engine/task.h"

namespace weir::engine {

std::uint32_t origin_topic(std::string_view name) {
  std::uint32_t hash = 0x811c9dc5;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193;
  return hash;
}

HeldLetter::HeldLetter(const Origin& origin, const DeadLetter& letter, const InputRecord& as_read)
    : origin_(origin),
      step_(letter.step),
      reason_(letter.reason),
      text_(letter.text),
      topic_(as_read.topic),
      partition_(as_read.partition),
      offset_(as_read.offset),
      timestamp_(as_read.timestamp),
      key_(as_read.key),
      value_(as_read.value) {
  for (const Header& header : as_read.headers) headers_.emplace_back(header.name, header.value);
}

std::size_t HeldLetter::bytes() const {
  std::size_t all = sizeof(HeldLetter) + text_.size();
  if (key_) all += key_->size();
  if (value_) all += value_->size();
  for (const auto& [name, value] : headers_) all += name.size() + (value ? value->size() : 0);
  return all;
}

void HeldLetter::send(const InputRecord* original, std::string_view job, int topic,
                      TaskOutput& output) const {
  if (original != nullptr) {
    return send_dead_letter({job, step_, reason_, text_}, *original, topic, output);
  }
  std::vector<Header> headers;
  for (const auto& [name, value] : headers_) headers.push_back({name, value});
  InputRecord as_read;
  as_read.topic = topic_;
  as_read.partition = partition_;
  as_read.offset = offset_;
  as_read.timestamp = timestamp_;
  as_read.key = key_;
  as_read.value = value_;
  as_read.headers = headers;
  const std::string text = text_ + " (the original, offset " + std::to_string(origin_.offset) +
                           " of partition " + std::to_string(origin_.partition) +
                           " of its source topic, cannot be read any more)";
  send_dead_letter({job, step_, reason_, text}, as_read, topic, output);
}

}  // namespace weir::engine
