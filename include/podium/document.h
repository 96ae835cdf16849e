// A document as Podium stores and returns it.
#pragma once

#include <string>

namespace podium {

// All strings are UTF-8. `id` is the caller's own name for the document, unique in an index.
struct Document {
  std::string id = {};
  std::string title = {};   // may be empty
  std::string text = {};    // the passage
  std::string fields = {};  // any other fields, as the text of one JSON object; "" for none
};

}  // namespace podium
