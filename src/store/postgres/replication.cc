#include "store/postgres/replication.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace beeflow::postgres {
namespace {

// A stand-by waits for this lock on the connection that will hold the slot, so that it is woken
// when the leader's ends. The number is "leader" in ASCII.
constexpr const char* kAwaitLeader = "SELECT pg_advisory_lock(119182681466226)";
// A leader that does not answer for so long loses the slot: it hangs, or its host is gone.
constexpr const char* kLeaderPatience = "-c wal_sender_timeout=2s";

constexpr int kRetryMs = 500;
constexpr int kSlotRetryMs = 50;

constexpr const char* kSlotName =
    "SELECT 'beeflow_' || oid FROM pg_database WHERE datname = current_database()";

class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : bytes_(bytes) {}

  uint64_t Number(size_t size) {
    uint64_t value = 0;
    for (const char c : Take(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view Text() {  // ends with a NUL
    const size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) {
      is_good_ = false;
      return {};
    }
    const std::string_view text = bytes_.substr(0, end);
    bytes_.remove_prefix(end + 1);
    return text;
  }
  std::string_view Take(size_t size) {
    if (size > bytes_.size()) {
      is_good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  bool is_good() const { return is_good_; }

 private:
  std::string_view bytes_;
  bool is_good_ = true;
};

Error Unreadable() {
  return Invalid(
      "a message of the replication protocol cannot be read; is the server a "
      "PostgreSQL of version 14 or newer?");
}

void Append(uint64_t value, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(value >> shift));
}

void SetField(const std::string& column, std::string_view value, LogEntry* entry) {
  if (column == "sequence") {
    entry->sequence = std::strtoll(std::string(value).c_str(), nullptr, 10);
  } else if (column == "table_name") {
    entry->table = value;
  } else if (column == "dag_id") {
    entry->dag_id = value;
  } else if (column == "run_id") {
    entry->run_id = value;
  } else if (column == "task_id") {
    entry->task_id = value;
  } else if (column == "map_index") {
    entry->map_index = std::atoi(std::string(value).c_str());
  } else if (column == "pool") {
    entry->pool = value;
  }
}

Result<std::string> QueryText(Connection* connection, const std::string& sql) {
  Parameters none;
  BEEFLOW_ASSIGN_OR_RETURN(const ResultPtr result, connection->Query({sql}, &none));
  if (PQntuples(result.get()) == 0) return std::string();
  std::string buffer;
  return std::string(Cell(result.get(), 0, 0).Text(&buffer));
}

}  // namespace

Result<std::optional<LoggedTransaction>> LogDecoder::Decode(std::string_view message) {
  MessageReader reader(message);
  const char kind = static_cast<char>(reader.Number(1));
  switch (kind) {
    case 'B': {
      reader.Number(8);  // where its commit is
      reader.Number(8);  // when
      open_ = {};
      open_.id = static_cast<uint32_t>(reader.Number(4));
      break;
    }
    case 'R':
      BEEFLOW_RETURN_IF_ERROR(ReadRelation(message.substr(1)));
      break;
    case 'I':
      BEEFLOW_RETURN_IF_ERROR(ReadInsert(message.substr(1)));
      break;
    case 'C': {
      reader.Number(1);  // flags
      reader.Number(8);  // where the commit is
      open_.end = reader.Number(8);
      if (!reader.is_good()) return Unreadable();
      return std::optional(std::exchange(open_, {}));
    }
    default:  // types, origins, messages, truncations: of no concern
      break;
  }
  if (!reader.is_good()) return Unreadable();
  return std::optional<LoggedTransaction>();
}

Status LogDecoder::ReadRelation(std::string_view message) {
  MessageReader reader(message);
  reader.Number(4);  // its id; the publication has one table
  reader.Text();     // schema
  reader.Text();     // name
  reader.Number(1);  // replica identity
  const size_t count = reader.Number(2);
  columns_.clear();
  for (size_t i = 0; i < count && reader.is_good(); ++i) {
    reader.Number(1);  // flags
    columns_.emplace_back(reader.Text());
    reader.Number(4);  // type
    reader.Number(4);  // its modifier
  }
  return reader.is_good() ? Ok() : Status(Unreadable());
}

Status LogDecoder::ReadInsert(std::string_view message) {
  MessageReader reader(message);
  reader.Number(4);  // the relation's id
  if (reader.Number(1) != 'N') return Unreadable();
  const size_t count = reader.Number(2);
  LogEntry entry;
  for (size_t i = 0; i < count && reader.is_good(); ++i) {
    const auto kind = static_cast<char>(reader.Number(1));
    if (kind != 't') continue;  // null
    const std::string_view value = reader.Take(reader.Number(4));
    if (i < columns_.size()) SetField(columns_[i], value, &entry);
  }
  if (!reader.is_good()) return Unreadable();
  constexpr std::array<std::string_view, 4> kTables = {"task_instance", "dag_run", "dag",
                                                       "slot_pool"};
  if (std::find(kTables.begin(), kTables.end(), entry.table) != kTables.end()) {
    open_.entries.push_back(std::move(entry));
  }
  return Ok();
}

Status CheckServer(Connection* connection) {
  BEEFLOW_ASSIGN_OR_RETURN(
      const std::string level,
      QueryText(connection, "SELECT setting FROM pg_settings WHERE name = 'wal_level'"));
  if (level != "logical") {
    return Invalid("database " + connection->name() + ": its server has wal_level '" + level +
                   "', and the change feed needs 'logical'. Have an administrator run\n"
                   "  ALTER SYSTEM SET wal_level = 'logical';\nand restart the server");
  }
  BEEFLOW_ASSIGN_OR_RETURN(
      const std::string role,
      QueryText(connection,
                "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = current_user"
                " AND NOT rolreplication AND NOT rolsuper"));
  if (!role.empty()) {
    return Invalid("database " + connection->name() + ": the role " + role +
                   " may not use replication, of which the change feed is made. Have an "
                   "administrator run\n  ALTER ROLE " +
                   role + " REPLICATION;");
  }
  return Ok();
}

Result<SlotHealth> ReadSlot(Connection* connection) {
  SlotHealth slot;
  BEEFLOW_ASSIGN_OR_RETURN(slot.name, QueryText(connection, kSlotName));
  Parameters parameters;
  parameters.Add(slot.name);
  BEEFLOW_ASSIGN_OR_RETURN(
      const ResultPtr result,
      connection->Query({"SELECT active, wal_status,"
                         " pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint"
                         " FROM pg_replication_slots WHERE slot_name = $1"},
                        &parameters));
  if (PQntuples(result.get()) == 0) {
    return NotFound("database " + connection->name() + " has no replication slot " + slot.name +
                    "; create it with `beeflow db migrate`");
  }
  std::string buffer;
  slot.is_active = Cell(result.get(), 0, 0).Integer() != 0;
  slot.wal_status = Cell(result.get(), 0, 1).Text(&buffer);
  const Cell lag(result.get(), 0, 2);
  if (!lag.is_null() && slot.wal_status != "lost") slot.lag_bytes = lag.Integer();
  return slot;
}

Status EnsureSlot(Connection* connection) {
  BEEFLOW_RETURN_IF_ERROR(CheckServer(connection));
  auto slot = ReadSlot(connection);
  if (!slot.ok() && slot.error().code != ErrorCode::kNotFound) return slot.error();
  BEEFLOW_ASSIGN_OR_RETURN(const std::string name, QueryText(connection, kSlotName));
  if (slot.ok() && slot->wal_status != "lost") return Ok();
  Parameters parameters;
  parameters.Add(name);
  if (slot.ok()) {
    // What it would have told is gone: the next leader reads all that is active anyway.
    BEEFLOW_RETURN_IF_ERROR(
        connection->Query({"SELECT pg_drop_replication_slot($1)"}, &parameters));
  }
  const auto made = connection->Query(
      {"SELECT FROM pg_create_logical_replication_slot($1, 'pgoutput')"}, &parameters);
  if (made.ok() || ReadSlot(connection).ok()) return Ok();  // Another may have been quicker.
  return made.error();
}

Replication::Replication(std::string url)
    : url_(std::move(url)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Replication::~Replication() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

void Replication::Stop() {
  stopped_ = true;
  constexpr uint64_t kOne = 1;
  (void)!write(wake_.get(), &kOne, sizeof kOne);
}

// Until Stop, or so long. True: go on.
bool Replication::Sleep(int milliseconds) {
  pollfd wake{wake_.get(), POLLIN, 0};
  if (!stopped_) poll(&wake, 1, milliseconds);
  return !stopped_;
}

Status Replication::Connect() {
  connection_.reset();
  BEEFLOW_ASSIGN_OR_RETURN(connection_, Connection::Open(url_, {{"replication", "database"},
                                                                {"options", kLeaderPatience}}));
  return Ok();
}

Result<bool> Replication::Await(const std::function<void(const std::string&)>& on_waiting) {
  std::string told;
  while (!stopped_) {
    const auto tell = [&](const std::string& reason) {
      if (std::exchange(told, reason) != reason) on_waiting(reason);
    };
    const auto is_leader = AwaitLock(tell);
    if (is_leader.ok()) return *is_leader;
    if (is_leader.error().code != ErrorCode::kUnavailable) return is_leader.error();
    tell(is_leader.error().message);
    if (!Pause()) return false;
  }
  return false;
}

bool Replication::Pause() { return Sleep(kRetryMs); }

Result<bool> Replication::AwaitLock(const std::function<void(const std::string&)>& on_waiting) {
  BEEFLOW_RETURN_IF_ERROR(Connect());
  if (PQsendQuery(connection_->handle(), kAwaitLeader) != 1) return connection_->Failure(nullptr);
  bool has_waited = false;
  while (PQisBusy(connection_->handle()) != 0) {
    std::array<pollfd, 2> watched = {
        {{PQsocket(connection_->handle()), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    const int ready = poll(watched.data(), watched.size(), has_waited ? -1 : kSlotRetryMs);
    if (stopped_) return false;
    if (ready == 0) {
      has_waited = true;
      on_waiting("another control process leads; standing by");
    }
    if (watched[0].revents != 0 && PQconsumeInput(connection_->handle()) != 1) {
      return connection_->Failure(nullptr);
    }
  }
  const ResultPtr result(PQgetResult(connection_->handle()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return connection_->Failure(result.get());
  const ResultPtr end(PQgetResult(connection_->handle()));
  return true;
}

Status Replication::Follow(std::function<void()> on_arrival,
                           std::function<void(const Error&)> on_lost) {
  on_arrival_ = std::move(on_arrival);
  on_lost_ = std::move(on_lost);
  const ResultPtr name(PQexec(connection_->handle(), kSlotName));
  if (PQresultStatus(name.get()) != PGRES_TUPLES_OK) return connection_->Failure(name.get());
  const std::string start = std::string("START_REPLICATION SLOT \"") +
                            PQgetvalue(name.get(), 0, 0) +
                            "\" LOGICAL 0/0 (proto_version '1', publication_names 'beeflow')";
  while (true) {
    const ResultPtr result(PQexec(connection_->handle(), start.c_str()));
    if (PQresultStatus(result.get()) == PGRES_COPY_BOTH) break;
    const Error failure = connection_->Failure(result.get());
    // The process of the former leader may be about to end.
    if (failure.code != ErrorCode::kUnavailable || connection_->is_broken()) return failure;
    if (!Sleep(kSlotRetryMs)) return failure;
  }
  thread_ = std::thread([this] { Run(); });
  return Ok();
}

void Replication::Run() {
  while (!stopped_) {
    Status status = ReadMessages();
    if (status.ok()) status = SendStatus();
    if (!status.ok()) {
      on_lost_(status.error());
      return;
    }
    std::array<pollfd, 2> watched = {
        {{PQsocket(connection_->handle()), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    poll(watched.data(), watched.size(), -1);
    uint64_t ignored = 0;
    if (watched[1].revents != 0) (void)!read(wake_.get(), &ignored, sizeof ignored);
    if (watched[0].revents != 0 && PQconsumeInput(connection_->handle()) != 1) {
      on_lost_(connection_->Failure(nullptr));
      return;
    }
  }
}

Status Replication::ReadMessages() {
  while (true) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection_->handle(), &buffer, 1);
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(buffer, PQfreemem);
    if (size == 0) return Ok();
    if (size == -1) {
      const ResultPtr result(PQgetResult(connection_->handle()));
      if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
        return connection_->Failure(result.get());
      }
      return Unavailable("database " + connection_->name() + ": the server has ended the feed");
    }
    if (size < 0) return connection_->Failure(nullptr);
    BEEFLOW_RETURN_IF_ERROR(OnMessage({buffer, static_cast<size_t>(size)}));
  }
}

Status Replication::OnMessage(std::string_view message) {
  MessageReader reader(message);
  const char kind = static_cast<char>(reader.Number(1));
  if (kind == 'k') {  // the server is alive, and tells how far its log goes
    const Lsn end = reader.Number(8);
    reader.Number(8);  // its clock
    const bool wants_answer = reader.Number(1) != 0;
    const std::lock_guard lock(mutex_);
    seen_ = std::max(seen_, end);
    if (ready_.empty() && taken_.empty()) acknowledged_ = seen_;
    wants_status_ |= wants_answer;
    return Ok();
  }
  if (kind != 'w') return Ok();
  reader.Take(24);  // positions and the server's clock
  BEEFLOW_ASSIGN_OR_RETURN(auto transaction, decoder_.Decode(message.substr(25)));
  if (transaction) OnTransaction(std::move(*transaction));
  return Ok();
}

void Replication::OnTransaction(LoggedTransaction transaction) {
  {
    const std::lock_guard lock(mutex_);
    seen_ = std::max(seen_, transaction.end);
    const auto expected = expected_.find(transaction.id);
    if (expected != expected_.end()) {
      const int64_t last = expected->second;
      std::erase_if(transaction.entries,
                    [&](const LogEntry& entry) { return entry.sequence <= last; });
      expected_.erase(expected);
    }
    if (!transaction.entries.empty()) {
      ready_.push_back(std::move(transaction));
    } else if (ready_.empty() && taken_.empty()) {
      acknowledged_ = seen_;
    }
  }
  on_arrival_();
}

Status Replication::SendStatus() {
  Lsn position = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!wants_status_ && acknowledged_ == told_) return Ok();
    wants_status_ = false;
    position = told_ = acknowledged_;
  }
  std::string message = "r";
  for (int i = 0; i < 3; ++i) Append(position, &message);  // written, flushed, applied
  Append(0, &message);                                     // our clock: nobody asks
  message.push_back(0);                                    // no answer wanted
  if (PQputCopyData(connection_->handle(), message.data(), static_cast<int>(message.size())) != 1 ||
      PQflush(connection_->handle()) < 0) {
    return connection_->Failure(nullptr);
  }
  return Ok();
}

std::vector<LoggedTransaction> Replication::Take(size_t max) {
  const std::lock_guard lock(mutex_);
  size_t entries = 0;
  size_t count = 0;
  while (count < ready_.size() && entries < max) entries += ready_[count++].entries.size();
  const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<LoggedTransaction> out(ready_.begin(), end);
  taken_.insert(taken_.end(), std::make_move_iterator(ready_.begin()),
                std::make_move_iterator(end));
  ready_.erase(ready_.begin(), end);
  return out;
}

Lsn Replication::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

bool Replication::has_changes() const {
  const std::lock_guard lock(mutex_);
  return !ready_.empty();
}

void Replication::Acknowledge() {
  {
    const std::lock_guard lock(mutex_);
    if (taken_.empty()) return;
    acknowledged_ = ready_.empty() ? seen_ : taken_.back().end;
    taken_.clear();
  }
  constexpr uint64_t kOne = 1;
  (void)!write(wake_.get(), &kOne, sizeof kOne);
}

void Replication::PutBack() {
  const std::lock_guard lock(mutex_);
  PutBackLast(taken_.size());
}

void Replication::PutBack(size_t count) {
  const std::lock_guard lock(mutex_);
  PutBackLast(count);
}

void Replication::PutBackLast(size_t count) {
  const auto first = taken_.end() - static_cast<std::ptrdiff_t>(count);
  ready_.insert(ready_.begin(), std::make_move_iterator(first),
                std::make_move_iterator(taken_.end()));
  taken_.erase(first, taken_.end());
}

void Replication::Expect(uint32_t id, int64_t last_sequence) {
  const std::lock_guard lock(mutex_);
  expected_[id] = last_sequence;
}

}  // namespace beeflow::postgres
