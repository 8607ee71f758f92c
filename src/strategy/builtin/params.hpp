#pragma once
// The parameters of a built-in strategy: a JSON object of which every name is known and every value within its range. Private.

#include <memory>
#include <string>
#include <vector>

#include "am/strategy/strategy.hpp"

namespace am::strategy {

class Params {
 public:
  /// Errors:  usage from each function, naming the strategy and the parameter.
  explicit Params(const StrategySpec& spec);
  ~Params();
  int whole(const std::string& name, int otherwise, int low, int high);
  double number(const std::string& name, double otherwise, double low, double high);
  /// How much an intent is for, unless it says so: "quantity", 1.
  double quantity();
  /// After all were asked for: is there one that nobody asked for?
  void end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What asks for one side, and then for the other.
class Turning {
 public:
  /// now: above 0, below 0, or 0, which keeps the old sign. True: it is the other one than before.
  bool turn(int now) {
    if (now == 0 || now == sign_) return false;
    const bool turned = sign_ != 0;
    sign_ = now;
    return turned;
  }
  int sign() const { return sign_; }
  void set(int sign) { sign_ = sign; }

 private:
  int sign_ = 0;  ///< 0: none so far
};

std::unique_ptr<Strategy> make_mock(Params& params, const std::string& symbol,
                                    void (*log_line)(void* context, std::string_view line), void* context);
std::unique_ptr<Strategy> make_sma_cross(Params& params);
std::unique_ptr<Strategy> make_rsi_reversion(Params& params);
std::unique_ptr<Strategy> make_momentum(Params& params);

}  // namespace am::strategy
