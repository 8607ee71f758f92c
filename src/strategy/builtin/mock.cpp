// It says what it sees and asks for nothing: to see that events arrive.

#include <array>
#include <charconv>
#include <string>

#include "am/strategy/indicators.hpp"
#include "strategy/builtin/params.hpp"

namespace am::strategy {

namespace {

/// As Python writes a float: 185.5, 100.0.
std::string price_text(double price) {
  std::array<char, 400> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), price, std::chars_format::fixed).ptr;
  std::string digits(text.data(), end);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits;
}

class Mock : public Strategy {
 public:
  using LogLine = void (*)(void* context, std::string_view line);

  Mock(std::string symbol, LogLine log_line, void* context)
      : symbol_(std::move(symbol)), log_line_(log_line), context_(context) {}

  void on_bar(const Bar& bar, const Position&, std::vector<Intent>&) override {
    say(" closed at ", bar.close);
  }
  void on_trade(const Trade& trade, const Position&, std::vector<Intent>&) override {
    say(" trade at ", trade.price);
  }
  std::string snapshot() const override { return StateWriter(kKind).take(); }
  void restore(std::string_view snapshot) override { StateReader(snapshot, kKind).end(); }

 private:
  static constexpr std::string_view kKind = "mock/1";

  void say(const char* what, double price) {
    if (log_line_ != nullptr) log_line_(context_, "[MOCK] " + symbol_ + what + price_text(price));
  }

  std::string symbol_;
  LogLine log_line_;
  void* context_;
};

}  // namespace

std::unique_ptr<Strategy> make_mock(Params& params, const std::string& symbol,
                                    void (*log_line)(void* context, std::string_view line), void* context) {
  params.end();
  return std::make_unique<Mock>(symbol, log_line, context);
}

}  // namespace am::strategy
