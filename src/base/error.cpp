#include "am/base/error.hpp"

#include "am/base/text.hpp"

namespace am {

Error::Error(ErrorKind kind, std::string_view message, std::string_view hint)
    : kind_(kind), message_(printable(message)), hint_(printable(hint)) {}

Error Error::within(std::string_view context) const {
  Error copy = *this;
  copy.message_ = printable(context) + ": " + message_;
  return copy;
}

Error Error::with_text(std::string message, std::string hint) const {
  Error copy = *this;
  copy.message_ = std::move(message);
  copy.hint_ = std::move(hint);
  return copy;
}

Error Error::retry_after(Instant not_before) const {
  Error copy = *this;
  copy.not_before_ = not_before;
  return copy;
}

Error Error::final() const {
  Error copy = *this;
  copy.final_ = true;
  return copy;
}

Error Error::of_run(std::string run_id) const {
  Error copy(*this);
  copy.run_id_ = std::move(run_id);
  return copy;
}

Error Error::of_the_source() const {
  Error copy = *this;
  copy.of_the_source_ = true;
  return copy;
}

bool Error::retryable() const noexcept {
  switch (kind_) {
    case ErrorKind::unavailable:
    case ErrorKind::deferred:
    case ErrorKind::busy:
    case ErrorKind::interrupted:
    case ErrorKind::terminated:
      return !final_;
    case ErrorKind::bug:
    case ErrorKind::usage:
    case ErrorKind::data:
    case ErrorKind::no_input:
    case ErrorKind::needs_human:
    case ErrorKind::denied:
    case ErrorKind::config:
    case ErrorKind::exists:
      return false;
  }
  return false;
}

ExitCode Error::exit_code() const noexcept {
  switch (kind_) {
    case ErrorKind::bug:
      return ExitCode::failure;
    case ErrorKind::usage:
      return ExitCode::usage;
    case ErrorKind::data:
      return ExitCode::data;
    case ErrorKind::no_input:
      return ExitCode::no_input;
    case ErrorKind::unavailable:
      return ExitCode::unavailable;
    case ErrorKind::needs_human:
      return ExitCode::needs_human;
    case ErrorKind::deferred:
      return ExitCode::deferred;
    case ErrorKind::denied:
      return ExitCode::denied;
    case ErrorKind::config:
      return ExitCode::config;
    case ErrorKind::busy:
      return ExitCode::busy;
    case ErrorKind::exists:
      return ExitCode::exists;
    case ErrorKind::interrupted:
      return ExitCode::interrupted;
    case ErrorKind::terminated:
      return ExitCode::terminated;
  }
  return ExitCode::failure;
}

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bug:
      return "bug";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::data:
      return "data";
    case ErrorKind::no_input:
      return "no_input";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::needs_human:
      return "needs_human";
    case ErrorKind::deferred:
      return "deferred";
    case ErrorKind::denied:
      return "denied";
    case ErrorKind::config:
      return "config";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::exists:
      return "exists";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::terminated:
      return "terminated";
  }
  return "unknown";
}

}  // namespace am
