package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// databaseFlags name the database of the outbox. They hold no password, since everyone on the machine can read the
// arguments of a process.
type databaseFlags struct {
	Database     string `help:"The database: sqlite:FILE, or postgres://USER@HOST/NAME without a password (or TGO_OUTBOX_DATABASE, which may hold one). By default a file in your data directory; of tgo send csv, one beside the list." placeholder:"URL" group:"Outbox"`
	DatabaseFile string `help:"File whose first line is the URL, which may hold a password." placeholder:"FILE" group:"Outbox"`
	Schema       string `help:"PostgreSQL schema of the tables; by default the first of the search path." placeholder:"NAME" group:"Outbox"`
}

// queueFlags name the database and the queue.
type queueFlags struct {
	databaseFlags
	Queue string `help:"Queue of the messages, one for each tenant; tgo by default." placeholder:"NAME" group:"Outbox"`
}

const databaseHelp = `The outbox is in a SQLite file, for one machine, or in PostgreSQL, for any number of them:

  --database sqlite:FILE
  --database postgres://USER@HOST/NAME
  --database-file FILE     the first line of the file is the URL
  TGO_OUTBOX_DATABASE      the URL, in the environment

By default it is the SQLite file tgo/outbox.db in your data directory (~/.local/share on Linux).

Texts and phones are in the database. A URL with a password belongs in a file or in the environment: others can see the arguments
of a process. PGPASSFILE and PGPASSWORD work too. A SQLite file gets its tables automatically; in PostgreSQL run tgo outbox migrate
once, and again after each update of tgo.`

const seeOutbox = "For the database, see tgo outbox --help.\n\n"

// box is what the commands need of an outbox, in any database.
type box interface {
	Queue() string
	Migrate(ctx context.Context) error
	Add(ctx context.Context, message outbox.Message) (outbox.Added, error)
	AddMany(ctx context.Context, messages []outbox.Message) ([]outbox.Added, error)
	Work(ctx context.Context, client *tgo.Client, workers outbox.Workers) error
	List(ctx context.Context, query outbox.Query) ([]outbox.Record, error)
	Status(ctx context.Context) (outbox.Status, error)
	Paused(ctx context.Context) (outbox.Pause, error)
	UnknownByQueue(ctx context.Context) (map[string]int64, error)
	Resolve(ctx context.Context, id int64, resolution outbox.Resolution) error
	Cancel(ctx context.Context, id int64, reason string) error
	Pause(ctx context.Context, reason string) error
	Resume(ctx context.Context) error
	Purge(ctx context.Context, before time.Time) (int64, error)
}

// openBox is an outbox whose database is open.
type openBox struct {
	box
	where string                                                             // its name for people, without a password
	lock  func(ctx context.Context, queue string) (unlock func(), err error) // keeps other runs of tgo send out
	close func()
}

var (
	// anyURL matches a URL to the end of the text, since the end of a URL with a password is ambiguous.
	anyURL = regexp.MustCompile(`(?is)([a-z0-9+.-]+://).*`)
	// passwordInURL matches a password even if it is not escaped. If in doubt, it matches.
	passwordInURL = regexp.MustCompile(`(?is)://.*:.*@|[?&](ssl)?password=`)
)

func holdsPassword(text string) bool {
	plain, _ := url.PathUnescape(text)
	return passwordInURL.MatchString(text) || passwordInURL.MatchString(plain)
}

// withoutPassword removes a URL that holds a password from an error about the command line.
func withoutPassword(text string) string {
	if !holdsPassword(text) {
		return text
	}
	return anyURL.ReplaceAllString(text, "$1...")
}

// url returns the URL of the database and where it comes from. The SQLite file is used if nothing names a database.
func (c *databaseFlags) url(s streams, file string) (text, source string, err error) {
	switch {
	case c.Database != "" && c.DatabaseFile != "":
		return "", "", usageError("give --database or --database-file, not both")
	case c.Database != "" && !strings.HasPrefix(c.Database, "sqlite:") && holdsPassword(c.Database):
		return "", "", usageError("--database holds a password, which others on this machine can see among the arguments of the process: " +
			"use TGO_OUTBOX_DATABASE, --database-file, PGPASSFILE or PGPASSWORD")
	case c.Database != "":
		return c.Database, "--database", nil
	case strings.Contains(c.DatabaseFile, "://"):
		return "", "", usageError("--database-file got a URL: name a file whose first line is the URL")
	case c.DatabaseFile != "":
		text, err = firstLine(c.DatabaseFile)
		return text, "--database-file", err
	}
	if text = s.getenv("TGO_OUTBOX_DATABASE"); text != "" {
		return text, "TGO_OUTBOX_DATABASE", nil
	}
	if file == "" {
		return "", "", usageError("there is no data directory for the file of a database: give --database or TGO_OUTBOX_DATABASE")
	}
	return "sqlite:" + file, bySilence, nil
}

