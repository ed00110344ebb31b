package contract

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestEveryKeywordOfARequestIsGenerated: a keyword that the document starts to use must not be missing here.
func TestEveryKeywordOfARequestIsGenerated(t *testing.T) {
	t.Parallel()
	generated := map[string]bool{}
	for _, n := range InvalidRequests(t, 1) {
		generated[n.Keyword] = true
	}
	var check func(schema *openapi3.Schema)
	check = func(s *openapi3.Schema) {
		for keyword, used := range map[string]bool{
			"enum": len(s.Enum) > 0, "pattern": s.Pattern != "", "minimum": s.Min != nil, "maximum": s.Max != nil, "minLength": s.MinLength > 0,
			"maxLength": s.MaxLength != nil, "minItems": s.MinItems > 0, "maxItems": s.MaxItems != nil, "uniqueItems": s.UniqueItems,
			"multipleOf": s.MultipleOf != nil, "minProperties": s.MinProps > 0, "maxProperties": s.MaxProps != nil,
		} {
			if used && !generated[keyword] {
				t.Errorf("the document uses %s, and nothing is generated that breaks it", keyword)
			}
		}
		for _, p := range s.Properties {
			check(p.Value)
		}
		if s.Items != nil {
			check(s.Items.Value)
		}
	}
	for _, op := range Operations() {
		for _, p := range op.Parameters {
			check(p.Value.Schema.Value)
		}
		if op.RequestBody != nil {
			for _, content := range op.RequestBody.Value.Content {
				check(content.Schema.Value)
			}
		}
	}
}
