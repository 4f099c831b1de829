// What became of a bulk, and what a sink does about it.
//
//   what happened                              domain  code    here
//   all well                                                   kDone
//   some documents refused                     17      each    kDone, each with the server's reason
//   not primary, shutting down, a conflict     17      91 ...  kAgain
//   not authorized, wrong password             17, 1   13, 11  kNever
//   connection lost, time-out of the socket    2       4       kAgain: written or not, `_id` knows
//   no server, TLS refused                     15      13053   kAgain
//   write concern not met                      16              kAgain: applied, but not durably
//   no reason at all                           0       0       kAgain
//
// A code that is in no list is tried again: the job ends when that has lasted too long, and nothing
// is lost meanwhile.
#pragma once

#include <string>
#include <vector>

#include <bson/bson.h>

namespace weir::sink {

struct MongodbAnswer {
  enum class What { kDone, kAgain, kNever };
  struct Refused {
    std::size_t operation = 0;  // Its place in the bulk.
    std::string why{};
    bool same_id = false;  // Another writer was first to insert this `_id`: worth another try.
  };

  What what = What::kDone;
  std::string why{};
  std::vector<Refused> refused{};
};

// Of a command or a bulk that failed. `reply` is what the driver has put together, or null.
MongodbAnswer read_answer(const bson_error_t& error, const bson_t* reply);

}  // namespace weir::sink
