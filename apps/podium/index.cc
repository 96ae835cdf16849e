// podium index: documents from files into an index.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stopwatch.h"
#include "byte_size.h"
#include "commands.h"
#include "engine/index_builder.h"
#include "engine/index_directory.h"
#include "engine/token_cache_update.h"
#include "io/document_reader.h"
#include "io/hub_cache.h"
#include "io/json.h"
#include "terminal.h"
#include "text/tokenizer.h"
#include "token_report.h"

namespace podium::cli {
namespace {

struct IndexOptions {
  std::string index;
  std::vector<std::string> files;
  std::string format = "auto";
  std::string id_field;
  std::string text_field;
  std::string title_field;
  std::vector<std::string> columns;
  std::string language;
  bool keep_stop_words = false;
  bool skip_bad = false;
  std::string tokens;  // the model whose tokenizer makes them; "": none
  size_t threads = 0;
  uint64_t commit_every = 0;
  bool json = false;
};

// Wrong uses that no single option shows. Throws CLI::RequiredError, which the parser reports.
void CheckUsage(const IndexOptions& options) {
  if (options.files.empty() && options.tokens.empty()) {
    throw CLI::RequiredError("files (or --tokens)");
  }
}

constexpr uint64_t kBadShown = 5;

// Counts bad records and shows the first.
class BadRecords {
 public:
  void Add(const Status& status) {
    if (++count_ <= kBadShown) {
      Log(LogLevel::kWarning, "skipped {}", status.message());
    } else if (count_ == kBadShown + 1) {
      Log(LogLevel::kWarning, "more bad records are skipped and only counted");
    }
  }
  uint64_t count() const { return count_; }

 private:
  uint64_t count_ = 0;
};

// Calls visit for each document of all files until one fails or the user stops.
Status ForEachDocument(const std::vector<std::string>& files,
                       const io::DocumentReaderOptions& options,
                       const std::function<Status(Document)>& visit) {
  for (const std::string& file : files) {
    PODIUM_ASSIGN_OR_RETURN(const std::unique_ptr<io::DocumentReader> reader,
                            io::OpenDocuments(file, options));
    while (true) {
      PODIUM_RETURN_IF_ERROR(CheckStop());
      PODIUM_ASSIGN_OR_RETURN(std::optional<Document> document, reader->Next());
      if (!document) {
        break;
      }
      PODIUM_RETURN_IF_ERROR(visit(*std::move(document)));
    }
  }
  return Status::Ok();
}

// Whether all inputs can be read a second time: files and folders, no pipes.
bool Rereadable(const std::vector<std::string>& files) {
  return std::all_of(files.begin(), files.end(), [](const std::string& file) {
    std::error_code ignored;
    return file != "-" && (std::filesystem::is_regular_file(file, ignored) ||
                           std::filesystem::is_directory(file, ignored));
  });
}

class IndexRun {
 public:
  explicit IndexRun(const IndexOptions& options) : options_(options) {}

  Status Run() {
    PODIUM_RETURN_IF_ERROR(LoadTokenizer());
    Status status = options_.files.empty() ? OpenExisting() : IndexFiles();
    index_seconds_ = clock_.Lap();
    if (status.ok()) {
      status = UpdateTokens();
    }
    if (!status.ok() && status.code() != StatusCode::kCancelled) {
      return status;
    }
    PODIUM_RETURN_IF_ERROR(Report());
    return status.ok() ? status
                       : Cancelled("stopped by the user; what was done until then is in the index");
  }

 private:
  // First of all, so that nothing is indexed for a model that does not exist.
  Status LoadTokenizer() {
    if (options_.tokens.empty()) {
      return Status::Ok();
    }
    PODIUM_ASSIGN_OR_RETURN(const std::filesystem::path model, io::ResolveModel(options_.tokens));
    PODIUM_ASSIGN_OR_RETURN(tokenizer_, text::Tokenizer::Load(model));
    return Status::Ok();
  }

  // Without files there is nothing to make an index of.
  Status OpenExisting() {
    PODIUM_RETURN_IF_ERROR(engine::OpenIndex(options_.index).status());
    PODIUM_ASSIGN_OR_RETURN(session_, engine::IndexSession::Open(options_.index));
    return Status::Ok();
  }

