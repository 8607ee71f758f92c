#pragma once
// SHA-256, for content identity (migrations, step inputs, prompts). Not for passwords.

#include <string>
#include <string_view>

namespace am {

/// 64 lower-case hex digits of SHA-256(bytes).
std::string sha256_hex(std::string_view bytes);

}  // namespace am
