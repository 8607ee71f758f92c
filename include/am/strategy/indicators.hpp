#pragma once
// Indicators, each a constant amount of work a bar. Their sums are compensated: after ten million bars they are within 1e-9 of
// what is computed directly. What each begins with (its seed) is named, since that is where libraries differ.
//
// Each has: add(…), its next bar; ready(), whether it has a value; value(); save() and load(), exact to the bit.
// Threads: one. Prices are finite and below kMostAmount (is_possible).

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "am/strategy/types.hpp"

namespace am::strategy {

/// A state as text: words parted by spaces. A double is the 16 hex digits of its bits.
class StateWriter {
 public:
  /// kind: one word, with a version: "sma_cross/1".
  explicit StateWriter(std::string_view kind) : text_(kind) {}
  void add(double value);
  void add(std::int64_t value);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Errors:  Error{data} from each function: of another kind, at its end too early or too late, no such value.
class StateReader {
 public:
  StateReader(std::string_view text, std::string_view kind);
  double number();
  std::int64_t integer();
  /// The same as integer(), which has to be in [low, high].
  std::int64_t integer(std::int64_t low, std::int64_t high);
  void end() const;

 private:
  std::string_view word();

  std::string_view rest_;
};

/// A sum that keeps what each addition rounds away: about 32 digits.
class ExactSum {
 public:
  void add(double value) {
    // Knuth's two-sum. What is rounded away is never a large part, so its own sum needs no more.
    const double sum = high_ + value;
    const double part = sum - high_;
    low_ += (high_ - (sum - part)) + (value - part);
    high_ = sum;
  }
  void add_product(double a, double b);
  double value() const { return high_ + low_; }
  double high() const { return high_; }
  double low() const { return low_; }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  double high_ = 0, low_ = 0;
};

/// The last n values.
class Window {
 public:
  explicit Window(int size);
  int size() const { return static_cast<int>(values_.size()); }
  bool full() const { return count_ == values_.size(); }
  /// The value that leaves; 0 while it is not full.
  double push(double value) {
    double& at = values_[next_];
    const double leaves = at;
    at = value;
    if (++next_ == values_.size()) next_ = 0;
    if (count_ < values_.size()) ++count_;
    return leaves;
  }
  double oldest() const { return values_[full() ? next_ : 0]; }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  std::vector<double> values_;
  std::size_t next_ = 0, count_ = 0;
};

/// Simple moving average: the mean of the last n.
class Sma {
 public:
  explicit Sma(int period);
  void add(double value) {
    sum_.add(-window_.push(value));
    sum_.add(value);
  }
  bool ready() const { return window_.full(); }
  double value() const { return sum_.value() / window_.size(); }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  Window window_;
  ExactSum sum_{};
};

/// Exponential moving average, α = 2 ÷ (n + 1). Seed: the mean of the first n.
class Ema {
 public:
  explicit Ema(int period);
  void add(double value);
  bool ready() const { return seen_ == period_; }
  double value() const { return value_; }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  int period_, seen_ = 0;
  double alpha_, value_ = 0;
  ExactSum seed_{};
};

/// Relative strength index by Wilder. Seed: the means of the first n gains and losses, so the first value is at bar n + 1.
/// Without any loss it is 100, without any move 50.
class Rsi {
 public:
  explicit Rsi(int period);
  void add(double close);
  bool ready() const { return seen_ > period_; }
  double value() const;
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  int period_, seen_ = 0;
  double last_ = 0, gain_ = 0, loss_ = 0;
};

/// Average true range by Wilder. Seed: the mean of the first n true ranges; a range wants a close before it, so the first
/// value is at bar n + 1.
class Atr {
 public:
  explicit Atr(int period);
  void add(const Bar& bar);
  bool ready() const { return seen_ > period_; }
  double value() const { return value_; }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  int period_, seen_ = 0;
  double last_ = 0, value_ = 0;
};

/// Moving average convergence and divergence: the difference of two EMAs, and its own EMA. Seeds: of each EMA as of Ema; of the
/// signal the first differences.
class Macd {
 public:
  explicit Macd(int fast = 12, int slow = 26, int signal = 9);
  void add(double close);
  bool ready() const { return signal_.ready(); }
  double line() const { return fast_.value() - slow_.value(); }
  double signal() const { return signal_.value(); }
  double histogram() const { return line() - signal(); }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  Ema fast_, slow_, signal_;
};

/// Bollinger bands: the mean of the last n, and `width` deviations of these n (÷ n) around it.
class Bollinger {
 public:
  explicit Bollinger(int period = 20, double width = 2);
  void add(double close);
  bool ready() const { return window_.full(); }
  double middle() const;
  double deviation() const;
  double upper() const { return middle() + width_ * deviation(); }
  double lower() const { return middle() - width_ * deviation(); }
  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  Window window_;
  double width_;
  ExactSum sum_{}, squares_{};
};

}  // namespace am::strategy
