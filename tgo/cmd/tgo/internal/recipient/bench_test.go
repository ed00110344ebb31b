package recipient

import "testing"

func BenchmarkRead(b *testing.B) {
	for name, cell := range map[string]string{"full": "+201001234567", "national": "01001234567", "code": "201001234567"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := Read(cell, "EG"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
