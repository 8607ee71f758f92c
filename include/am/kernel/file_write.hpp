#pragma once
// A file that others read while it is written: they see the old text or the new one, never a part.

#include <string>
#include <string_view>

namespace am::kernel {

/// Writes a temporary file (".NAME.XXXXXX", mode 0644) beside path, syncs it and renames it to path. On failure the
/// temporary is removed and what was at path stays.
/// Errors:  no_input: the directory is not there, or path is one; denied: no right to write there, or a read-only
///          file system; bug for the rest (a full disk), with the system's words.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace am::kernel
