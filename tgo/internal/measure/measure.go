// Package measure is what the benchmarks and the gates on cost have in common: two ways of doing the same work, run in
// turns, and a plain server in a process of its own, so that what it allocates is nobody else's. No program links it.
package measure

import (
	"bytes"
	"cmp"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"
)

// Cost is what a piece of work took.
type Cost struct {
	Time   time.Duration
	Allocs float64
	Bytes  float64
}

// InUse is how many bytes of the heap are in use, without what the collector would free.
func InUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one only empties the pools by half
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // no heap is that large
}

// Of runs f and tells what it cost in this process.
func Of(f func()) Cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	f()
	took := time.Since(begun)
	runtime.ReadMemStats(&after)
	return Cost{
		Time:   took,
		Allocs: float64(after.Mallocs - before.Mallocs),
		Bytes:  float64(after.TotalAlloc - before.TotalAlloc),
	}
}

// Pair collects the costs of the same work done in our way and by hand.
type Pair struct{ ours, hand []Cost }

// Round does the work once in each way. Who begins changes from round to round, so that neither always profits from what
// the other has warmed up.
func (p *Pair) Round(ours, hand func()) {
	if len(p.ours)%2 == 0 {
		p.ours = append(p.ours, Of(ours))
		p.hand = append(p.hand, Of(hand))
	} else {
		p.hand = append(p.hand, Of(hand))
		p.ours = append(p.ours, Of(ours))
	}
}

// Ours and Hand are the medians of each way.
func (p *Pair) Ours() Cost { return medians(p.ours) }

// Hand is the median of the work by hand.
func (p *Pair) Hand() Cost { return medians(p.hand) }

// TimeRatio is the median over the rounds of our time by the time by hand in the same round: what else the machine does
// meanwhile slows both.
func (p *Pair) TimeRatio() float64 {
	ratios := make([]float64, len(p.ours))
	for i := range ratios {
		ratios[i] = float64(p.ours[i].Time) / float64(p.hand[i].Time)
	}
	return Median(ratios)
}

func medians(costs []Cost) Cost {
	var times []time.Duration
	var allocs, bytes []float64
	for _, c := range costs {
		times, allocs, bytes = append(times, c.Time), append(allocs, c.Allocs), append(bytes, c.Bytes)
	}
	return Cost{Median(times), Median(allocs), Median(bytes)}
}

// Median is the middle one of some values, or the upper of the two in the middle.
func Median[T cmp.Ordered](values []T) T {
	if len(values) == 0 {
		var zero T
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Resident is the memory of a process in bytes, now and at its peak so far, as Linux tells it; 0 for this process. ok is
// false elsewhere.
func Resident(pid int) (now, peak int64, ok bool) {
	name := "self"
	if pid != 0 {
		name = strconv.Itoa(pid)
	}
	status, err := os.ReadFile("/proc/" + name + "/status")
	if err != nil {
		return 0, 0, false
	}
	kilobytes := func(field string) int64 {
		for line := range bytes.Lines(status) {
			if rest, found := bytes.CutPrefix(line, []byte(field+":")); found {
				n, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 10, 64)
				return n
			}
		}
		return 0
	}
	now, peak = kilobytes("VmRSS")<<10, kilobytes("VmHWM")<<10
	return now, peak, now > 0 && peak > 0
}

// ForgetPeak makes the peak of this process what it has now. It reports false where that cannot be done.
func ForgetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// Must panics on an error, for work that is known to succeed.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}
