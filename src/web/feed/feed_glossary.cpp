// The desk's words, as docs/glossary.md has them.

#include "documents.hpp"

namespace am::web {

std::vector<Term> feed_terms() {
  return {{"consolidation", "stones as they came, typed and priced into one clean table"},
          {"feed", "one filter of one supplier's inventory, brought here run by run"},
          {"full, incremental", "a run over the whole inventory, or over what changed since the watermark"},
          {"partition", "a part of a run by price, worked on by one process at a time"},
          {"settled",
           "of a run: all of its partitions ended; what came is consolidated at once, or in five minutes"},
          {"stone", "a diamond, by the supplier's own id of it"},
          {"watermark", "up to when an inventory is known completely"}};
}

}  // namespace am::web
