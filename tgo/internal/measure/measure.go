// Package measure has what the benchmarks and the tests of costs share: a comparison of two ways of doing the same work, which take
// turns, and a plain server in its own process, so that its allocations do not count. No program links it.
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

// Cost is the cost of a piece of work.
type Cost struct {
	Time   time.Duration
	Allocs float64
	Bytes  float64
}

// InUse returns how many bytes of the heap are in use, without what the garbage collector would free.
func InUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the first run empties the pools only by half
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // no heap is that large
}

// Of runs f and returns what it cost in this process.
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

// Pair collects the costs of the same work, done with our code and written by hand.
type Pair struct{ ours, hand []Cost }

// Round does the work once in each way. The order alternates, so that neither always profits from caches that the other has filled.
func (p *Pair) Round(ours, hand func()) {
	if len(p.ours)%2 == 0 {
		p.ours = append(p.ours, Of(ours))
		p.hand = append(p.hand, Of(hand))
	} else {
		p.hand = append(p.hand, Of(hand))
		p.ours = append(p.ours, Of(ours))
	}
}

// Ours is the median of the work with our code.
func (p *Pair) Ours() Cost { return medians(p.ours) }

// Hand is the median of the work by hand.
func (p *Pair) Hand() Cost { return medians(p.hand) }

// TimeRatio is the median of our time divided by the time by hand in the same round. Other load on the machine slows both.
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

// Median returns the middle value, or the upper of the two in the middle.
func Median[T cmp.Ordered](values []T) T {
	if len(values) == 0 {
		var zero T
		return zero
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Resident returns the resident memory of a process in bytes, now and at its peak. The id 0 means this process. It works only on Linux;
// elsewhere ok is false.
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

// ForgetPeak resets the peak of this process to its current memory. It returns false if that is not possible.
func ForgetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// Must panics if there is an error, for work that should always succeed.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}