  // Reads, adds and commits; after Ctrl-C commits what was read.
  Status IndexFiles() {
    PODIUM_ASSIGN_OR_RETURN(reader_options_.format, io::ParseDocumentFormat(options_.format));
    reader_options_.id_field = options_.id_field;
    reader_options_.text_field = options_.text_field;
    reader_options_.title_field = options_.title_field;
    reader_options_.columns = options_.columns;
    const bool rereadable = Rereadable(options_.files);
    if (options_.skip_bad) {
      reader_options_.on_bad = [this](const Status& status) { bad_.Add(status); };
    } else if (rereadable) {
      PODIUM_RETURN_IF_ERROR(CheckAll());
    }
    PODIUM_RETURN_IF_ERROR(OpenBuilder(options_.skip_bad || rereadable));
    Status status = AddAll();
    if (status.ok() || status.code() == StatusCode::kCancelled) {
      PODIUM_RETURN_IF_ERROR(builder_->Commit());
    }
    return status;
  }

  // Reads everything once, so that a bad record is known before the index is touched.
  Status CheckAll() {
    Progress progress("checking", "documents", 0, !options_.json);
    const Status status = ForEachDocument(options_.files, reader_options_, [&](Document) {
      ++expected_;
      progress.Add(1);
      return Status::Ok();
    });
    if (status.code() == StatusCode::kInvalidArgument) {
      return status.WithContext("nothing was indexed (--skip-bad leaves bad records out)");
    }
    return status;
  }

  // Without a check beforehand a bad record can turn up at any time; then nothing may be committed
  // before the end.
  Status OpenBuilder(bool commit_on_the_way) {
    engine::IndexBuilderOptions builder;
    builder.threads = options_.threads;
    if (!commit_on_the_way) {
      builder.commit_bytes = 0;
    } else {
      builder.commit_documents = options_.commit_every;
      if (isatty(STDERR_FILENO) == 0) {
        builder.on_commit = [](const engine::IndexCounts& counts) {
          Log(LogLevel::kInfo, "committed {} documents", counts.total());
        };
      }
    }
    if (!options_.language.empty() || options_.keep_stop_words) {
      text::AnalyzerSpec spec;
      if (!options_.language.empty()) {
        spec.language = options_.language;
      }
      spec.stop_words = !options_.keep_stop_words;
      builder.index.analyzer = spec;
    }
    PODIUM_ASSIGN_OR_RETURN(builder_, engine::IndexBuilder::Open(options_.index, builder));
    return Status::Ok();
  }

  Status AddAll() {
    Progress progress("indexing", "documents", expected_, !options_.json);
    return ForEachDocument(options_.files, reader_options_, [&](Document document) {
      progress.Add(1);
      return builder_->Add(std::move(document));
    });
  }

  Status UpdateTokens() {
    if (tokenizer_ == nullptr) {
      return Status::Ok();
    }
    std::optional<Progress> progress;
    engine::TokenUpdateOptions update{.model = options_.tokens,
                                      .threads = options_.threads,
                                      .commit_documents = options_.commit_every};
    update.on_progress = [&](uint64_t done, uint64_t missing) {
      if (!progress) {
        progress.emplace("tokenizing", "documents", missing, !options_.json);
      }
      progress->Add(done - std::exchange(tokens_made_, done));
      return CheckStop();
    };
    return engine::UpdateTokenCache(builder_ != nullptr ? builder_->session() : *session_,
                                    *tokenizer_, update)
        .status();
  }

