#include "am/kernel/file_write.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "am/base/error.hpp"

namespace am::kernel {

namespace {

Error failed(const std::string& path, int code) {
  const std::string message = path + ": cannot be written: " + std::generic_category().message(code);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorKind::no_input, message, "create its directory first"};
    case ENAMETOOLONG:
      return {ErrorKind::no_input, message, "name a shorter path"};
    case EISDIR:
      return {ErrorKind::no_input, message, "name a file, not a directory"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorKind::denied, message, "the directory must be writable for the user that runs this"};
    default:
      return {ErrorKind::bug, message,
              "look at the disk's free space and its quota; the old file is still there"};
  }
}

std::string_view kind_of_file(mode_t mode) {
  return S_ISFIFO(mode) ? "a named pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

void require_regular(const std::string& path, mode_t mode) {
  if (S_ISREG(mode)) return;
  if (S_ISDIR(mode)) throw failed(path, EISDIR);
  throw Error(ErrorKind::no_input, path + ": cannot be written: it is " + std::string(kind_of_file(mode)),
              "name a regular file, or one that is not there yet");
}

/// Where a link of one's own leads. One that somebody else put there must not choose what is replaced.
std::string target_of(const std::string& path, uid_t owner) {
  if (owner != 0 && owner != ::geteuid()) {
    throw Error(ErrorKind::denied, path + ": cannot be written: it is a link of another user",
                "name the file that it leads to");
  }
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  struct stat there = {};
  if (real == nullptr || ::stat(real.get(), &there) != 0) {
    throw Error(ErrorKind::no_input, path + ": cannot be written: it is a link to nothing",
                "create the file that it leads to, or name that one");
  }
  require_regular(path, there.st_mode);
  return real.get();
}

/// What writing to path replaces: path, whether it is there or not; the file that a link at path leads to.
std::string file_to_replace(const std::string& path) {
  struct stat there = {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return path;
    throw failed(path, errno);
  }
  if (S_ISLNK(there.st_mode)) return target_of(path, there.st_uid);
  require_regular(path, there.st_mode);
  return path;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : place_(file_to_replace(path)) {
  const auto slash = place_.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  temporary_ = place_.substr(0, name) + "." + place_.substr(name) + ".XXXXXX";
  descriptor_ = ::mkostemp(temporary_.data(), 0);
  if (descriptor_ < 0) throw failed(place_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw failed(place_, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fchmod(descriptor_, 0644) != 0 || ::fsync(descriptor_) != 0) throw failed(place_, errno);
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed != 0 || std::rename(temporary_.c_str(), place_.c_str()) != 0) throw failed(place_, errno);
  committed_ = true;
}

void write_file_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace am::kernel
