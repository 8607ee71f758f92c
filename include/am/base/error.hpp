#pragma once
// The one exception type: what ends the work. Expected rejections of data are a Result instead
// (result.hpp). A library's own exceptions are translated in the one file that names the library.

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "am/base/exit_code.hpp"

namespace am {

/// A moment of UTC, to the microsecond (PostgreSQL's own resolution).
using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// What ended the work. Each kind has exactly one exit code (Error::exit_code, a switch without default).
enum class ErrorKind {
  bug,          ///< an invariant of the program itself was broken
  usage,        ///< flags or arguments, before anything was touched
  data,         ///< a provider's, model's or file's data was rejected
  no_input,     ///< a batch, run, day or file that is not there, or not due yet
  unavailable,  ///< database or provider unreachable after retries
  needs_human,  ///< a stored invariant is broken, or an effect's outcome is unknown
  deferred,     ///< not published yet, or budget spent: progress is saved, come back at not_before
  denied,       ///< credentials or privileges refused
  config,       ///< configuration or schema
  busy,         ///< a live run holds the lease, or this run was fenced out
  exists,       ///< --fail-if-exists, and it does
  interrupted,  ///< SIGINT
  terminated,   ///< SIGTERM
};

class Error : public std::exception {
 public:
  /// message: "<subject>: <problem> (expected …, got …)", lower case, no full stop, no secret.
  /// hint: what the user can do; may be empty.
  /// Both may quote anybody's text: they are made printable() here.
  Error(ErrorKind kind, std::string_view message, std::string_view hint = {});

  /// The same error with one phrase of context in front ("alpha-vantage SPY: …").
  [[nodiscard]] Error within(std::string_view context) const;
  /// The same error in other words (a secret masked, a hint that knows more).
  [[nodiscard]] Error with_text(std::string message, std::string hint) const;
  [[nodiscard]] Error retry_after(Instant not_before) const;
  /// The same error, but a further attempt cannot help (retry and outcome both see that).
  [[nodiscard]] Error final() const;
  /// The same error, which ended that run of the ledger.
  [[nodiscard]] Error of_run(std::string run_id) const;
  /// The same error, which meets whoever asks that source now (a budget that is spent, a fetch of another process), and not
  /// just what was asked for.
  [[nodiscard]] Error of_the_source() const;

  const char* what() const noexcept override { return message_.c_str(); }
  ErrorKind kind() const noexcept { return kind_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }
  /// Earliest moment at which a rerun can succeed, when it is known.
  const std::optional<Instant>& not_before() const noexcept { return not_before_; }

  /// Of the run that it ended; empty: none was claimed.
  const std::string& run_id() const noexcept { return run_id_; }

  /// A later rerun of the same command can succeed without anyone changing anything.
  bool retryable() const noexcept;
  ExitCode exit_code() const noexcept;
  bool is_of_the_source() const noexcept { return of_the_source_; }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string hint_;
  std::optional<Instant> not_before_;
  std::string run_id_;
  bool final_ = false;
  bool of_the_source_ = false;
};

std::string_view error_kind_name(ErrorKind kind);

}  // namespace am
