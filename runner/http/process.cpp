#include "http/process.h"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::http {

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double count_open_files() {
  std::error_code failed;
  double count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; at != end;
       at.increment(failed)) {
    ++count;
  }
  return count;
}

}  // namespace

ProcessNumbers process_numbers() {
  ProcessNumbers now;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  now.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  now.resident_bytes = pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  now.open_files = count_open_files();
  struct stat self {};
  if (stat("/proc/self", &self) == 0) {
    now.start_seconds = static_cast<double>(self.st_ctim.tv_sec);
  }
  return now;
}

}  // namespace weir::http
