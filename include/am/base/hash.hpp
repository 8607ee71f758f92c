#pragma once
// SHA-256, for content identity (migrations, step inputs, prompts). Not for passwords.

#include <memory>
#include <string>
#include <string_view>

namespace am {

/// 64 lower-case hex digits of SHA-256(bytes).
std::string sha256_hex(std::string_view bytes);

/// The same of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  std::string hex();  ///< of all that was added; the last call

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace am
