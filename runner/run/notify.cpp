#include "run/notify.h"

#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::run {

Notify::Notify() {
  if (const char* path = std::getenv("NOTIFY_SOCKET")) socket_ = path;
  if (const char* limit = std::getenv("WATCHDOG_USEC")) {
    const char* const whom = std::getenv("WATCHDOG_PID");
    const bool mine = whom == nullptr || std::atol(whom) == static_cast<long>(getpid());
    if (mine) watchdog_ = Duration(std::atoll(limit) / 1000);
  }
}

void Notify::tell(const std::string& words) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // An abstract name.
  const int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  // systemd that does not listen is no reason to stop.
  [[maybe_unused]] const ssize_t sent =
      sendto(file, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), size);
  close(file);
}

}  // namespace weir::run
