// The fingerprint of a tokenizer: equal ones give every text the same ids. Private to the module.
#pragma once

#include <cstdint>
#include <string_view>

#include "podium/status.h"

#include "base/fingerprint.h"
#include "io/json_view.h"

namespace podium::text {

// Raise it with every change of this module after which some tokenizer gives some text other ids
// than before (a mended fault, a new Unicode version): stored ids are then made again.
constexpr uint64_t kTokenizerRevision = 1;

// Of the parts of a tokenizer.json that decide which ids a text gets. What is put around or cut off
// later (templates, truncation, padding) does not count, nor does the layout of the file, so that
// models trained from one vocabulary share what is stored.
Fingerprint FingerprintOfJson(io::JsonView root);

// Of a vocab.txt. `options` spells out whatever else decides.
Fingerprint FingerprintOfVocabulary(std::string_view file, std::string_view options);

}  // namespace podium::text
