#pragma once
// Result<T>: an expected rejection travels as a value, shaped like std::expected (which g++ 12 lacks).
// Rules return it and never throw on data.

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace am {

/// Why a piece of outside data was refused: a phrase for an error message ("want exactly 3 picks, got 2").
struct Reject {
  std::string reason;
};

template <class T, class E = Reject>
class [[nodiscard]] Result {
 public:
  // NOLINTBEGIN(google-explicit-constructor): `return value;` and `return Reject{…};` are the point
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E rejected) : state_(std::in_place_index<1>, std::move(rejected)) {}
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const E& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

}  // namespace am
