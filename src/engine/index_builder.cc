#include "engine/index_builder.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_pool.h"

namespace podium::engine {
namespace {

// A batch is the unit that threads hand on: enough to make locks cheap, little enough to keep all
// threads busy.
constexpr size_t kBatchDocuments = 64;
constexpr size_t kBatchBytes = size_t{1} << 20;
// Batches on their way per analysing thread; bounds the memory.
constexpr size_t kBatchesPerThread = 4;

size_t Bytes(const Document& document) {
  return document.id.size() + document.title.size() + document.text.size() + document.fields.size();
}

struct Batch {
  enum class State : uint8_t { kWaiting, kAnalysing, kReady };

  State state = State::kWaiting;
  std::vector<Document> documents;
  // Same length as `documents` once ready. Empty where the index seemed to hold the document as it
  // is already.
  std::vector<std::optional<lexical::PreparedDocument>> prepared;
  size_t bytes = 0;
  Status status;
};

}  // namespace

// Documents go through three hands: the caller fills batches, analysing threads prepare them in any
// order, the writing thread takes them off the front of the queue in the order they came.
struct IndexBuilder::Impl {
  IndexBuilderOptions options;
  std::unique_ptr<IndexSession> session;
  std::unique_ptr<const lexical::IndexReader> committed;  // as it was at the start
  std::unique_ptr<Batch> filling = std::make_unique<Batch>();

  mutable std::mutex mutex;
  std::condition_variable work_waits;   // for analysing threads: a batch or the end
  std::condition_variable front_ready;  // for the writing thread
  std::condition_variable room;         // for the caller: the queue got shorter
  std::deque<std::unique_ptr<Batch>> queue;
  size_t capacity = 0;
  bool stop = false;
  Status status;
  IndexCounts counts;
  uint64_t since_commit_documents = 0;  // of the writing thread, or of the caller while it is idle
  uint64_t since_commit_bytes = 0;
  std::vector<std::thread> threads;

