// What the system knows of this process, under the names that Prometheus' own clients use.
#pragma once

namespace weir::http {

struct ProcessNumbers {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double open_files = 0;
  double start_seconds = 0;  // Since 1970.
};

ProcessNumbers process_numbers();

}  // namespace weir::http
