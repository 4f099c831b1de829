// Words to systemd: ready, status, still alive. Nothing happens when nobody listens.
#pragma once

#include <string>
#include <string_view>

#include <weir/time.h>

namespace weir::run {

class Notify {
 public:
  // Reads NOTIFY_SOCKET and WATCHDOG_USEC.
  Notify();

  void ready() { tell("READY=1"); }
  void stopping() { tell("STOPPING=1"); }
  void status(std::string_view text) { tell("STATUS=" + std::string(text)); }
  // REQUIRES: called only while the work goes on, not by a timer of its own.
  void alive() {
    if (watchdog_.count() > 0) tell("WATCHDOG=1");
  }
  // How often alive() is due at least; zero: nobody waits for it.
  Duration watchdog() const { return watchdog_; }

 private:
  void tell(const std::string& words) const;

  std::string socket_;
  Duration watchdog_{};
};

}  // namespace weir::run
