#include <algorithm>
#include <istream>

#include <nlohmann/json.hpp>

#include "am/base/error.hpp"
#include "am/base/hash.hpp"
#include "am/base/text.hpp"
#include "am/picks/pickers.hpp"
#include "am/picks/rules.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kMaxFile = 1U << 20U;
constexpr std::size_t kMaxModel = 200;
constexpr const char* kExample =
    R"(expected {"picks":[{"ticker":"XOM","action":"BUY","reasoning":"…"}, … 3 of them]})";

/// ":line:col" of a byte (1-based) in the text; empty when the text is JSON.
std::string place_of_syntax_error(const std::string& text) {
  try {
    [[maybe_unused]] const auto json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t end = std::min(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    const std::size_t newline = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    const std::size_t column = newline == std::string::npos ? end + 1 : end - newline;
    return ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  return {};
}

class FilePicker final : public Picker {
 public:
  FilePicker(std::string path, std::istream& standard_input, const kernel::Patience& patience)
      : path_(std::move(path)),
        subject_(path_ == "-" ? "standard input" : path_),
        standard_input_(standard_input),
        patience_(patience) {}

  std::string name() const override { return "file"; }
  bool sees_the_future() const override { return false; }

  Picked pick(Date /*run_date*/, const std::string& benchmark) override {
    if (!text_) text_ = read();
    return parse(*text_, benchmark);
  }

 private:
  std::string read() const {
    if (path_ == "-") return read_from(standard_input_);
    Result<std::string, kernel::FileProblem> text =
        kernel::read_file(path_, {.most = kMaxFile, .patience = patience_});
    if (text) return std::move(text).value();
    if (text.error().kind == kernel::FileProblem::Kind::too_large) throw too_long();
    throw Error(ErrorKind::no_input, subject_ + ": cannot be read: " + text.error().reason,
                "check that the file exists and that this user may read it");
  }

  std::string read_from(std::istream& in) const {
    std::string text(kMaxFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) throw Error(ErrorKind::no_input, subject_ + ": cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxFile) throw too_long();
    return text;
  }

  Error too_long() const { return {ErrorKind::data, subject_ + ": it is too long (expected at most 1 MiB)"}; }

  Picked parse(const std::string& text, const std::string& benchmark) const {
    Result<std::vector<Pick>> picks = parse_picks(text, benchmark);
    if (!picks) {
      throw Error(ErrorKind::data,
                  subject_ + place_of_syntax_error(text) + ": " + one_line(picks.error().reason), kExample);
    }
    Picked picked;
    picked.picks = std::move(picks).value();
    picked.picker = name();
    const auto json = nlohmann::json::parse(text);
    if (const auto model = json.find("model"); model != json.end()) {
      const auto* named = model->get_ptr<const std::string*>();
      if (named == nullptr || named->empty() || *named != one_line(*named, kMaxModel)) {
        throw Error(ErrorKind::data, subject_ + ": model must be a text of one line, 1 to 200 bytes",
                    kExample);
      }
      picked.model = *named;
    }
    picked.record_json = nlohmann::ordered_json{{"path", path_}, {"sha256", sha256_hex(text)}}.dump(
        -1, ' ', false, nlohmann::json::error_handler_t::replace);
    return picked;
  }

  std::string path_;
  std::string subject_;
  std::istream& standard_input_;
  kernel::Patience patience_;
  std::optional<std::string> text_;
};

}  // namespace

std::unique_ptr<Picker> make_file_picker(std::string path, std::istream& standard_input,
                                         const kernel::Patience& patience) {
  return std::make_unique<FilePicker>(std::move(path), standard_input, patience);
}

}  // namespace am::picks
