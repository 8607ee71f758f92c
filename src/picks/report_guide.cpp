#include "am/picks/report_guide.hpp"

#include "am/base/html.hpp"
#include "am/base/text.hpp"

namespace am::picks {

namespace {

constexpr std::size_t kLine = 110;

constexpr GuidePart kParts[] = {
    {"Return, earned, benchmark, excess",
     "A return follows the price: +5 % is a share that went up. Earned is what following the advice earned: the return, with "
     "its sign flipped for a SELL, because whoever sells gains when the price falls. Benchmark, same side, is what the index "
     "did over the same sessions, with the pick's sign as well; for a batch it is the mean over its picks. Excess is earned "
     "minus the benchmark, same side. So every row can be checked by eye: earned minus benchmark is excess, but for the last "
     "digit, since each figure is rounded by itself.",
     "None of them knows of costs, taxes or, unless the price source includes them, dividends. One batch says next to "
     "nothing: three shares in two weeks move by several percent for reasons of their own."},
    {"The verdict",
     "The first sentence answers the question: no verdict yet, evidence of alpha, or evidence that the picks lose. It is made "
     "to be read every Monday. If the picks have no skill, at most about one record in twenty ever gets a verdict, however "
     "often and however long somebody looks.",
     "\"No verdict yet\" is not \"no alpha\": it says that the weeks so far do not tell skill from luck. And a verdict says "
     "that something other than chance moved these picks against the benchmark, not what it was: a sector, small or volatile "
     "names, interest and dividends count as well as skill. One record in twenty is wrong by design, and each further "
     "picker that is tried brings its own chance of one in twenty."},
    {"Weeks that count",
     "The verdict is about calendar weeks: each is what the one or two batches that were open earned in it. A week counts "
     "when all of them have finished it, and what it counted then it counts for ever. Together the weeks add up to the "
     "batches. Before the tenth week there is no verdict: the arithmetic cannot reach one.",
     "A week that waits is not lost; it counts as soon as its days are there."},
    {"Mean excess, beta-adjusted",
     "What a batch of three picks earned over the benchmark on the average. A share that usually moves one and a half times "
     "as much as the index (its beta is 1.5) is held against one and a half times the index, so that a rising market is not "
     "taken for skill. Beta comes from the 89 daily returns before the batch began, and never from later ones. A pick without "
     "enough history is held against the index as it is; their number is printed.",
     "A beta from 89 days is an estimate, off by about a tenth. It corrects for the market as a whole, not for a sector or a "
     "style."},
    {"The interval read every week",
     "The range in which the true mean excess lies in 95 of 100 records, at every week at once. When zero is outside of it "
     "there is a verdict. It is wide at first and narrows slowly: that is the price of being allowed to look every week.",
     "It does not say that the next batches will earn that. For a range that somebody chose (--from, --to) it is shown, but "
     "there is no verdict: a chosen range is a chosen result."},
    {"The interval read only today",
     "What a textbook would print: 95 % for somebody who looks once, on a day that was fixed beforehand.",
     "Read every week it is wrong far more often than one time in twenty. It never decides."},
    {"The e-value",
     "How much a fair bet against \"no skill\" would have multiplied its stake by now: 1 is where it starts, 20 decides. It may "
     "fall and rise again; that it ever reaches 20 without skill happens to one record in twenty at most.",
     "It is no probability that there is skill. A low one is no evidence against skill either; it says that the bet has not "
     "paid so far."},
    {"Not beta-adjusted",
     "The same mean with the benchmark as it is: the mean of the excesses in the list of batches. It stands beside the first "
     "one so that you see what the adjustment does.",
     "It does not decide."},
    {"Among other names",
     "The same record with other names: every share that was picked is exchanged for a random one of the universe, "
     "throughout the whole record, 10,000 times. Dates, BUY and SELL, favourites that are kept stay as they are. 50 is the "
     "middle; at 97 three of a hundred such records did better.",
     "It is about the choice of names alone, it is read only today, and it needs a universe that was stated before the "
     "record began: one that was put together afterwards holds today's winners, and is marked. Closes of the universe are "
     "fetched little by little, so it may lag behind by some weeks; then it says through when."},
    {"Hit rate",
     "The share of picks whose excess after 14 days is above zero, and beside it the share that picks of the same directions "
     "have by chance: in a year in which a few giants carry the index most shares fall behind it, and 45 % may be good.",
     "Being right often is not earning much: one large loss undoes many small gains."},
    {"Costs",
     "What buying and selling may cost, in hundredths of a percent for each trade, until the mean excess is gone.",
     "Who keeps a pick for several weeks trades less than that, and loses less to costs."},
    {"Patience",
     "How many weeks it takes until a true excess of 1 % per batch shows, in six of ten records, given how far these picks "
     "swing.",
     "A promise it is not; four of ten need longer."},
    {"Habit",
     "How many of the three picks were the same, in the same direction, the week before. Picks that are kept for months are "
     "few independent bets, however many batches they make.",
     "It is neither good nor bad."},
    {"Excess by day",
     "How the batches stood after 1, 2, … 14 days. Each day takes the batches that have computed it; a holiday takes a day "
     "away from some of them. So its last point is another figure than the mean of all batches, which takes each batch on "
     "its own last session.",
     "Its intervals are each read alone: among ten of them one that leaves zero outside is nothing remarkable."},
    {"Who is ahead",
     "Several pickers over the same weeks. Whoever watches many of them finds a good one sooner, so every bar is higher by "
     "as many as there ever were, those that were given up included. Those that cannot be told from the leader tie with it.",
     "There are no places among those that tie."},
};

void wrap(std::string& out, std::string_view text) {
  std::string line;
  for (const std::string& word : split(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > kLine) {
      out += line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  out += line + "\n";
}

}  // namespace

std::string_view guide_title() { return "How to read the report"; }

std::string_view guide_opening() {
  return "The report answers one question: do these picks earn more than the benchmark by more than luck explains (alpha), or "
         "not? What each figure of it can say, and what it cannot:";
}

std::span<const GuidePart> guide_parts() { return kParts; }

std::string guide_markdown() {
  std::string out = "# " + std::string(guide_title()) + "\n\n";
  wrap(out, guide_opening());
  for (const GuidePart& part : kParts) {
    out += "\n## " + std::string(part.title) + "\n\n";
    wrap(out, part.can);
    out += "\n";
    wrap(out, "*Not:* " + std::string(part.cannot));
  }
  out += "\nHow each is computed, to the digit: [am report](commands/report.md).\n";
  return out;
}

std::string guide_html() {
  std::string out = "<p>" + escape_html(guide_opening()) + "</p>\n";
  for (const GuidePart& part : kParts) {
    out += "<h2>" + escape_html(part.title) + "</h2><p>" + escape_html(part.can) +
           "</p><p class=\"soft\"><em>Not:</em> " + escape_html(part.cannot) + "</p>\n";
  }
  return out;
}

}  // namespace am::picks
