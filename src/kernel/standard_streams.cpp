#include "am/kernel/standard_streams.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include <unistd.h>

#include "am/base/text.hpp"
#include "wait.hpp"

namespace am::kernel {

InputBuffer::int_type InputBuffer::underflow() {
  const Wait wait(&stop_);
  for (;;) {
    if (!wait.for_events(descriptor_, POLLIN)) stop_.check();
    const ssize_t got = ::read(descriptor_, bytes_.data(), bytes_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0)
      throw Error(ErrorKind::no_input,
                  "standard input: cannot be read: " + to_lower(std::generic_category().message(errno)));
    if (got == 0) return traits_type::eof();
    setg(bytes_.data(), bytes_.data(), bytes_.data() + got);
    return traits_type::to_int_type(bytes_[0]);
  }
}

OutputBuffer::int_type OutputBuffer::overflow(int_type byte) {
  if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
  const char one = traits_type::to_char_type(byte);
  return xsputn(&one, 1) == 1 ? byte : traits_type::eof();
}

std::streamsize OutputBuffer::xsputn(const char* bytes, std::streamsize count) {
  const Wait wait(&stop_);
  std::streamsize done = 0;
  while (done < count) {
    if (!wait.for_events(descriptor_, POLLOUT)) {
      errno = EINTR;
      return done;
    }
    // A pipe that has room at all has room for so much.
    const auto piece = static_cast<std::size_t>(std::min<std::streamsize>(count - done, PIPE_BUF));
    const ssize_t written = ::write(descriptor_, bytes + done, piece);
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return done;
    done += written;
  }
  return done;
}

}  // namespace am::kernel
