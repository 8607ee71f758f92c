#pragma once
// What PostgreSQL's SQLSTATE codes mean to a user of am. Names no driver.

#include <string>
#include <string_view>

#include "am/kernel/db.hpp"

namespace am::kernel {

/// "ERROR:  relation \"x\" does not exist\nLINE 1: …" → "relation \"x\" does not exist". DETAIL lines, which
/// hold values of rows, are dropped.
std::string primary_message(std::string_view text);

/// A name as SQL takes it, whatever it holds: in quotes.
std::string quoted_identifier(std::string_view name);

/// A statement that the server refused.
struct Refusal {
  std::string_view sqlstate;
  std::string_view text;  ///< the server's message
  std::string_view sql;
  std::string_view user;
  bool read_only = false;  ///< in a transaction that we began READ ONLY
};
Error refused(const Refusal& refusal);

/// The connection went away; `text` is what the driver said about it.
Error connection_lost(std::string_view text);

}  // namespace am::kernel
