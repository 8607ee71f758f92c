#pragma once
// What a command came to: the one result that app.cpp prints and turns into an exit code.

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/error.hpp"

namespace am::cli {

enum class OutcomeKind {
  changed,
  unchanged,
  skipped,
  found,
  busy,
  deferred,
  partial,
  planned,
  interrupted,
  failed
};
std::string_view outcome_name(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::unchanged;
  ExitCode exit = ExitCode::ok;
  std::string run_id;
  std::string slot;
  std::vector<std::pair<std::string, long long>> counts;
  std::vector<std::string> warnings;
  std::optional<Error> error;  ///< why, when a part did not come about
  /// Sessions that were given up. They are stored, so no rerun tells of them: they are told of beside any exit code.
  std::string lost;
  /// What is stored and may be wrong, with what to do: told of like `lost`, but no reason for another exit code.
  std::string doubtful;
  bool pending = false;  ///< something due had to be left for later: no dead-man's switch is told of success
  std::string table;     ///< for people, with its final newline
  std::string data = "null";  ///< JSON text
  std::string csv;            ///< only where the command offers it
  std::string html;
};

/// The outcome of a command that an error ended.
Outcome outcome_of(const Error& error);
/// What is no Error of ours, in our words: memory or a thread that the system did not give is unavailable; the rest is a
/// bug.
Error error_of(const std::exception& exception);

}  // namespace am::cli
