// Which desks an installation has, and what several of them come to together.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "desks.hpp"

namespace am::cli {

namespace {

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> known_desks() {
  std::vector<std::string> names;
  for (const DeskFace& face : all_desks()) names.emplace_back(face.name());
  return names;
}

}  // namespace

DeskFaces enabled_desks(const kernel::Config& config) {
  const std::vector<std::string> known = known_desks();
  std::vector<std::string> wanted;
  for (const std::string& part : split(config.text("desks.enabled"), ',')) {
    const std::string name = to_lower(trim(part));
    if (name.empty()) continue;
    if (name != "all" && !has(known, name)) {
      throw Error(ErrorKind::config, "desks.enabled: no such desk: " + ellipsize(name, 40),
                  "expected " + join(known, ", ") + ", with commas between, or all");
    }
    wanted.push_back(name);
  }
  DeskFaces faces;
  for (const DeskFace& face : all_desks()) {
    if (!has(wanted, "all") && !has(wanted, face.name())) continue;
    faces.push_back(face);
    if (const std::string_view key = face.desk->zone_key; !key.empty())
      faces.back().zone = config.text(std::string(key));
  }
  return faces;
}

DeskFaces chosen_desks(const kernel::Config& config, const std::optional<std::string>& desk) {
  DeskFaces faces = enabled_desks(config);
  if (!desk) return faces;
  const std::vector<std::string> known = known_desks();
  if (!has(known, *desk))
    throw Error(ErrorKind::usage,
                "--desk " + ellipsize(*desk, 40) + ": no such desk (expected " + join(known, ", ") + ")");
  require_desk(*desk, config);
  std::erase_if(faces, [&](const DeskFace& face) { return face.name() != *desk; });
  return faces;
}

kernel::Desks desks_of(const DeskFaces& faces) {
  kernel::Desks desks;
  for (const DeskFace& face : faces) desks.emplace_back(face.desk, face.zone);
  return desks;
}

kernel::Desks disabled_desks(const kernel::Config& config) {
  const DeskFaces enabled = enabled_desks(config);
  kernel::Desks desks;
  for (const DeskFace& face : all_desks()) {
    if (std::ranges::find(enabled, face.desk, &DeskFace::desk) == enabled.end()) desks.push_back(face.desk);
  }
  return desks;
}

std::vector<const web::Section*> sections_of(const DeskFaces& faces) {
  std::vector<const web::Section*> sections;
  for (const DeskFace& face : faces) {
    if (face.section != nullptr) sections.push_back(&face.section());
  }
  return sections;
}

const DeskFace* desk_of_job(std::span<const DeskFace> faces, std::string_view job) {
  for (const DeskFace& face : faces) {
    if (std::ranges::find(face.desk->jobs, job, &kernel::Job::name) != face.desk->jobs.end()) return &face;
  }
  return nullptr;
}

std::vector<std::string_view> evidence_jobs() {
  std::vector<std::string_view> jobs;
  for (const DeskFace& face : all_desks()) {
    for (const kernel::Job& job : face.desk->jobs)
      if (job.keeps_evidence) jobs.push_back(job.name);
  }
  return jobs;
}

void require_desk(std::string_view name, const kernel::Config& config) {
  if (name.empty()) return;
  for (const DeskFace& face : enabled_desks(config)) {
    if (face.name() == name) return;
  }
  throw Error(ErrorKind::config,
              "the desk " + std::string(name) + " is off here: desks.enabled does not name it",
              "add it to desks.enabled (AM_DESKS_ENABLED)");
}

void merge(Outcome& into, std::string_view desk, Outcome of_desk) {
  const std::string name(desk);
  for (auto& [count, value] : of_desk.counts) into.counts.emplace_back(name + "." + count, value);
  nlohmann::ordered_json data =
      into.data == "null" ? nlohmann::ordered_json::object() : nlohmann::ordered_json::parse(into.data);
  data[name] = nlohmann::ordered_json::parse(of_desk.data);
  into.data = data.dump();
  into.table += of_desk.table;
  into.warnings.insert(into.warnings.end(), of_desk.warnings.begin(), of_desk.warnings.end());
  const auto add = [](std::string& text, const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : "\n") + more;
  };
  add(into.lost, of_desk.lost);
  add(into.doubtful, of_desk.doubtful);
  into.pending = into.pending || of_desk.pending;
  if (into.run_id.empty()) into.run_id = of_desk.run_id;
  if (into.slot.empty()) into.slot = of_desk.slot;
  const ExitCode exit = worse(into.exit, of_desk.exit);
  if (exit != into.exit) {
    into.error = of_desk.error;
    into.kind = of_desk.kind;
  } else if (into.exit == ExitCode::ok &&
             (into.kind == OutcomeKind::unchanged ||
              (into.kind == OutcomeKind::skipped && of_desk.kind != OutcomeKind::unchanged))) {
    into.kind = of_desk.kind;  // what was done somewhere was done
  }
  into.exit = exit;
}

}  // namespace am::cli
