// A BSON document that gives its memory back.
#pragma once

#include <bson/bson.h>

namespace weir::sink {

class Bson {
 public:
  Bson() { bson_init(&document_); }
  ~Bson() { bson_destroy(&document_); }
  Bson(const Bson&) = delete;
  Bson& operator=(const Bson&) = delete;

  bson_t* get() { return &document_; }
  void clear() { bson_reinit(&document_); }

 private:
  bson_t document_;
};

}  // namespace weir::sink
