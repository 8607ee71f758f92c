#include "am/base/error.hpp"
#include "am/picks/import.hpp"
#include "am/picks/pickers.hpp"

namespace am::picks {

namespace {

class ImportedPicker final : public Picker {
 public:
  std::string name() const override { return std::string(kImported); }
  bool sees_the_future() const override { return false; }

  Picked pick(Date run_date, const std::string& /*benchmark*/) override {
    throw Error(ErrorKind::no_input, "run date " + run_date.to_string() + ": no picks were imported for it",
                "take them in with: am import FILE");
  }
};

}  // namespace

std::unique_ptr<Picker> make_imported_picker() { return std::make_unique<ImportedPicker>(); }

}  // namespace am::picks
