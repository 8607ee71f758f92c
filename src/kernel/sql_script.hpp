#pragma once
// Reads a script of SQL just far enough to tell its statements apart: what stands in a string, a quoted name, a dollar
// quote, a comment or a function's body is no statement of the script.

#include <optional>
#include <string>
#include <string_view>

namespace am::kernel {

struct ScriptStatement {
  int line;          ///< from 1
  std::string word;  ///< "COMMIT"
};

/// The first statement that begins or ends a transaction; SAVEPOINT, RELEASE and ROLLBACK TO stay within one.
std::optional<ScriptStatement> find_transaction_control(std::string_view script);

}  // namespace am::kernel
