#pragma once
// stdin, stdout and stderr as they have to be here: whoever does not write, or does not read, is waited for as long as
// it takes, but not when the process is asked to end. (The standard library's own go on waiting.)

#include <array>
#include <cstddef>
#include <streambuf>

#include "am/kernel/stop.hpp"

namespace am::kernel {

/// Errors:  Error{no_input} when it can't be read; as Stop::check when asked to end. They get through an istream whose
///          exceptions() hold badbit.
class InputBuffer final : public std::streambuf {
 public:
  InputBuffer(int descriptor, const Stop& stop) : descriptor_(descriptor), stop_(stop) {}

 protected:
  int_type underflow() override;

 private:
  int descriptor_;
  const Stop& stop_;
  std::array<char, 65536> bytes_{};
};

/// Not buffered. What can't be written, also for a reader that does not read when asked to end, makes the stream bad and
/// leaves the reason in errno.
class OutputBuffer final : public std::streambuf {
 public:
  OutputBuffer(int descriptor, const Stop& stop) : descriptor_(descriptor), stop_(stop) {}

 protected:
  int_type overflow(int_type byte) override;
  std::streamsize xsputn(const char* bytes, std::streamsize count) override;

 private:
  int descriptor_;
  const Stop& stop_;
};

}  // namespace am::kernel
