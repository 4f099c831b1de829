// A process with one exactly-once copier, to be killed at any moment.
//
//   kafka_copier FROM TO GROUP INSTANCE SESSION_MS
//
// Runs until it is killed. Exit 3: another process took its instance id.
#include <cstdio>
#include <cstdlib>

#include "broker/copier.h"

int main(int argc, char** argv) {
  if (argc != 6 || weir::tests::world() == nullptr) {
    std::fprintf(stderr, "kafka_copier FROM TO GROUP INSTANCE SESSION_MS, and WEIR_TEST_BROKERS\n");
    return 64;
  }
  const auto cluster = weir::tests::world()->connect();
  weir::tests::Copier copier(*cluster, {.from = argv[1],
                                        .to = argv[2],
                                        .group = argv[3],
                                        .instance = argv[4],
                                        .session = weir::Duration{std::atoi(argv[5])}});
  while (!copier.is_dead()) copier.step();
  return 3;
}
