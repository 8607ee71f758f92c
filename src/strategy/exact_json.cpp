#include "exact_json.hpp"

#include <string>
#include <utility>
#include <vector>

namespace am::strategy {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestNumber = 40;

/// Builds the document while the text is read.
class ExactReader final : public nlohmann::json_sax<json> {
 public:
  explicit ExactReader(std::size_t deepest) : deepest_(deepest) {}
  json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t /*value*/, const string_t& text) override { return add(text); }
  bool string(string_t& text) override { return add(std::move(text)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(json::object()); }
  bool key(string_t& text) override {
    key_ = std::move(text);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

 private:
  json* put(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }
  bool add(json value) {
    put(std::move(value));
    return true;
  }
  /// What is open is not moved: whoever holds it gets nothing more before it is closed.
  bool open(json container) {
    if (open_.size() == deepest_) return false;
    open_.push_back(put(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const std::size_t deepest_;
  json root_;
  std::string key_;
  std::vector<json*> open_;
};

/// No price, no quantity is larger or smaller; what is computed of such numbers stays within a Decimal.
std::optional<Decimal> reasonable(std::string_view text) {
  static const Decimal kLargest = Decimal::of("1e18");
  static const Decimal kSmallest = Decimal::of("1e-18");
  if (text.size() > kLongestNumber) return std::nullopt;
  const auto number = Decimal::parse(text);
  if (!number) return std::nullopt;
  if (number->is_zero()) return Decimal{};
  const Decimal size = number->abs();
  return size >= kSmallest && size <= kLargest ? number : std::nullopt;
}

const json* member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::optional<json> parse_exact(std::string_view text, std::size_t deepest) {
  ExactReader reader(deepest);
  if (!json::sax_parse(text, &reader)) return std::nullopt;
  return reader.take();
}

std::optional<Decimal> decimal_of(const json& object, std::string_view key) {
  const json* value = member(object, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) return reasonable(std::to_string(value->get<std::uint64_t>()));
  if (value->is_number_integer()) return reasonable(std::to_string(value->get<std::int64_t>()));
  return value->is_string() ? reasonable(value->get_ref<const std::string&>()) : std::nullopt;
}

std::optional<std::string> text_of(const json& object, std::string_view key) {
  const json* value = member(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

}  // namespace am::strategy
