package outbox

import (
	"strings"

	"github.com/riverqueue/river/riverdriver"
)

// dialect translates the statements of this package to SQL of the database. Statements are written in the SQL that the two databases have in
// common; $1 is the first argument; names in braces are replaced. Times are whole microseconds since 1970, from the clock of the database.
type dialect struct {
	replacer *strings.Replacer
	sqlite   bool
}

func newDialect(database, schema string) dialect {
	if schema != "" {
		schema = `"` + schema + `".`
	}
	common := []string{
		"{message}", schema + "tgo_outbox_message",
		"{queue}", schema + "tgo_outbox_queue",
		"{worker}", schema + "tgo_outbox_worker",
		"{migration}", schema + "tgo_outbox_migration",
		"{job}", schema + "river_job",
		"{river_queue}", schema + "river_queue",
		"{schema}", schema,
	}
	if database == riverdriver.DatabaseNameSQLite {
		return dialect{sqlite: true, replacer: strings.NewReplacer(append(common,
			"$", "?",
			"{now}", "cast(unixepoch('subsec') * 1000000 as integer)",
			"{timestamp}", "datetime('now', 'subsec')",
			"{hour_ago}", "datetime('now', '-1 hour', 'subsec')",
			"{micros:", "cast(unixepoch(", "}:micros", ", 'subsec') * 1000000 as integer)",
			"{time:", "datetime((", "}:time", ") / 1e6, 'unixepoch', 'subsec')",
			"{item}", "json(item)",
			"{max}", "max",
			"{json}", "text",
			"{object}", "json_object",
			"{array}", "json_group_array",
			"{each}", "json_each(cast(?1 as text))",
			"{set_sender}", `json_set(senders, '$."' || cast(?2 as text) || '"', `, "{/set_sender}", ")",
			"{args}", "json(j.args)",
			"{receipt}", "json(m.receipt)",
			"{last_client}", "j.attempted_by ->> '$[#-1]'",
		)...)}
	}
	return dialect{replacer: strings.NewReplacer(append(common,
		"{now}", "cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)",
		"{timestamp}", "clock_timestamp()",
		"{hour_ago}", "now() - interval '1 hour'", // stable, so that an index can be used
		"{micros:", "cast(extract(epoch from ", "}:micros", ") * 1000000 as bigint)",
		"{time:", "to_timestamp((", "}:time", ") / 1e6)",
		"{item}", "item",
		"{max}", "greatest",
		"{json}", "jsonb",
		"{object}", "json_build_object",
		"{array}", "json_agg",
		"{each}", "jsonb_array_elements(cast(cast($1 as text) as jsonb)) as each(value)",
		"{set_sender}", "jsonb_set(senders, array[cast($2 as text)], to_jsonb(", "{/set_sender}", "))",
		"{args}", "j.args",
		"{receipt}", "m.receipt",
		"{last_client}", "j.attempted_by[array_upper(j.attempted_by, 1)]",
	)...)}
}

func (d dialect) of(statement string) string { return d.replacer.Replace(statement) }
