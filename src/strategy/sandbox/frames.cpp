#include "strategy/sandbox/frames.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"

namespace am::strategy {

namespace {

using AnswerJson = nlohmann::json;

constexpr int kMostNesting = 16, kMostStateNesting = 64;
constexpr double kLargestNumber = 1e12, kSmallestNumber = 1e-9;

/// How deep brackets lie in a JSON text, without reading it otherwise.
int nesting_of(std::string_view json) {
  int depth = 0, deepest = 0;
  bool text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (text) {
      if (c == '\\')
        ++i;
      else
        text = c != '"';
    } else if (c == '"') {
      text = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

/// An object of JSON that PostgreSQL can hold; empty: why it is none.
std::optional<std::string> problem_of_object(std::string_view json, std::size_t most, int nesting) {
  if (json.size() > most) return "it is too long";
  if (nesting_of(json) > nesting) return "it is nested too deeply";
  if (json.find("\\u0000") != std::string_view::npos) return "it holds a NUL";
  const AnswerJson value = AnswerJson::parse(json, nullptr, false);
  if (value.is_discarded()) return "it is no JSON, or a number in it is out of range";
  if (!value.is_object()) return "it is no object";
  return std::nullopt;
}

/// What is not as described: everything below ends with it, and parse_worker_answer says it.
struct NotAsDescribed {
  const char* what;
};

void demand(bool holds, const char* what) {
  if (!holds) throw NotAsDescribed{what};
}

const AnswerJson* member_of(const AnswerJson& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_in(const AnswerJson* value, std::size_t most) {
  if (value == nullptr) return {};
  demand(value->is_string(), "a text that is none");
  return one_line(value->get_ref<const std::string&>(), most);
}

long long whole_in(const AnswerJson* value, long long low, long long high) {
  demand(value != nullptr && value->is_number_integer(), "a whole number that is none");
  demand(!value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(high),
         "a number out of range");
  const auto number = value->get<long long>();
  demand(low <= number && number <= high, "a number out of range");
  return number;
}

std::vector<std::string> lines_in(const AnswerJson* value) {
  std::vector<std::string> lines;
  if (value == nullptr) return lines;
  demand(value->is_array() && value->size() <= kMostLines, "too much output");
  for (const AnswerJson& line : *value) {
    demand(line.is_string(), "a line that is no text");
    lines.push_back(ellipsize(printable(line.get_ref<const std::string&>()), kMostLine));
  }
  return lines;
}

double number_in(const AnswerJson& value, double low, double high) {
  demand(value.is_number(), "a number that is none");
  const auto number = value.get<double>();
  demand(low <= number && number <= high, "a number out of range");
  return number;
}

Intent intent_in(const AnswerJson& value, std::string& error) {
  demand(value.is_array() && (value.size() == 4 || value.size() == 5) && value[0].is_string(), "no signal");
  const auto side = side_of(value[0].get_ref<const std::string&>());
  demand(side.has_value(), "an action that is none");
  Intent intent{*side, number_in(value[1], kSmallestNumber, kLargestNumber),
                number_in(value[2], kSmallestNumber, kLargestNumber), number_in(value[3], 0, 1), "{}"};
  if (value.size() == 4) return intent;
  demand(value[4].is_string(), "metadata that are no text");
  const auto& metadata = value[4].get_ref<const std::string&>();
  if (const auto problem = problem_of_object(metadata, kMostMetadata, kMostNesting)) {
    if (error.empty()) error = "metadata of a signal are left out: " + *problem;
  } else {
    intent.metadata = AnswerJson::parse(metadata).dump();
  }
  return intent;
}

EventAnswer event_in(const AnswerJson& value, std::size_t done) {
  demand(value.is_object(), "a result that is none");
  EventAnswer event;
  demand(done > 0, "results of nothing");
  event.index =
      static_cast<std::size_t>(whole_in(member_of(value, "i"), 0, static_cast<long long>(done) - 1));
  event.output = lines_in(member_of(value, "o"));
  event.error = text_in(member_of(value, "e"), kMostErrorText);
  const AnswerJson* signals = member_of(value, "x");
  if (signals == nullptr) return event;
  demand(signals->is_array() && signals->size() <= kMostIntents, "too many signals");
  for (const AnswerJson& each : *signals) event.intents.push_back(intent_in(each, event.error));
  return event;
}

void read_results(const AnswerJson& json, WorkerAnswer& answer) {
  answer.id = whole_in(member_of(json, "id"), 1, INT64_MAX);
  answer.done = static_cast<std::size_t>(whole_in(member_of(json, "n"), 1, 100000));
  answer.stopped = whole_in(member_of(json, "stop"), 0, 1) == 1;
  const AnswerJson* results = member_of(json, "r");
  demand(results != nullptr && results->is_array() && results->size() <= answer.done, "no results");
  for (const AnswerJson& each : *results) {
    answer.results.push_back(event_in(each, answer.done));
    const auto count = answer.results.size();
    demand(count < 2 || answer.results[count - 2].index < answer.results[count - 1].index,
           "results out of order");
  }
  answer.state_problem = text_in(member_of(json, "p"), kMostErrorText);
  if (const AnswerJson* state = member_of(json, "s")) {
    demand(state->is_string(), "a state that is no text");
    auto text = state->get<std::string>();
    if (const auto problem = problem_of_object(text, kMostStateText, kMostStateNesting))
      answer.state_problem = "state can't be kept: " + *problem;
    else
      answer.state = std::move(text);
  }
}

WorkerAnswer read_answer(const AnswerJson& json) {
  demand(json.is_object(), "an answer that is no object");
  WorkerAnswer answer;
  using What = WorkerAnswer::What;
  if (json.contains("id")) {
    answer.what = What::results;
    read_results(json, answer);
  } else if (json.contains("hello")) {
    answer.what = What::hello;
  } else if (const AnswerJson* why = member_of(json, "refused")) {
    answer.what = What::refused;
    answer.error = text_in(why, kMostErrorText);
    answer.output = lines_in(member_of(json, "o"));
  } else {
    answer.what = What::ready;
    answer.form = text_in(member_of(json, "ready"), 20);
    answer.warm_up = static_cast<int>(whole_in(member_of(json, "warm_up"), 0, 100000));
    answer.output = lines_in(member_of(json, "o"));
  }
  return answer;
}

void put_number(std::string& out, double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
  // Python tells 100 from 100.0.
  if (std::string_view(text, static_cast<std::size_t>(end - text)).find_first_of(".e") ==
      std::string_view::npos)
    out += ".0";
}

/// The seed's volume is a whole number; that of crypto is not always.
void put_volume(std::string& out, double value) {
  if (std::abs(value) < 9e15 && value == std::floor(value))
    out += std::to_string(static_cast<long long>(value));
  else
    put_number(out, value);
}

void put_event(std::string& out, const WorkerEvent& event) {
  const bool bar = event.kind == EventKind::bar;
  out += '[';
  out += std::to_string(bar ? event.bar.start : event.trade.at);
  const Bar& b = event.bar;
  const double of_bar[] = {b.open, b.high, b.low, b.close},
               of_trade[] = {event.trade.price, event.trade.size};
  for (const double value : bar ? std::span<const double>(of_bar) : std::span<const double>(of_trade)) {
    out += ',';
    put_number(out, value);
  }
  if (bar) {
    out += ',';
    put_volume(out, b.volume);
  }
  out += ']';
}

const char* word_of(EventKind kind) {
  switch (kind) {
    case EventKind::start:
      return "start";
    case EventKind::bar:
      return "bar";
    case EventKind::trade:
      return "trade";
    case EventKind::stop:
      return "stop";
  }
  return "";
}

}  // namespace

bool is_state(std::string_view json) { return !problem_of_object(json, kMostStateText, kMostStateNesting); }

Result<WorkerAnswer> parse_worker_answer(std::string_view json) {
  if (json.size() > kMostAnswer) return Reject{"an answer that is too long"};
  if (nesting_of(json) > kMostNesting) return Reject{"an answer that is nested too deeply"};
  const AnswerJson value = AnswerJson::parse(json, nullptr, false);
  if (value.is_discarded()) return Reject{"an answer that is no JSON"};
  try {
    return read_answer(value);
  } catch (const NotAsDescribed& problem) {
    return Reject{problem.what};
  }
}

std::optional<std::size_t> frame_length(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::size_t length = 0;
  for (int i = 3; i >= 0; --i)
    length = length << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return length;
}

std::string frame_of(std::string_view json) {
  std::string frame;
  frame.reserve(json.size() + 4);
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(json.size() >> shift & 0xff);
  return frame.append(json);
}

std::string load_frame(const WorkerOptions& options, std::string_view state, bool started) {
  const AnswerJson words = {{"code", options.code},
                            {"symbol", options.symbol},
                            {"timeframe", options.timeframe},
                            {"strategyId", options.strategy_id},
                            {"sessionId", options.session_id},
                            {"started", started}};
  std::string json = words.dump(-1, ' ', true, AnswerJson::error_handler_t::replace);
  json.back() = ',';
  // As they are: read and written again, a number of many digits would be another.
  json.append("\"params\":").append(options.params).append(",\"state\":");
  json.append(state.empty() ? "null" : state).append("}");
  return frame_of(json);
}

std::string events_frame(long long id, int generation, std::span<const WorkerEvent* const> events,
                         const Position* position) {
  std::string json = "{\"id\":" + std::to_string(id) + ",\"g\":" + std::to_string(generation) + ",\"k\":\"" +
                     word_of(events.front()->kind) + "\",\"m\":" + (events.front()->muted ? "1" : "0");
  if (position != nullptr) {
    json += ",\"p\":[";
    put_number(json, position->quantity);
    json += ',';
    put_number(json, position->cost);
    json += ']';
  }
  json += ",\"e\":[";
  for (const WorkerEvent* event : events) {
    if (json.back() == ']') json += ',';
    put_event(json, *event);
  }
  return frame_of(json + "]}");
}

}  // namespace am::strategy