// bySilence is the source of the default database.
const bySilence = "the default"

func firstLine(name string) (string, error) {
	f, err := os.Open(name) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return "", withCode(exitUsage, fmt.Errorf("--database-file: %w", err))
	}
	defer f.Close() //nolint:errcheck // it was only read from
	lines := bufio.NewScanner(f)
	lines.Scan()
	if lines.Err() != nil {
		return "", withCode(exitUsage, fmt.Errorf("--database-file: %w", lines.Err()))
	}
	return strings.TrimSpace(lines.Text()), nil
}

// defaultDatabase returns the SQLite file that is used if no database is named; empty if there is no home directory.
func defaultDatabase(getenv func(string) string) string {
	home := getenv("HOME")
	dir := getenv("XDG_DATA_HOME")
	switch {
	case dir != "":
	case runtime.GOOS == "windows":
		dir = getenv("LocalAppData")
	case home == "":
	case runtime.GOOS == "darwin":
		dir = filepath.Join(home, "Library", "Application Support")
	default:
		dir = filepath.Join(home, ".local", "share")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "tgo", "outbox.db")
}

// open opens the outbox, by default the one in the data directory.
func (c *queueFlags) open(ctx context.Context, s streams, logger *slog.Logger) (openBox, error) {
	return c.openQueue(ctx, s, defaultDatabase(s.getenv), c.Queue, logger)
}

// openQueue opens a queue of the outbox, by default in a SQLite file. The default file belongs to the user, so its
// tables are created here.
func (c *databaseFlags) openQueue(ctx context.Context, s streams, byDefault, queue string, logger *slog.Logger) (openBox, error) {
	text, source, err := c.url(s, byDefault)
	if err != nil {
		return openBox{}, err
	}
	if source == bySilence {
		if err := os.MkdirAll(filepath.Dir(byDefault), 0o700); err != nil {
			return openBox{}, withCode(exitUsage, err)
		}
	}
	cfg := outbox.Config{Queue: queue, Schema: c.Schema, Open: outbox.OpenPath, Logger: logger}
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok {
		if c.Schema != "" {
			return openBox{}, usageError("--schema is for PostgreSQL")
		}
		return openSQLite(ctx, file, cfg)
	}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return openPostgres(ctx, text, source, cfg)
	}
	return openBox{}, usageError(source + ": the database must be sqlite:FILE or postgres://USER@HOST/NAME") // the text may hold a password
}

func openPostgres(ctx context.Context, text, source string, cfg outbox.Config) (openBox, error) {
	_, rest, _ := strings.Cut(text, "://")
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		rest = rest[i+1:]
	}
	if strings.Contains(rest, "@") { // part of the password would be taken for the host or the database, which messages show
		return openBox{}, usageError(source + ": the URL has an @ in the wrong place: write @ as %40 everywhere except before the host, and / in the user name and password as %2F")
	}
	config, err := pgxpool.ParseConfig(text)
	switch {
	case err != nil && holdsPassword(text): // the error may hold the password
		return openBox{}, usageError(source + ": the database URL is not valid: write it as postgres://USER@HOST/NAME")
	case err != nil:
		return openBox{}, withCode(exitUsage, fmt.Errorf("%s: %w", source, err))
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return openBox{}, err
	}
	where := fmt.Sprintf("%s on %s", config.ConnConfig.Database, config.ConnConfig.Host)
	opened, err := newBox(riverpgxv5.New(pool), cfg, where, pool.Close)
	opened.lock = func(ctx context.Context, queue string) (func(), error) {
		return lockQueue(ctx, pool, cfg.Schema, queue)
	}
	return opened, err
}

func newBox[TTx any](driver riverdriver.Driver[TTx], cfg outbox.Config, where string, closePool func()) (openBox, error) {
	made, err := outbox.New(driver, cfg)
	if err != nil {
		closePool()
		return openBox{}, withCode(exitUsage, err) // it is about the queue or the schema
	}
	return openBox{box: made, where: where, close: closePool}, nil
}

// boxError adds the exit code to an error of the outbox.
func boxError(err error) error {
	var (
		input *tgo.InputError
		path  *fs.PathError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &input), errors.Is(err, outbox.ErrNotFound), errors.Is(err, outbox.ErrNotUnknown),
		errors.Is(err, outbox.ErrNotWaiting), errors.Is(err, outbox.ErrPurged):
		return withCode(exitValidation, err)
	case errors.Is(err, outbox.ErrNotMigrated):
		return usageError("the database is not migrated: run tgo outbox migrate, with the same database and schema")
	case errors.As(err, &path):
		return fileError(err)
	}
	return damaged(err)
}
