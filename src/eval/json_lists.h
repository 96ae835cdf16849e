// {"query": {"document": number, …}, …}: the form in which BEIR and pytrec_eval keep runs and
// judgements. Read event by event, so that a large run needs no tree and a key written twice is
// seen.
#pragma once

#include <functional>
#include <string_view>

#include "podium/status.h"

namespace podium::eval {

struct JsonListReader {
  // A query was opened; it may turn out to have no documents.
  std::function<void(std::string_view query)> on_query;
  // One pair. `whole` tells whether the number was written without fraction and exponent. An error
  // ends the reading and is returned.
  std::function<Status(std::string_view document, double value, bool whole)> on_document;
};

// DataCorruption headed by `name` for broken JSON (with its line) and for any other structure.
Status ReadJsonLists(std::string_view text, std::string_view name, const JsonListReader& reader);

}  // namespace podium::eval
