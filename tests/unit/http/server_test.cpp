#include "http/server.h"

#include <gmock/gmock.h>

namespace weir::http {
namespace {

TEST(HttpServer, AnswersItsPagesAndNothingElse) {
  Pages pages;
  pages["/readyz"] = [] { return Answer{.status = 503, .body = "not yet"}; };
  pages["/metrics"] = [] { return Answer{.type = "text/plain", .body = "up 1\n"}; };
  const auto server = Server::listen("127.0.0.1:0", std::move(pages));
  ASSERT_TRUE(server) << server.error().text;
  const std::string url = (*server)->url();
  EXPECT_EQ(get(url, "/readyz")->status, 503);
  EXPECT_EQ(get(url, "/readyz")->body, "not yet");
  EXPECT_EQ(get(url, "/metrics")->type, "text/plain");
  EXPECT_EQ(get(url, "/else")->status, 404);
}

TEST(HttpServer, APageSeesWhatWasAsked) {
  Pages pages;
  pages["/store/*"] = [](const Query& query) {
    return Answer{.body = query.rest + " " + query.value_or("key", "none")};
  };
  const auto server = Server::listen("127.0.0.1:0", std::move(pages));
  ASSERT_TRUE(server) << server.error().text;
  EXPECT_EQ(get((*server)->url(), "/store/a.b?key=k%201%26&other=x")->body, "a.b k 1&");
  EXPECT_EQ(get((*server)->url(), "/store/")->body, " none");
}

TEST(HttpServer, APortThatIsTakenIsAnError) {
  const auto first = Server::listen("127.0.0.1:0", {});
  ASSERT_TRUE(first);
  const std::string port = (*first)->url().substr((*first)->url().rfind(':') + 1);
  EXPECT_FALSE(Server::listen("127.0.0.1:" + port, {}));
}

TEST(HttpServer, AnAddressHasToBeOne) {
  EXPECT_FALSE(Server::listen("nonsense", {}));
  EXPECT_FALSE(Server::listen("127.0.0.1:99999", {}));
  EXPECT_FALSE(get("ftp://localhost", "/"));
  EXPECT_FALSE(get("http://127.0.0.1:1", "/"));
}

}  // namespace
}  // namespace weir::http
