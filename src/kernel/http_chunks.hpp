#pragma once
// A chunked body by the letter of RFC 9112, 7.1, without what two readers could take in two ways: no extensions, no
// trailers, nothing but hexadecimal digits in front of CR LF. Private.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace am::kernel {

class ChunkReader {
 public:
  /// most:    bytes of the body; what frames them may be as much again, and a little.
  explicit ChunkReader(std::size_t most) : most_(most) {}

  enum class State { more, whole, malformed, too_long };
  /// bytes:   all that follows the head, the same as the last time and what has come since. Not to be called again once
  ///          it is not `more`.
  State read(std::string_view bytes);

  /// The body, once it is whole.
  std::string take() { return std::move(body_); }
  std::size_t size() const { return taken_; }  ///< of all chunks as they were sent

 private:
  State read_size(std::string_view rest);
  State read_data(std::string_view rest);
  State read_end(std::string_view rest);

  enum class Next { size, data, line_end, last };
  Next next_ = Next::size;
  std::size_t most_;
  std::size_t left_ = 0;  ///< of the chunk at hand
  std::size_t taken_ = 0;
  std::string body_;
};

}  // namespace am::kernel