  Status Report() const {
    const double token_seconds = clock_.Seconds();
    const engine::IndexCounts counts =
        builder_ != nullptr ? builder_->counts() : engine::IndexCounts{};
    PODIUM_ASSIGN_OR_RETURN(const engine::IndexInfo info, engine::ReadIndexInfo(options_.index));
    if (options_.json) {
      io::Json json;
      json["index"] = options_.index;
      json["added"] = counts.added;
      json["updated"] = counts.updated;
      json["unchanged"] = counts.unchanged;
      json["bad"] = bad_.count();
      json["documents"] = info.stats.documents;
      json["generation"] = info.stats.generation;
      json["seconds"] = index_seconds_;
      json["text_bytes"] = counts.bytes;
      json["index_bytes"] = info.bytes;
      json["tokens_made"] = tokens_made_;
      json["token_seconds"] = token_seconds;
      json["tokens"] = TokensToJson(info.tokens);
      Print(io::DumpJson(json) + "\n");
      return Status::Ok();
    }
    Print(Format("{}: {} documents, {} on disk\n", options_.index,
                 GroupDigits(info.stats.documents), FormatBytes(info.bytes)));
    if (builder_ != nullptr) {
      PrintCounts(counts);
    }
    if (tokenizer_ != nullptr) {
      Print(
          Format("{} tokenized in {}\n", GroupDigits(tokens_made_), FormatSeconds(token_seconds)));
    }
    for (const engine::TokenCacheInfo& cache : info.tokens) {
      Print(Format("tokens for {}\n", DescribeTokens(cache)));
    }
    return Status::Ok();
  }

  void PrintCounts(const engine::IndexCounts& counts) const {
    const double rate = static_cast<double>(counts.total()) / std::max(index_seconds_, 1e-9);
    Print(Format("{} added, {} updated, {} unchanged{} in {} ({} documents/s, {} of text)\n",
                 GroupDigits(counts.added), GroupDigits(counts.updated),
                 GroupDigits(counts.unchanged),
                 bad_.count() > 0 ? Format(", {} bad skipped", GroupDigits(bad_.count())) : "",
                 FormatSeconds(index_seconds_), GroupDigits(static_cast<uint64_t>(rate)),
                 FormatBytes(counts.bytes)));
  }

  const IndexOptions& options_;
  io::DocumentReaderOptions reader_options_;
  BadRecords bad_;
  std::unique_ptr<const text::Tokenizer> tokenizer_;  // null without --tokens
  std::unique_ptr<engine::IndexBuilder> builder_;     // null without files
  std::unique_ptr<engine::IndexSession> session_;     // null with files
  uint64_t expected_ = 0;
  uint64_t tokens_made_ = 0;
  double index_seconds_ = 0;
  Stopwatch clock_;
};

}  // namespace

void AddIndexCommand(CommandLine& line) {
  auto options = std::make_shared<IndexOptions>();
  CLI::App& command = line.Add("index", "Add documents to an index, or replace them by id",
                               [options] { return IndexRun(*options).Run(); });
  command.add_option("index", options->index, "Index directory; made if it is missing")->required();
  command.add_option(
      "files", options->files,
      "JSONL, CSV or TSV files (.gz and .zst too), folders of .txt and .md files, or "
      "- for standard input");
  command
      .add_option("--format", options->format,
                  "auto, jsonl, csv, tsv or folder; auto goes by the name and the first byte")
      ->capture_default_str();
  command.add_option("--id-field", options->id_field, "Field of the id (_id, id or docid)");
  command.add_option("--text-field", options->text_field, "Field of the text (text or contents)");
  command.add_option("--title-field", options->title_field, "Field of the title (title)");
  command
      .add_option("--columns", options->columns,
                  "Names of the columns of CSV or TSV files without a header line: id,text")
      ->delimiter(',');
  command.add_option("--language", options->language,
                     "Language of the word stems, \"none\" for whole words; fixed when the index "
                     "is made (english)");
  command.add_flag("--keep-stop-words", options->keep_stop_words,
                   "Index English stop words too; fixed when the index is made");
  command.add_flag("--skip-bad", options->skip_bad,
                   "Leave out bad records and count them, instead of stopping before the first "
                   "change");
  command
      .add_option("--tokens", options->tokens,
                  "Store the tokens of all documents for reranking with this model (a directory or "
                  "org/name) and others of its tokenizer; without files, only that")
      ->type_name("MODEL");
  command.add_option("--threads", options->threads, "Threads; 0 for one per CPU")
      ->capture_default_str();
  command
      .add_option("--commit-every", options->commit_every,
                  "Commit after so many changed documents; 0: by size (256 MiB) only")
      ->capture_default_str();
  command.add_flag("--json", options->json, "Print the summary as JSON");
  command.parse_complete_callback([options] { CheckUsage(*options); });
}

}  // namespace podium::cli
