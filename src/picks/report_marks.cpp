// What marks a batch whose figures are in doubt, wherever a report shows it.

#include "am/base/html.hpp"
#include "am/picks/report.hpp"

namespace am::picks {

std::vector<Mark> marks_of(const Report& report) {
  std::vector<Mark> marks;
  for (const BatchLine& line : report.batches) {
    for (const DoubtfulMove& move : line.moves)
      marks.push_back({"batch " + line.batch.run_date.to_string() + ": " + move.text(),
                       way_out(line.batch.run_date, move.ticker, move.day, move.known)});
  }
  return marks;
}

std::string marks_html(const Report& report) {
  std::string html;
  for (const Mark& mark : marks_of(report)) html += "<p>In doubt: " + escape_html(mark.text) + ".</p>";
  for (const BatchLine& line : report.batches) {
    for (const std::string& note : line.notes)
      html += "<p>Batch " + line.batch.run_date.to_string() + ": " + escape_html(note) + ".</p>";
  }
  return html;
}

std::string marks_text(const Report& report) {
  std::string text;
  for (const Mark& mark : marks_of(report)) text += "in doubt: " + mark.text + "\n";
  for (const BatchLine& line : report.batches) {
    for (const std::string& note : line.notes)
      text += "noted: batch " + line.batch.run_date.to_string() + ": " + note + "\n";
  }
  return text;
}

}  // namespace am::picks
