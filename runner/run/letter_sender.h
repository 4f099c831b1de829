// Sends dead letters back to the topics that their records came from, or marks them as dropped.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "kafka/client.h"
#include "run/dead_letters.h"
#include "run/handled_letters.h"

namespace weir::run {

// One at a time for a job: a second one, anywhere, puts an end to the first, whose last transaction
// then never was. In each transaction lie some letters and the news that they are handled, so who
// dies at any moment has replayed each letter once or not at all, and the next one knows which.
class LetterSender {
 public:
  // Ends what a predecessor left open, then reads what is handled. REQUIRES: all outlives this.
  static kafka::Reply<std::unique_ptr<LetterSender>> open(kafka::Cluster& cluster,
                                                          const std::string& job,
                                                          HandledLetters& handled,
                                                          const DeadLetters& letters);

  // In the transaction that is under way.
  kafka::Outcome replay(const DeadLetter& letter);
  kafka::Outcome drop(const DeadLetter& letter);
  // Commits; letters since the last commit are lasting only then.
  kafka::Outcome commit();

  std::size_t pending() const { return pending_; }

 private:
  LetterSender(HandledLetters& handled, const DeadLetters& letters)
      : handled_(handled), letters_(letters) {}
  kafka::Outcome begin();
  kafka::Outcome send(const kafka::Outgoing& record);
  kafka::Reply<kafka::TopicId> topic(const std::string& name);

  HandledLetters& handled_;
  const DeadLetters& letters_;
  std::unique_ptr<kafka::Producer> producer_;
  std::map<std::string, kafka::TopicId> topics_;
  bool open_ = false;
  std::size_t pending_ = 0;
};

}  // namespace weir::run
