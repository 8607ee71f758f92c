#include "http_chunks.hpp"

namespace am::kernel {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kLongestSize = 16;      // digits
constexpr std::size_t kSparedFraming = 4096;  // bytes, for bodies that are short themselves

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkReader::State ChunkReader::read(std::string_view bytes) {
  for (;;) {
    const std::size_t before = taken_;
    const std::string_view rest = bytes.substr(taken_);
    const State state = next_ == Next::size   ? read_size(rest)
                        : next_ == Next::data ? read_data(rest)
                                              : read_end(rest);
    if (state != State::more) return state;
    if (taken_ > 2 * most_ + kSparedFraming) return State::too_long;
    if (taken_ == before) return State::more;
  }
}

/// What can't be a size is told before its line is whole.
ChunkReader::State ChunkReader::read_size(std::string_view rest) {
  std::size_t size = 0;
  std::size_t digits = 0;
  for (; digits < rest.size() && digit_of(rest[digits]) >= 0; ++digits) {
    if (digits == kLongestSize) return State::malformed;
    size = size * 16 + static_cast<std::size_t>(digit_of(rest[digits]));
    if (size > most_ - body_.size()) return State::too_long;
  }
  const std::string_view end = rest.substr(digits, kLineEnd.size());
  if (!kLineEnd.starts_with(end) || (digits == 0 && !end.empty())) return State::malformed;
  if (end.size() < kLineEnd.size()) return State::more;
  taken_ += digits + kLineEnd.size();
  left_ = size;
  next_ = size == 0 ? Next::last : Next::data;
  return State::more;
}

ChunkReader::State ChunkReader::read_data(std::string_view rest) {
  const std::string_view part = rest.substr(0, left_);
  body_ += part;
  taken_ += part.size();
  left_ -= part.size();
  if (left_ == 0) next_ = Next::line_end;
  return State::more;
}

/// Of a chunk, or of all of them: a trailer would stand where the last line end has to be.
ChunkReader::State ChunkReader::read_end(std::string_view rest) {
  const std::string_view end = rest.substr(0, kLineEnd.size());
  if (!kLineEnd.starts_with(end)) return State::malformed;
  if (end.size() < kLineEnd.size()) return State::more;
  taken_ += end.size();
  if (next_ == Next::last) return State::whole;
  next_ = Next::size;
  return State::more;
}

}  // namespace am::kernel
