#include "run/notify.h"

#include <cstdlib>
#include <cstring>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::run {
namespace {

// A socket that hears what systemd would.
class Listener {
 public:
  Listener() : path_(testing::TempDir() + "notify-" + std::to_string(getpid())) {
    file_ = socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    bind(file_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~Listener() {
    unsetenv("NOTIFY_SOCKET");
    close(file_);
    unlink(path_.c_str());
  }
  std::string heard() const {
    char words[200];
    const ssize_t size = recv(file_, words, sizeof words, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(words, static_cast<std::size_t>(size));
  }

 private:
  std::string path_;
  int file_;
};

TEST(Notify, TellsSystemd) {
  const Listener listener;
  Notify notify;
  notify.ready();
  EXPECT_EQ(listener.heard(), "READY=1");
  notify.status("all is well");
  EXPECT_EQ(listener.heard(), "STATUS=all is well");
  notify.stopping();
  EXPECT_EQ(listener.heard(), "STOPPING=1");
}

TEST(Notify, BarksOnlyWhereADogIsKept) {
  const Listener listener;
  Notify without;
  without.alive();
  EXPECT_EQ(listener.heard(), "");
  setenv("WATCHDOG_USEC", "3000000", 1);
  Notify with;
  unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(with.watchdog(), Duration(3000));
  with.alive();
  EXPECT_EQ(listener.heard(), "WATCHDOG=1");
}

TEST(Notify, IsSilentWhenNobodyListens) {
  Notify notify;
  notify.ready();
  setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
  Notify to_nobody;
  to_nobody.ready();
  unsetenv("NOTIFY_SOCKET");
}

}  // namespace
}  // namespace weir::run
