package sheet

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/xuri/excelize/v2"
)

// BenchmarkCSV reads 1,000,000 rows of four short columns.
func BenchmarkCSV(b *testing.B) {
	const rows = 1_000_000
	name := filepath.Join(b.TempDir(), "list.csv")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "to,name,order,city")
	for i := range rows {
		fmt.Fprintf(w, "+2010%08d,Person %d,%d,القاهرة\n", i, i, 1000+i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	benchmark(b, name, rows)
}

// BenchmarkWorkbook reads 100,000 rows of four short columns, with phones that are numbers in thousands.
func BenchmarkWorkbook(b *testing.B) {
	const rows = 100_000
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 3})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.SetRow("A1", []any{"to", "name", "order", "city"}); err != nil {
		b.Fatal(err)
	}
	for i := range rows {
		phone := excelize.Cell{StyleID: style, Value: 201_000_000_000 + int64(i)}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{phone, fmt.Sprintf("Person %d", i), 1000 + i, "القاهرة"}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "list.xlsx")
	if err := f.SaveAs(name); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	benchmark(b, name, rows)
}

func benchmark(b *testing.B, name string, rows int) {
	b.ReportAllocs()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l, err := Open(name, Options{})
		if err != nil {
			b.Fatal(err)
		}
		count, peak := 0, uint64(0)
		for r, err := range l.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			if len(r.Cells) != 4 {
				b.Fatal(r)
			}
			if count++; count%10_000 == 0 {
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))
			}
		}
		if count != rows {
			b.Fatalf("%d rows", count)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak)/1e6, "peak-MB")
	}
}
