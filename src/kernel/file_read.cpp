#include "am/kernel/file_read.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "am/base/text.hpp"
#include "wait.hpp"

namespace am::kernel {

namespace {

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number;
};

FileProblem problem_of(int code) {
  const bool missing = code == ENOENT || code == ENOTDIR;
  if (code == ENXIO || code == ENODEV) return {FileProblem::Kind::no_file, "it is no file"};
  return {missing ? FileProblem::Kind::missing : FileProblem::Kind::unreadable,
          to_lower(std::generic_category().message(code))};
}

/// /dev/null stands for an empty file, and a terminal for whoever types; other devices are nobody's text.
bool is_readable_device(int descriptor, const struct stat& info) {
  return info.st_rdev == makedev(1, 3) || ::isatty(descriptor) == 1;
}

std::string size_text(std::size_t bytes) {
  return bytes % (1U << 20U) == 0 ? std::to_string(bytes >> 20U) + " MiB" : std::to_string(bytes) + " bytes";
}

FileProblem too_large(std::size_t most, const std::string& got) {
  return {FileProblem::Kind::too_large, "too large (expected at most " + size_text(most) + got + ")"};
}

Error nobody_writes(const std::string& path, bool begun, std::chrono::milliseconds waited) {
  return {ErrorKind::unavailable,
          path +
              (begun ? ": whoever writes to this pipe did not end within "
                     : ": nobody wrote to this pipe within ") +
              seconds_text(waited),
          "start what writes to it, or name a file; --max-wait is the longest wait"};
}

}  // namespace

Result<std::string, FileProblem> read_file(const std::string& path, const ReadLimits& limits) {
  const Wait wait(limits.patience.stop, limits.patience.longest);
  // Not blocking: else a pipe is not even opened before somebody writes to it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number < 0) return problem_of(errno);
  struct stat info = {};
  if (::fstat(file.number, &info) != 0) return problem_of(errno);
  if (S_ISDIR(info.st_mode)) return FileProblem{FileProblem::Kind::no_file, "it is a directory"};
  if (S_ISBLK(info.st_mode) || (S_ISCHR(info.st_mode) && !is_readable_device(file.number, info)))
    return FileProblem{FileProblem::Kind::no_file, "it is a device"};
  if (S_ISREG(info.st_mode) && static_cast<std::size_t>(info.st_size) > limits.most && !limits.enough)
    return too_large(limits.most, ", got " + std::to_string(info.st_size) + " bytes");

  std::string text;
  std::array<char, 65536> piece;
  for (;;) {
    // Before the first read, too: that of a pipe without a writer looks like its end.
    if (!S_ISREG(info.st_mode) && !wait.for_events(file.number, POLLIN))
      wait.give_up(nobody_writes(path, !text.empty(), limits.patience.longest));
    const ssize_t got = ::read(file.number, piece.data(), piece.size());
    if (got < 0 && errno != EAGAIN && errno != EINTR) return problem_of(errno);
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got < 0 ? 0 : got));
    if (limits.enough && limits.enough(text)) return text;
    if (text.size() > limits.most) return too_large(limits.most, "");
  }
}

}  // namespace am::kernel