  void Start();
  void Stop();
  Batch* NextWaiting();
  void Analyse();
  void PrepareBatch(Batch& batch) const;
  void Write();
  Status WriteBatch(Batch& batch, IndexCounts& written);
  Status CommitSession();
  Status Send();
  Status Drain();
};

void IndexBuilder::Impl::Start() {
  const size_t total = options.threads > 0 ? options.threads : AvailableCpus();
  const size_t analysing = std::max<size_t>(1, total - 1);
  capacity = kBatchesPerThread * (analysing + 1);
  for (size_t i = 0; i < analysing; ++i) {
    threads.emplace_back([this] { Analyse(); });
  }
  threads.emplace_back([this] { Write(); });
}

void IndexBuilder::Impl::Stop() {
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  work_waits.notify_all();
  front_ready.notify_all();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

Batch* IndexBuilder::Impl::NextWaiting() {
  for (const std::unique_ptr<Batch>& batch : queue) {
    if (batch->state == Batch::State::kWaiting) {
      return batch.get();
    }
  }
  return nullptr;
}

void IndexBuilder::Impl::Analyse() {
  std::unique_lock lock(mutex);
  while (true) {
    Batch* batch = nullptr;
    work_waits.wait(lock, [&] { return stop || (batch = NextWaiting()) != nullptr; });
    if (stop) {
      return;
    }
    batch->state = Batch::State::kAnalysing;
    lock.unlock();
    PrepareBatch(*batch);
    lock.lock();
    batch->state = Batch::State::kReady;
    if (queue.front().get() == batch) {
      front_ready.notify_one();
    }
  }
}

void IndexBuilder::Impl::PrepareBatch(Batch& batch) const {
  batch.prepared.resize(batch.documents.size());
  for (size_t i = 0; i < batch.documents.size(); ++i) {
    if (committed != nullptr) {
      const Result<bool> holds = committed->Holds(batch.documents[i]);
      if (holds.ok() && *holds) {
        continue;
      }
    }
    Result<lexical::PreparedDocument> prepared = session->writer().Prepare(batch.documents[i]);
    if (!prepared.ok()) {
      batch.status = prepared.status();
      return;
    }
    batch.prepared[i] = std::move(prepared).value();
  }
}

void IndexBuilder::Impl::Write() {
  std::unique_lock lock(mutex);
  while (true) {
    front_ready.wait(lock, [&] {
      return stop || (!queue.empty() && queue.front()->state == Batch::State::kReady);
    });
    if (stop) {
      return;
    }
    Batch& batch = *queue.front();
    IndexCounts written = counts;
    Status result = status;
    lock.unlock();
    if (result.ok()) {
      result = WriteBatch(batch, written);
    }
    lock.lock();
    status = result;
    counts = written;
    queue.pop_front();
    room.notify_one();
  }
}

Status IndexBuilder::Impl::WriteBatch(Batch& batch, IndexCounts& written) {
  PODIUM_RETURN_IF_ERROR(batch.status);
  lexical::IndexWriter& writer = session->writer();
  for (size_t i = 0; i < batch.documents.size(); ++i) {
    lexical::PutOutcome outcome = lexical::PutOutcome::kUnchanged;
    if (batch.prepared[i]) {
      PODIUM_ASSIGN_OR_RETURN(outcome, writer.Put(*std::move(batch.prepared[i])));
    } else {
      // It was there at the start; an earlier document of this session may have replaced it.
      PODIUM_ASSIGN_OR_RETURN(const bool unchanged, writer.IsUnchanged(batch.documents[i]));
      if (!unchanged) {
        PODIUM_ASSIGN_OR_RETURN(outcome, writer.Put(batch.documents[i]));
      }
    }
    written.added += outcome == lexical::PutOutcome::kAdded ? 1 : 0;
    written.updated += outcome == lexical::PutOutcome::kUpdated ? 1 : 0;
    written.unchanged += outcome == lexical::PutOutcome::kUnchanged ? 1 : 0;
    const size_t bytes = Bytes(batch.documents[i]);
    written.bytes += bytes;
    if (outcome != lexical::PutOutcome::kUnchanged) {
      ++since_commit_documents;
      since_commit_bytes += bytes;
    }
    if ((options.commit_documents > 0 && since_commit_documents >= options.commit_documents) ||
        (options.commit_bytes > 0 && since_commit_bytes >= options.commit_bytes)) {
      PODIUM_RETURN_IF_ERROR(CommitSession());
      if (options.on_commit) {
        options.on_commit(written);
      }
    }
  }
  return Status::Ok();
}

Status IndexBuilder::Impl::CommitSession() {
  since_commit_documents = 0;
  since_commit_bytes = 0;
  return session->Commit();
}

// Puts the batch being filled into the queue.
Status IndexBuilder::Impl::Send() {
  std::unique_lock lock(mutex);
  room.wait(lock, [&] { return queue.size() < capacity; });
  PODIUM_RETURN_IF_ERROR(status);
  queue.push_back(std::exchange(filling, std::make_unique<Batch>()));
  work_waits.notify_one();
  return Status::Ok();
}

Status IndexBuilder::Impl::Drain() {
  if (!filling->documents.empty()) {
    PODIUM_RETURN_IF_ERROR(Send());
  }
  std::unique_lock lock(mutex);
  room.wait(lock, [&] { return queue.empty(); });
  return status;
}

IndexBuilder::IndexBuilder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->Start();
}

IndexBuilder::~IndexBuilder() {
  impl_->Stop();
}

Result<std::unique_ptr<IndexBuilder>> IndexBuilder::Open(const std::filesystem::path& directory,
                                                         const IndexBuilderOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  PODIUM_ASSIGN_OR_RETURN(impl->session, IndexSession::Open(directory, options.index));
  if (impl->session->writer().documents() > 0) {
    PODIUM_ASSIGN_OR_RETURN(impl->committed, OpenIndex(directory));
  }
  return std::unique_ptr<IndexBuilder>(new IndexBuilder(std::move(impl)));
}

Status IndexBuilder::Add(Document document) {
  Batch& batch = *impl_->filling;
  batch.bytes += Bytes(document);
  batch.documents.push_back(std::move(document));
  if (batch.documents.size() < kBatchDocuments && batch.bytes < kBatchBytes) {
    return Status::Ok();
  }
  return impl_->Send();
}

Status IndexBuilder::Commit() {
  PODIUM_RETURN_IF_ERROR(impl_->Drain());
  Status committed = impl_->CommitSession();
  const std::lock_guard lock(impl_->mutex);
  impl_->status = committed;
  return committed;
}

IndexCounts IndexBuilder::counts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counts;
}

uint64_t IndexBuilder::documents() const {
  return impl_->session->writer().documents();
}

const IndexSession& IndexBuilder::session() const {
  return *impl_->session;
}

}  // namespace podium::engine
