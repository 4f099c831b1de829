// What is said of an address of MongoDB, and by its driver: no server is asked.
#include <gmock/gmock.h>
#include <mongoc/mongoc.h>
#include <unistd.h>

#include <weir/mongodb_sink.h>

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MongodbDriver, LogsToOursWithoutAPasswordAndLeavesNothingToOthersToSee) {
  std::vector<std::string> lines;
  {
    const auto opening = mongodb_sink(
        {.uri = "mongodb://u:S3cret%40%3AMarker@127.0.0.1:1/?serverSelectionTimeoutMS=100",
         .database = "d",
         .collection = "c",
         .columns = {},
         .log = [&](int level, std::string_view line) {
           lines.push_back(std::to_string(level) + " " + std::string(line));
         }});
    ASSERT_TRUE(opening);
    mongoc_log(MONGOC_LOG_LEVEL_WARNING, "client", "%s or %s", "u:S3cret@:Marker",
               "u:S3cret%40%3AMarker");
    mongoc_log(MONGOC_LOG_LEVEL_ERROR, "topology", "gone");
    mongoc_log(MONGOC_LOG_LEVEL_DEBUG, "cluster", "chatter");
  }
  mongoc_log(MONGOC_LOG_LEVEL_ERROR, "topology", "nobody is there any more");
  EXPECT_THAT(lines, ElementsAre("4 client: u:*** or u:***", "3 topology: gone"));
  EXPECT_NE(access(("/dev/shm/mongoc-" + std::to_string(getpid())).c_str(), F_OK), 0);
}

TEST(MongodbAddress, WrongOnesAreErrorsWithoutThePassword) {
  const auto why = [](const std::string& uri) {
    const auto opening =
        mongodb_sink({.uri = uri, .database = "d", .collection = "c", .columns = {}, .log = {}});
    return opening ? std::string("good") : opening.error().text;
  };
  EXPECT_THAT(why("http://u:S3cretMarker@localhost/"),
              AllOf(HasSubstr("no address"), Not(HasSubstr("S3cretMarker"))));
  EXPECT_THAT(why("mongodb://u:S3cretMarker@localhost:1/?nosuchoption=1"),
              AllOf(HasSubstr("nosuchoption"), Not(HasSubstr("S3cretMarker"))));
  for (const char* raw :
       {"mongodb://u:S3:cretMarker@localhost/", "mongodb://u:S3@cretMarker@localhost/",
        "mongodb://u:S3/cretMarker@localhost/"}) {
    EXPECT_THAT(why(raw), AllOf(HasSubstr("not clear"), Not(HasSubstr("cretMarker")))) << raw;
  }
  EXPECT_THAT(why("mongodb://u:S3cretMarker@localhost:notaport/"), Not(HasSubstr("S3cretMarker")));
  EXPECT_EQ(why("mongodb://u:S3cretMarker@localhost:1/"
                "?tls=true&maxPoolSize=5&retryWrites=true&w=majority"),
            "good");
}

}  // namespace
}  // namespace weir
