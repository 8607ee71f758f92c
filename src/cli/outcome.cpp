#include "am/cli/outcome.hpp"

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

}  // namespace am::cli
