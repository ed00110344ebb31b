package outbox

import (
	"cmp"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Kind is the kind of the River jobs that are messages.
const Kind = "tgo_message"

// DefaultQueue is the River queue that messages are in unless [Config] names another.
const DefaultQueue = "tgo"

// Config configures a [Box]. Its zero value is fine.
type Config struct {
	// Queue is the River queue of the messages, by default DefaultQueue. One queue belongs to one tenant: to its rate, its pauses and
	// its keys of messages. A program that serves several tenants has a Box for each.
	Queue string
	// Schema is the PostgreSQL schema of River's tables and of the outbox's; by default the first of the search path.
	Schema string
	// Open opens media that messages name by reference. OpenPath is one for files. Without it, such messages are refused.
	Open Opener
	// Ciphers encrypt the arguments of the jobs, and with them texts, phones and content. The first one encrypts, all are tried to
	// decrypt, so that a key can be replaced. An AES-GCM of crypto/cipher is one.
	Ciphers []cipher.AEAD
	// Plugins are installed in the River clients that the Box makes, such as River's OpenTelemetry middleware.
	Plugins []rivertype.Plugin
	// Logger gets what happens, without texts, phones and keys; by default slog.Default().
	Logger *slog.Logger
}

// queueName is what River lets a queue be called.
var queueName = regexp.MustCompile(`^[a-z0-9]+([_-]?[a-z0-9]+)*$`)

// Box is an outbox in a database. TTx is the transaction of its driver: pgx.Tx or *sql.Tx. It is safe for use by many goroutines.
type Box[TTx any] struct {
	cfg    Config
	driver riverdriver.Driver[TTx]
	river  *river.Client[TTx] // adds jobs, never works any
	sql    dialect

	rehearsal rehearsal
}

// New makes the outbox in the database of a River driver: riversqlite, riverpgxv5 or riverdatabasesql. It does no input or output.
//
// A SQLite pool must have one connection at most (SetMaxOpenConns(1)). The database must keep what it has committed, through a power cut too
// (synchronous=FULL on SQLite, synchronous_commit and fsync on PostgreSQL): otherwise it forgets that an attempt began, and the message
// is sent twice.
func New[TTx any](driver riverdriver.Driver[TTx], cfg Config) (*Box[TTx], error) {
	if driver == nil {
		return nil, errors.New("outbox: the driver is nil")
	}
	if !driver.PoolIsSet() {
		return nil, errors.New("outbox: the driver has no database pool")
	}
	cfg.Queue = cmp.Or(cfg.Queue, DefaultQueue)
	if len(cfg.Queue) > 64 || !queueName.MatchString(cfg.Queue) {
		return nil, fmt.Errorf("outbox: Config.Queue must be letters a to z and digits, in parts joined by _ or -, at most 64: %q", cfg.Queue)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown: fetchCooldown, // so often it notifies workers of what was added
		Logger:        cfg.Logger, Plugins: cfg.Plugins, Schema: cfg.Schema,
	})
	if err != nil {
		return nil, err
	}
	rehearsal, err := newRehearsal()
	if err != nil {
		return nil, err
	}
	return &Box[TTx]{
		cfg: cfg, driver: driver, river: client, sql: newDialect(driver.DatabaseName(), cfg.Schema), rehearsal: rehearsal,
	}, nil
}

// Queue is the River queue of the messages.
func (b *Box[TTx]) Queue() string { return b.cfg.Queue }
