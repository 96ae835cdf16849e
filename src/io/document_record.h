// What the document readers share. Private to the module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "podium/document.h"
#include "podium/status.h"

#include "io/document_reader.h"
#include "io/line_reader.h"

namespace podium::io {

// Which part of a Document a field of the given name is, by the options.
class FieldNames {
 public:
  enum class Part : uint8_t { kOther, kId, kTitle, kText };

  explicit FieldNames(const DocumentReaderOptions& options);

  // A lower rank is preferred where a record has several candidates for a part ("_id" and "id").
  struct Match {
    Part part = Part::kOther;
    size_t rank = 0;
  };
  Match Find(std::string_view name) const;

  // "\"_id\", \"id\" or \"docid\"", for messages.
  std::string Wanted(Part part) const;

 private:
  const std::vector<std::string>& Names(Part part) const;

  std::vector<std::string> id_;
  std::vector<std::string> title_;
  std::vector<std::string> text_;
};

// Readers of single formats; `lines` stands before the first line.
Result<std::unique_ptr<DocumentReader>> NewJsonlReader(std::unique_ptr<LineReader> lines,
                                                       const DocumentReaderOptions& options);
// REQUIRES: options.format is kCsv or kTsv
Result<std::unique_ptr<DocumentReader>> NewTableReader(std::unique_ptr<LineReader> lines,
                                                       const DocumentReaderOptions& options);
Result<std::unique_ptr<DocumentReader>> NewFolderReader(const std::string& path,
                                                        const DocumentReaderOptions& options);

}  // namespace podium::io
