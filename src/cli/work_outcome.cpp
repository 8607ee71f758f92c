#include "work_outcome.hpp"

#include <algorithm>
#include <utility>

namespace am::cli {

void add(kernel::Drained& sum, const kernel::Drained& more) {
  sum.done += more.done;
  sum.again += more.again;
  sum.dead += more.dead;
  sum.buried += more.buried;
  sum.released += more.released;
  sum.lost += more.lost;
  if (more.worst &&
      (!sum.worst || worse(sum.worst->exit_code(), more.worst->exit_code()) == more.worst->exit_code()))
    sum.worst = more.worst;
}

std::size_t taken(const kernel::Drained& d) {
  return d.done + d.again + d.dead + d.buried + d.released + d.lost;
}

Outcome outcome_of_work(const kernel::Drained& d, const std::string& none) {
  Outcome outcome;
  outcome.exit = d.exit_code();
  outcome.kind = d.done > 0 ? OutcomeKind::changed : OutcomeKind::unchanged;
  if (outcome.exit != ExitCode::ok) outcome.kind = d.done > 0 ? OutcomeKind::partial : OutcomeKind::failed;
  if (d.worst) outcome.error = *d.worst;
  const std::pair<const char*, std::size_t> counts[] = {{"done", d.done},           {"again", d.again},
                                                        {"dead", d.dead},           {"failed", d.buried},
                                                        {"given_back", d.released}, {"lost", d.lost}};
  const char* separator = "";
  for (const auto& [name, count] : counts) {
    outcome.counts.emplace_back(name, static_cast<long long>(count));
    if (count == 0) continue;
    std::string label = name;
    std::ranges::replace(label, '_', ' ');
    outcome.table += separator + std::to_string(count) + " " + label;
    separator = ", ";
  }
  outcome.table = outcome.table.empty() ? none + "\n" : outcome.table + "\n";
  return outcome;
}

}  // namespace am::cli
