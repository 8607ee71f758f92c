#pragma once
// Reading files that somebody named. Nothing that can stand behind a path holds the process up: a pipe is waited for
// with a deadline and ends by a signal, a directory or a device is refused, and the size is bounded.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "am/base/result.hpp"
#include "am/kernel/stop.hpp"

namespace am::kernel {

/// How long whoever writes to a pipe is waited for.
struct Patience {
  const Stop* stop = nullptr;  ///< null: no signal ends it
  std::chrono::milliseconds longest{90000};
};

struct FileProblem {
  enum class Kind {
    missing,     ///< nothing is there
    unreadable,  ///< this user may not read it, or the disk can't
    no_file,     ///< a directory, a device, a socket
    too_large,
  } kind = Kind::missing;
  std::string reason;  ///< "it is a directory"
};

struct ReadLimits {
  std::size_t most = std::size_t{1} << 20U;  ///< bytes
  Patience patience{};
  /// Asked after each piece whether what was read so far is all that is needed.
  std::function<bool(std::string_view so_far)> enough{};
};

/// A whole file, or the whole of what comes out of a pipe.
/// Errors:  Error{unavailable} for a pipe without a writer, or without an end, within the patience; as Stop::check
///          when asked to end meanwhile.
Result<std::string, FileProblem> read_file(const std::string& path, const ReadLimits& limits = {});

}  // namespace am::kernel
