// What the addresses of servers have in common: scheme://user:password@hosts/database?options.
#pragma once

#include <string_view>

#include <weir/error.h>

namespace weir::sink {

// An Error for an address in which a parser would take a part of a password for something else, and
// show it: one with a raw @ : / or ? in user or password. It quotes nothing. Text without "://" is
// not an address of this kind, and passes.
Status check_login(std::string_view uri);

}  // namespace weir::sink
