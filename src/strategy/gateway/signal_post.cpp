#include "am/strategy/signal_post.hpp"

#include <cmath>
#include <map>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/base/uuid.hpp"

namespace am::strategy {

namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 32;
constexpr std::size_t kMostNumber = 64;  // characters of one
constexpr std::size_t kMostSymbol = 32;

/// A member as it was sent: a number by its text.
struct Member {
  enum class Kind { null, boolean, number, text, structure } kind = Kind::null;
  std::string text;
};

/// Reads one flat object; what is nested is passed over, but for its bounds.
class PostReader final : public nlohmann::json_sax<Json> {
 public:
  std::map<std::string, Member, std::less<>> members;
  std::string problem;

  bool null() override { return value({Member::Kind::null, ""}); }
  bool boolean(bool v) override { return value({Member::Kind::boolean, v ? "true" : "false"}); }
  bool number_integer(number_integer_t v) override {
    return value({Member::Kind::number, std::to_string(v)});
  }
  bool number_unsigned(number_unsigned_t v) override {
    return value({Member::Kind::number, std::to_string(v)});
  }
  bool number_float(number_float_t /*v*/, const string_t& text) override {
    return value({Member::Kind::number, text});
  }
  bool string(string_t& text) override { return value({Member::Kind::text, text}); }
  bool binary(binary_t& /*v*/) override { return refuse("not JSON"); }
  bool start_object(std::size_t /*size*/) override { return open(); }
  bool start_array(std::size_t /*size*/) override {
    if (depth_ == 0) return refuse("not an object");
    return open();
  }
  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    name_ = name;
    return members.find(name) == members.end() || refuse(shown(name) + ": given twice");
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*e*/) override {
    return refuse("not JSON (byte " + std::to_string(position) + ")");
  }

 private:
  bool refuse(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }
  bool value(Member member) {
    if (depth_ == 0) return refuse("not an object");
    if (depth_ == 1) members.emplace(name_, std::move(member));
    return true;
  }
  bool open() {
    if (depth_ == 1) members.emplace(name_, Member{Member::Kind::structure, ""});
    return ++depth_ <= kDeepest || refuse("nested too deep");
  }
  bool close() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  std::string name_;
};

/// The members of a post, each taken once and checked.
class PostMembers {
 public:
  explicit PostMembers(const std::map<std::string, Member, std::less<>>& members) : members_(members) {}

  std::optional<Reject> problem;

  const Member* find(std::string_view name) const {
    const auto at = members_.find(name);
    return at == members_.end() || at->second.kind == Member::Kind::null ? nullptr : &at->second;
  }
  std::string text(std::string_view name, bool required) {
    const Member* const member = find(name);
    if (member == nullptr) {
      if (required) refuse(name, "missing");
      return "";
    }
    if (member->kind != Member::Kind::text) refuse(name, "not text");
    return member->text;
  }
  std::string uuid(std::string_view name, bool required) {
    const std::string given = text(name, required);
    if (given.empty()) {
      if (find(name) != nullptr) refuse(name, "empty");
      return "";
    }
    const auto id = canonical_uuid(given);
    if (!id) refuse(name, "not a UUID (got " + shown(given) + ")");
    return id.value_or("");
  }
  Decimal decimal(std::string_view name) {
    const Member* const member = find(name);
    if (member == nullptr) {
      refuse(name, "missing");
      return {};
    }
    const bool readable = member->kind == Member::Kind::number || member->kind == Member::Kind::text;
    const auto number =
        readable && member->text.size() <= kMostNumber ? Decimal::parse(member->text) : std::nullopt;
    if (!number) refuse(name, "not a number (got " + shown(member->text) + ")");
    return number.value_or(Decimal(0));
  }
  std::optional<Reject> refuse(std::string_view name, const std::string& what) {
    if (!problem) problem = Reject{std::string(name) + ": " + what};
    return problem;
  }

 private:
  const std::map<std::string, Member, std::less<>>& members_;
};

Side read_side(PostMembers& members) {
  const std::string action = members.text("action", true);
  const auto side = side_of(to_upper(action));
  if (!side) members.refuse("action", "unknown (expected BUY or SELL, got " + shown(action) + ")");
  return side.value_or(Side::buy);
}

double read_confidence(PostMembers& members) {
  if (members.find("confidence") == nullptr) return 1;
  const double confidence = members.decimal("confidence").to_double();
  constexpr double kBound = 1e9;
  if (!std::isfinite(confidence) || std::abs(confidence) > kBound)
    members.refuse("confidence", "out of range");
  return confidence;
}

std::optional<long long> read_epoch(PostMembers& members) {
  const Member* const member = members.find("sessionEpoch");
  if (member == nullptr) return std::nullopt;
  const auto epoch = parse_integer(member->text, 0, std::numeric_limits<long long>::max());
  if (!epoch || member->kind == Member::Kind::boolean)
    members.refuse("sessionEpoch", "not a number from 0 on");
  return epoch;
}

/// The part of the body that it is, as it was sent: nothing in it has to be understood.
std::string read_metadata(PostMembers& members, std::string_view body) {
  const Member* const member = members.find("metadata");
  if (member == nullptr) return "{}";
  if (member->kind != Member::Kind::structure) {
    members.refuse("metadata", "not an object");
    return "{}";
  }
  const Json whole = Json::parse(body, nullptr, false);
  const Json& metadata = whole.at("metadata");
  if (!metadata.is_object()) {
    members.refuse("metadata", "not an object");
    return "{}";
  }
  std::string text = metadata.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMostMetadataBytes) members.refuse("metadata", "too long (expected at most 16 KiB)");
  if (text.find("\\u0000") != std::string::npos) members.refuse("metadata", "holds a NUL");
  return text;
}

}  // namespace

Result<SignalPost> parse_signal_post(std::string_view body) {
  if (body.empty()) return Reject{"body: missing"};
  if (body.size() > kMostSignalBytes) return Reject{"body: too long (expected at most 64 KiB)"};
  if (!is_valid_utf8(body)) return Reject{"body: not UTF-8"};
  PostReader reader;
  if (!Json::sax_parse(body, &reader)) return Reject{"body: " + reader.problem};
  PostMembers members(reader.members);
  SignalPost post;
  post.session_id = members.uuid("sessionId", true);
  post.epoch = read_epoch(members);
  post.strategy_id = members.uuid("strategyId", false);
  post.symbol = members.text("symbol", true);
  if (post.symbol.empty() || post.symbol.size() > kMostSymbol || !is_printable(post.symbol))
    members.refuse("symbol", "not one (got " + shown(post.symbol) + ")");
  post.side = read_side(members);
  post.price = members.decimal("price");
  post.quantity = members.decimal("qty");
  post.confidence = read_confidence(members);
  post.signal_id = members.uuid("signalId", false);
  if (members.find("generatedAt") != nullptr) {
    const std::string at = members.text("generatedAt", true);
    post.generated_at = parse_rfc3339(at);
    if (!post.generated_at)
      members.refuse("generatedAt", "not a moment as RFC 3339 has it (got " + shown(at) + ")");
  }
  post.metadata = read_metadata(members, body);
  if (members.problem) return *members.problem;
  return post;
}

}  // namespace am::strategy
