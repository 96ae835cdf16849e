// Bringing the token cache of an index up to date with its documents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "podium/status.h"

#include "engine/index_directory.h"
#include "text/tokenizer.h"

namespace podium::engine {

struct TokenUpdateOptions {
  std::string model = {};  // the tokenizer's name, kept for people
  size_t threads = 0;      // 0: one per CPU

  // Commits by itself after so many documents or bytes of ids; a kill loses what came since. Each
  // commit writes the table of all documents anew. 0: no limit of this kind.
  uint64_t commit_documents = 0;
  uint64_t commit_bytes = uint64_t{64} << 20;

  // Called now and then with how many of the missing documents are done. With an error the work
  // ends early: what is done is committed, and UpdateTokenCache returns the error.
  std::function<Status(uint64_t done, uint64_t missing)> on_progress = {};
};

struct TokenUpdate {
  uint64_t made = 0;       // documents whose tokens were missing, stale or damaged
  uint64_t documents = 0;  // in the cache now
};

// Stores the tokens of every committed document of the index that the cache of this tokenizer does
// not hold, and forgets those of deleted ones. What is there and right is left alone, so that a
// second call, or one after a kill, goes on where the first one ended. REQUIRES: nothing is
// uncommitted in the session.
Result<TokenUpdate> UpdateTokenCache(const IndexSession& session, const text::Tokenizer& tokenizer,
                                     const TokenUpdateOptions& options = {});

}  // namespace podium::engine
