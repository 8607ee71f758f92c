#include "am/cli/outcome.hpp"

#include <new>
#include <system_error>

namespace am::cli {

std::string_view outcome_name(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::changed:
      return "changed";
    case OutcomeKind::unchanged:
      return "unchanged";
    case OutcomeKind::skipped:
      return "skipped";
    case OutcomeKind::found:
      return "found";
    case OutcomeKind::busy:
      return "busy";
    case OutcomeKind::deferred:
      return "deferred";
    case OutcomeKind::partial:
      return "partial";
    case OutcomeKind::planned:
      return "planned";
    case OutcomeKind::interrupted:
      return "interrupted";
    case OutcomeKind::failed:
      return "failed";
  }
  return "failed";
}

Outcome outcome_of(const Error& error) {
  Outcome outcome;
  outcome.exit = error.exit_code();
  outcome.error = error;
  outcome.run_id = error.run_id();
  switch (error.kind()) {
    case ErrorKind::busy:
      outcome.kind = OutcomeKind::busy;
      break;
    case ErrorKind::deferred:
      outcome.kind = OutcomeKind::deferred;
      break;
    case ErrorKind::interrupted:
    case ErrorKind::terminated:
      outcome.kind = OutcomeKind::interrupted;
      break;
    default:
      outcome.kind = OutcomeKind::failed;
      break;
  }
  return outcome;
}

Error error_of(const std::exception& exception) {
  constexpr std::string_view kRaise =
      "raise what limits this process: ulimit -u or -v, TasksMax= or MemoryMax= of its unit, the limits of its container";
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr)
    return {ErrorKind::unavailable, "not enough memory", kRaise};
  const auto* refused = dynamic_cast<const std::system_error*>(&exception);
  if (refused != nullptr && (refused->code() == std::errc::resource_unavailable_try_again ||
                             refused->code() == std::errc::not_enough_memory))
    return {ErrorKind::unavailable,
            "this process gets no more threads or memory: " + refused->code().message(), kRaise};
  return {ErrorKind::bug, std::string("internal error: ") + exception.what(), "please report it"};
}

}  // namespace am::cli
