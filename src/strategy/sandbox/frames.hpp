#pragma once
// What is said to a worker and what it answers: frames of a length (four bytes, little-endian) and JSON. A worker is not
// believed: an answer is what is described here, within its bounds, or it is a problem.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/result.hpp"
#include "am/strategy/types.hpp"
#include "am/strategy/worker.hpp"

namespace am::strategy {

inline constexpr std::size_t kMostAnswer = std::size_t{256} * 1024;
inline constexpr std::size_t kMostIntents = 16, kMostMetadata = 4096,
                             kMostStateText = std::size_t{128} * 1024;
inline constexpr std::size_t kMostLines = 52, kMostLine = 2048, kMostErrorText = 2048;

/// Of one event of a frame that had something to say.
struct EventAnswer {
  std::size_t index = 0;
  std::vector<Intent> intents{};
  std::vector<std::string> output{};
  std::string error{};
};

struct WorkerAnswer {
  enum class What {
    hello,    ///< the program runs
    ready,    ///< the strategy is loaded
    refused,  ///< it can't be: error
    results,  ///< of a frame of events
  } what = What::hello;
  std::vector<std::string> output{};  ///< while it was loaded
  std::string form{}, error{};
  int warm_up = 0;
  // Of results:
  long long id = 0;
  std::size_t done = 0;  ///< so many of its events were evaluated
  bool stopped = false;  ///< what else was sent is not evaluated
  std::vector<EventAnswer> results{};
  std::optional<std::string> state{};  ///< where it has changed
  std::string state_problem{};         ///< why the state is as it was
};

/// Bounds: those above; numbers are finite and in the ranges that a signal may have; texts are printable, state is an
/// object that PostgreSQL takes. Threads: pure.
Result<WorkerAnswer> parse_worker_answer(std::string_view json);

/// An object of JSON, within the bounds of a state.
bool is_state(std::string_view json);

/// The length at the front of `bytes`. Nothing: there are less than four.
std::optional<std::size_t> frame_length(std::string_view bytes);
std::string frame_of(std::string_view json);

/// The first frame: the strategy, and whether its on_start was called before.
std::string load_frame(const WorkerOptions& options, std::string_view state, bool started);

/// Events of one kind, with what is held where that has changed.
std::string events_frame(long long id, int generation, std::span<const WorkerEvent* const> events,
                         const Position* position);

}  // namespace am::strategy
