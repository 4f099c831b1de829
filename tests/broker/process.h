// A process that a test kills, stops and starts again.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace weir::tests {

// A number from the environment, so that a soak is the same test for longer.
inline int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

class Process {
 public:
  explicit Process(std::vector<std::string> command) : command_(std::move(command)) { start(); }
  ~Process() { kill_now(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void kill_now() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void restart() {
    kill_now();
    start();
  }
  // A process that has found itself replaced ends; a supervisor starts it again.
  void keep_alive() {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) start();
  }
  // Waits for its end; the exit code, or -1 when it was killed.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void ask_to_end() { ::kill(pid_, SIGTERM); }
  void hang() { ::kill(pid_, SIGSTOP); }
  void wake() { ::kill(pid_, SIGCONT); }

 private:
  void start() {
    std::vector<char*> arguments;
    for (std::string& word : command_) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid_, arguments[0], nullptr, nullptr, arguments.data(), environ), 0);
  }
  std::vector<std::string> command_;
  pid_t pid_ = 0;
};

}  // namespace weir::tests
