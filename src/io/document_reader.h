// Documents out of files: BEIR and other JSONL, CSV, TSV, folders of texts, standard input.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "podium/document.h"
#include "podium/status.h"

namespace podium::io {

enum class DocumentFormat : uint8_t {
  kAuto,    // by name (.jsonl .ndjson .json .csv .tsv, before .gz or .zst) or first byte ('{')
  kJsonl,   // one JSON object a line
  kCsv,     // RFC 4180: comma-separated, quoted fields may hold commas, quotes and line ends
  kTsv,     // tab-separated, nothing quoted
  kFolder,  // .txt and .md files below a folder; the id is the path in it
};

// "jsonl" … as in the names above without k.
Result<DocumentFormat> ParseDocumentFormat(std::string_view name);

struct DocumentReaderOptions {
  DocumentFormat format = DocumentFormat::kAuto;

  // Names of the fields (JSON) or columns (CSV, TSV). Empty: the id is in the first of "_id", "id",
  // "docid" that there is, the text in the first of "text", "contents", the title in "title". What
  // is named here must be there, but for the title.
  std::string id_field;
  std::string text_field;
  std::string title_field;

  // CSV, TSV: names of the columns of a file without a header line. Empty: the first line is one.
  std::vector<std::string> columns;

  // Set: a bad record is reported here and skipped. Unset: it is an error of Next.
  std::function<void(const Status&)> on_bad;
};

// Reads documents one by one. Every other field of a record goes to Document::fields, as a JSON
// object in the order of the record.
//
// A bad record is one that is not well-formed in its format, not UTF-8, has no id or text, or has
// one of the wrong type; the error names file and line. Numbers as ids become their text. A file
// that cannot be read on (missing, damaged compression) is an error even with on_bad set.
class DocumentReader {
 public:
  virtual ~DocumentReader() = default;

  // The next document, nullopt at the end. Call no more after an error.
  virtual Result<std::optional<Document>> Next() = 0;
};

// `path`: a file (plain, gzip or zstd), a folder, or "-" for standard input.
Result<std::unique_ptr<DocumentReader>> OpenDocuments(const std::string& path,
                                                      const DocumentReaderOptions& options);

}  // namespace podium::io
