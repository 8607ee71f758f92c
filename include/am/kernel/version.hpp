#pragma once
// The program's version, set by the build. Recorded with runs and migrations, never compared.

#include <string_view>

namespace am::kernel {

/// "0.1.0".
std::string_view version();

}  // namespace am::kernel
