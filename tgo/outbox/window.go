package outbox

import "time"

// Window is a part of each day in which messages may begin, such as from 9:00 to 21:00. If From is after Until, the window includes midnight.
type Window struct {
	// From and Until are times of the day, from 0 to 24 h.
	From, Until time.Duration
	// Location is the time zone; UTC if it is nil.
	Location *time.Location
}

// wait returns the time until the window opens: 0 while it is open, and always 0 for the zero Window.
func (w Window) wait(now time.Time) time.Duration {
	if w.From == w.Until {
		return 0
	}
	if w.Location == nil {
		w.Location = time.UTC
	}
	now = now.In(w.Location)
	clock := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute +
		time.Duration(now.Second())*time.Second + time.Duration(now.Nanosecond())
	open := clock >= w.From && clock < w.Until
	if w.From > w.Until {
		open = clock >= w.From || clock < w.Until
	}
	if open {
		return 0
	}
	year, month, day := now.Date()
	if clock >= w.From {
		day++
	}
	hour, minute := int(w.From/time.Hour), int(w.From%time.Hour/time.Minute)
	opens := time.Date(year, month, day, hour, minute, int(w.From%time.Minute/time.Second), int(w.From%time.Second), w.Location)
	return max(opens.Sub(now), time.Second) // the time may not exist, when summer time begins
}
