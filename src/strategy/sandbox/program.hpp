#pragma once
// The text of worker/*.py, one behind the other, which the binary carries (cmake/embed_text.cmake).

#include <string_view>

namespace am::strategy {

std::string_view worker_program();

}  // namespace am::strategy
