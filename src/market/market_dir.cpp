#include "am/market/market_dir.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/market/symbol.hpp"
#include "market_file.hpp"
#include "market_manifest.hpp"

namespace am::market {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "market.toml";
constexpr std::string_view kSplits = "splits.csv";

}  // namespace

class CsvMarket::Impl {
 public:
  Impl(const fs::path& directory, const kernel::Patience& patience) : patience_(patience) {
    std::error_code error;
    if (directory.empty() || !fs::is_directory(directory, error)) {
      throw Error(ErrorKind::no_input, "csv:" + directory.string() + ": no such directory",
                  "give a directory with CSV files of daily closes, as in csv:examples/market");
    }
    directory_ = fs::weakly_canonical(fs::absolute(directory, error), error);
    source_ = "csv:" + directory_.string();
  }

  const std::string& source() const { return source_; }

  const std::string& name() {
    const std::scoped_lock lock(mutex_);
    index();
    return name_;
  }

  std::optional<std::string> benchmark() {
    const std::scoped_lock lock(mutex_);
    index();
    return benchmark_;
  }

  const Universe& universe() {
    const std::scoped_lock lock(mutex_);
    index();
    if (!universe_.as_of) set_as_of();
    return universe_;
  }

  Adjustment adjustment() {
    const std::scoped_lock lock(mutex_);
    index();
    return adjusted_ ? Adjustment::whole : Adjustment::none;
  }

  const std::vector<CorporateAction>& splits() {
    const std::scoped_lock lock(mutex_);
    index();
    return splits_;
  }

  Series fetch(std::string_view symbol, DateRange range) {
    const std::scoped_lock lock(mutex_);
    index();
    const auto entry = entries_.find(canonical_symbol(symbol));
    if (entry == entries_.end()) refuse(source_, "unknown symbol " + shown(symbol), hint_for(symbol));
    load(entry->second.file);
    const std::vector<Close>& closes = entry->second.series.closes;
    Series series;
    if (range.last < range.first) return series;
    const auto first = std::ranges::lower_bound(closes, range.first, {}, &Close::day);
    const auto last = std::ranges::upper_bound(closes, range.last, {}, &Close::day);
    series.closes.assign(first, last);
    for (const auto& [day, problem] : entry->second.series.refused) {
      if (range.contains(day)) series.refused.emplace(day, problem);
    }
    return series;
  }

 private:
  struct File {
    fs::path path;
    Layout layout;
    bool loaded = false;
  };
  struct Entry {
    std::size_t file = 0;
    Series series;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  /// Reads the headers and market.toml, once; leaves nothing behind when it throws.
  void index() {
    if (indexed_) return;
    std::vector<File> files;
    Entries entries;
    std::vector<CorporateAction> splits;
    for (const fs::path& path : csv_files()) {
      if (is_splits(path)) {
        splits = read_splits(path, source_, patience_);
        continue;
      }
      File file{path, read_layout(path, patience_)};
      for (const Column& column : file.layout.columns) {
        const auto [at, added] = entries.try_emplace(column.symbol, Entry{files.size(), {}});
        if (added) continue;
        const bool same = at->second.file == files.size();
        refuse(path.string() + ":1",
               "symbol " + column.symbol + " appears twice" +
                   (same ? "" : " (it is also in " + files[at->second.file].path.filename().string() + ")"));
      }
      files.push_back(std::move(file));
    }
    if (files.empty()) throw Error(ErrorKind::no_input, source_ + ": directory holds no CSV file of closes");
    entries_ = std::move(entries);
    files_ = std::move(files);
    splits_ = std::move(splits);
    std::error_code error;
    const fs::path manifest = directory_ / kManifest;
    apply(fs::exists(manifest, error) ? read_manifest(manifest, patience_) : Manifest{});
    indexed_ = true;
  }

  static bool is_splits(const fs::path& path) { return to_lower(path.filename().string()) == kSplits; }

  std::vector<fs::path> csv_files() const {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator at(directory_, error), end; !error && at != end; at.increment(error)) {
      const bool hidden = at->path().filename().string().starts_with('.');
      std::error_code ignored;
      if (!hidden && to_lower(at->path().extension().string()) == ".csv" && at->is_regular_file(ignored)) {
        paths.push_back(at->path());
      }
    }
    if (error) throw Error(ErrorKind::no_input, source_ + ": cannot be listed: " + error.message());
    if (paths.empty()) throw Error(ErrorKind::no_input, source_ + ": directory holds no CSV file");
    std::ranges::sort(paths);
    return paths;
  }

  void apply(const Manifest& manifest) {
    name_ = manifest.name.value_or(directory_.filename().string());
    adjusted_ = manifest.adjusted;
    benchmark_.reset();
    if (manifest.benchmark) benchmark_ = known(*manifest.benchmark, "benchmark");
    universe_ = Universe{manifest.universe_name.value_or(name_), manifest.as_of, {}, {}};
    for (const auto& symbol : manifest.symbols)
      universe_.symbols.push_back(known(symbol, "universe.symbols"));
    if (!manifest.symbols.empty()) {
      universe_.sha256 = manifest.sha256;
      return;
    }
    for (const auto& [symbol, entry] : entries_) {
      if (symbol != benchmark_) universe_.symbols.push_back(symbol);
    }
  }

  std::string known(const Manifest::Symbol& symbol, std::string_view key) const {
    if (entries_.contains(canonical_symbol(symbol.name))) return canonical_symbol(symbol.name);
    refuse(symbol.place, std::string(key) + ": no CSV file has the symbol " + shown(symbol.name),
           hint_for(symbol.name));
  }

  std::string hint_for(std::string_view symbol) const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    const std::string near = nearest_name(to_upper(symbol), names);
    if (!near.empty()) return "did you mean '" + near + "'?";
    return "the directory has " + ellipsize(join(names, " "), 200);
  }

  void load(std::size_t number) {
    File& file = files_[number];
    if (file.loaded) return;
    auto series = read_series(file.path, file.layout, patience_);
    for (std::size_t i = 0; i < series.size(); ++i) {
      entries_.find(file.layout.columns[i].symbol)->second.series = std::move(series[i]);
    }
    file.loaded = true;
  }

  void set_as_of() {
    for (std::size_t i = 0; i < files_.size(); ++i) load(i);
    for (const auto& [symbol, entry] : entries_) {
      if (!entry.series.closes.empty())
        universe_.as_of = std::max(universe_.as_of, std::optional(entry.series.closes.back().day));
    }
  }

  kernel::Patience patience_;
  fs::path directory_;
  std::string source_;
  std::mutex mutex_;
  bool indexed_ = false;
  std::string name_;
  std::optional<std::string> benchmark_;
  bool adjusted_ = false;
  Universe universe_;
  std::vector<CorporateAction> splits_;
  std::vector<File> files_;
  Entries entries_;
};

CsvMarket::CsvMarket(const std::filesystem::path& directory, const kernel::Patience& patience)
    : impl_(std::make_unique<Impl>(directory, patience)) {}
CsvMarket::~CsvMarket() = default;

const std::string& CsvMarket::source() const { return impl_->source(); }
Series CsvMarket::fetch(std::string_view symbol, DateRange range) { return impl_->fetch(symbol, range); }
Adjustment CsvMarket::adjustment() { return impl_->adjustment(); }
std::vector<CorporateAction> CsvMarket::known_actions() { return impl_->splits(); }
const std::string& CsvMarket::name() { return impl_->name(); }
std::optional<std::string> CsvMarket::benchmark() { return impl_->benchmark(); }
const Universe& CsvMarket::universe() { return impl_->universe(); }

}  // namespace am::market
