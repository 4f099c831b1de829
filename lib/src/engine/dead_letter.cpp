#include "engine/dead_letter.h"

#include <string>
#include <vector>

#include "engine/task.h"
#include <weir/version.h>

namespace weir::engine {

void send_dead_letter(const DeadLetter& letter, const InputRecord& record, int topic,
                      TaskOutput& output) {
  const std::string partition = std::to_string(record.partition);
  const std::string offset = std::to_string(record.offset);
  std::vector<Header> headers(record.headers.begin(), record.headers.end());
  headers.insert(headers.end(), {{"__streams.errors.exception", letter.reason},
                                 {"__streams.errors.message", letter.text},
                                 {"__streams.errors.topic", record.topic},
                                 {"__streams.errors.partition", partition},
                                 {"__streams.errors.offset", offset},
                                 {"weir.job", letter.job},
                                 {"weir.step", letter.step},
                                 {"weir.reason", letter.reason},
                                 {"weir.version", kVersion}});
  OutputRecord out;
  out.topic = topic;
  out.key = record.key;
  out.value = record.value;
  out.timestamp = record.timestamp;
  out.headers = headers;
  output.send(out);
}

}  // namespace weir::engine
