#pragma once
// A file that others read while it is written: they see the old text or the new one, never a part.

#include <string>
#include <string_view>

namespace am::kernel {

/// A file that is written piece by piece and takes its name at the end. Not committed when destroyed: what was at path
/// stays. Errors: as write_file_atomically.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  std::string place_;  ///< what is replaced: where a link at path leads
  std::string temporary_;
  int descriptor_ = -1;
  bool committed_ = false;
};

/// Writes a temporary file (".NAME.XXXXXX", mode 0644) beside path, syncs it and renames it to path. A link at path
/// stays: what it leads to is replaced. On failure the temporary is removed and what was at path stays.
/// Errors:  no_input: the directory is not there; path is a directory, a device, a pipe or a socket, or a link to one of
///          these or to nothing; denied: no right to write there, a read-only file system, or a link that belongs neither
///          to this user nor to root; bug for the rest (a full disk), with the system's words.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace am::kernel
