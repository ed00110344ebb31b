package outbox

type dialect struct{}

func newDialect(database, schema string) dialect { return dialect{} }
