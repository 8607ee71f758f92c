#include "am/kernel/file_write.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
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

/// The new file before it has its name; removed unless it got it.
class Temporary {
 public:
  explicit Temporary(const std::string& path) : path_(path) {
    const auto slash = path.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    name_ = path.substr(0, name) + "." + path.substr(name) + ".XXXXXX";
    descriptor_ = ::mkostemp(name_.data(), 0);
    if (descriptor_ < 0) throw failed(path_, errno);
  }
  ~Temporary() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!renamed_) ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw failed(path_, errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void take_the_name() {
    if (::fchmod(descriptor_, 0644) != 0 || ::fsync(descriptor_) != 0) throw failed(path_, errno);
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (closed != 0 || std::rename(name_.c_str(), path_.c_str()) != 0) throw failed(path_, errno);
    renamed_ = true;
  }

 private:
  const std::string& path_;
  std::string name_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

void write_file_atomically(const std::string& path, std::string_view text) {
  Temporary file(path);
  file.write(text);
  file.take_the_name();
}

}  // namespace am::kernel
