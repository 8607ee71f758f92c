#include "input.hpp"

#include <istream>

#include "am/kernel/file_read.hpp"

namespace am::cli {

namespace {

constexpr std::size_t kMostInput = std::size_t{64} << 20U;

Error too_large(const std::string& path) {
  return {ErrorKind::data, input_name(path) + ": too large (expected at most 64 MiB)", "import it in parts"};
}

}  // namespace

std::string input_name(const std::string& path) { return path == "-" ? "standard input" : path; }

std::string read_input(const std::string& path, Context& context) {
  if (path != "-") {
    auto text = kernel::read_file(path, {.most = kMostInput, .patience = context.patience()});
    if (text) return std::move(text).value();
    if (text.error().kind == kernel::FileProblem::Kind::too_large) throw too_large(path);
    throw Error(ErrorKind::no_input, path + ": cannot be read: " + text.error().reason,
                "check that the file exists and that this user may read it");
  }
  std::istream& in = context.environment.in;
  std::string text;
  std::string piece(std::size_t{1} << 16U, '\0');
  while (text.size() <= kMostInput) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.bad()) throw Error(ErrorKind::no_input, "standard input: cannot be read");
    if (in.gcount() == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
  }
  throw too_large(path);
}

const std::string& required_text(const std::optional<std::string>& value, const std::string& flag) {
  if (!value) throw Error(ErrorKind::usage, "needs " + flag);
  return *value;
}

}  // namespace am::cli
