#pragma once
// DATABASE_URL: what of it is for libpq, what was meant for another driver or a pooler, and what is wrong with it. Its
// text is never repeated: a name of a parameter is, a value never, and no name that can be a piece of a password.

#include <chrono>
#include <string>
#include <vector>

#include "am/kernel/db.hpp"

namespace am::kernel {

/// DATABASE_URL taken apart. `conninfo` may hold the password: never printed.
struct DbTarget {
  std::string conninfo;  ///< keyword form, with our defaults added
  std::string where;     ///< "db.example:5432", "/run/postgresql:5432"
  std::string user;      ///< empty: libpq's default
  std::size_t hosts = 1;
  bool has_names = false;  ///< a host's name has to be looked up, as far as one can tell
  std::chrono::milliseconds connect_timeout{0};  ///< for each address of each host
};

/// Errors:  config: no URL, or one that is malformed, in quotes, or has a parameter that can't be meant for us.
DbTarget parse_target(const DbOptions& options);

/// keyword='value' and a blank, as a conninfo string wants it.
void append_option(std::string& conninfo, std::string_view keyword, std::string_view value);

}  // namespace am::kernel
