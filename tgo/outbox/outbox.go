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

// Config configures a [Box]. The zero value is valid.
type Config struct {
	// Queue is the River queue of the messages, by default DefaultQueue. A queue belongs to one tenant: it has one rate, one pause and one
	// set of message keys. A program that serves several tenants has a Box for each.
	Queue string
	// Schema is the PostgreSQL schema of the tables, River's and the outbox's; by default the first one in the search path.
	Schema string
	// Open opens media that messages name by reference. OpenPath opens files. Without an Opener, such messages are refused.
	Open Opener
	// Ciphers encrypt the arguments of the jobs, which hold texts, phones and content. The first one encrypts; to decrypt, all are tried,
	// so that a key can be replaced. AES-GCM of crypto/cipher is one.
	Ciphers []cipher.AEAD
	// Plugins are installed in the River clients that the Box creates, such as River's OpenTelemetry middleware.
	Plugins []rivertype.Plugin
	// Logger is used for logging; by default slog.Default(). This package logs no texts, phones or keys, but the value of a panic
	// in the Opener or in OnEnd is logged as it is.
	Logger *slog.Logger
}

// queueName matches the names that River allows for a queue.
var queueName = regexp.MustCompile(`^[a-z0-9]+([_-]?[a-z0-9]+)*$`)

// Box is an outbox in a database. TTx is the transaction type of its driver: pgx.Tx or *sql.Tx. A Box is safe for concurrent use.
type Box[TTx any] struct {
	cfg    Config
	driver riverdriver.Driver[TTx]
	river  *river.Client[TTx] // inserts jobs, never works any
	sql    dialect

	validator validator
}

// New returns the outbox in the database of a River driver: riversqlite, riverpgxv5 or riverdatabasesql. It does not access the database.
//
// A SQLite pool must have at most one connection (SetMaxOpenConns(1)). The database must not lose what it has committed, not even in a
// power failure (synchronous=FULL on SQLite, synchronous_commit and fsync on PostgreSQL). Otherwise it can lose the fact that an attempt
// began, and the message is sent twice.
func New[TTx any](driver riverdriver.Driver[TTx], cfg Config) (*Box[TTx], error) {
	if driver == nil {
		return nil, errors.New("outbox: the driver is nil")
	}
	if !driver.PoolIsSet() {
		return nil, errors.New("outbox: the driver has no database pool")
	}
	cfg.Queue = cmp.Or(cfg.Queue, DefaultQueue)
	if len(cfg.Queue) > 64 || !queueName.MatchString(cfg.Queue) {
		return nil, fmt.Errorf("outbox: Config.Queue %q is not a valid name: use letters a to z and digits, in parts joined by _ or -, at most 64 characters", cfg.Queue)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown: fetchCooldown, // how often it notifies workers of added messages
		Logger:        cfg.Logger, Plugins: cfg.Plugins, Schema: cfg.Schema,
	})
	if err != nil {
		return nil, err
	}
	validator, err := newValidator()
	if err != nil {
		return nil, err
	}
	return &Box[TTx]{
		cfg: cfg, driver: driver, river: client, sql: newDialect(driver.DatabaseName(), cfg.Schema), validator: validator,
	}, nil
}

// Queue is the River queue of the messages.
func (b *Box[TTx]) Queue() string { return b.cfg.Queue }
