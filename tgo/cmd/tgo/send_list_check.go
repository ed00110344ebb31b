package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
)

// maxProblems is how many problems of a list are shown.
const maxProblems = 20

// checker validates rows, and collects their problems.
type checker struct {
	list            *recipients
	campaign        *campaign
	sender          *tgo.Sender // of a client that sends nothing
	allowEmpty      bool
	allowDuplicates bool
	files           map[string]error
	problems        []string
	count           int    // of problems
	bad             rowSet // rows that have one
}

func (k *checker) problem(number int, text string) {
	if n := len(k.bad); n == 0 || k.bad[n-1][1] != number {
		k.bad.add(number)
	}
	if k.count++; k.count <= maxProblems {
		k.problems = append(k.problems, fmt.Sprintf("row %d: %s", number, printable(text)))
	}
}

// run validates all rows. It calls progress from time to time with the number of rows so far.
func (k *checker) run(ctx context.Context, progress func(rows int)) error {
	rows, first, last := 0, 0, 0
	for row, err := range k.list.source.Rows() {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if rows++; rows%1000 == 0 {
			progress(rows)
		}
		var unreadable *sheet.RowError
		last = row.Number
		if errors.As(err, &unreadable) {
			last = unreadable.Number
		}
		if rows == 1 {
			first = last
		}
		switch {
		case unreadable != nil:
			if k.list.excluded.has(unreadable.Number) {
				continue
			}
			k.problem(unreadable.Number, unreadable.Err.Error())
		case err != nil:
			return withCode(exitValidation, fmt.Errorf("%s: %w", k.list.flags.name(), err))
		default:
			k.row(ctx, row)
		}
	}
	if rows == 0 {
		return withCode(exitValidation, fmt.Errorf("%s has no rows", k.list.flags.name()))
	}
	return k.list.excluded.within("--exclude", first, last)
}

func (k *checker) row(ctx context.Context, row sheet.Row) {
	if k.list.excluded.has(row.Number) {
		k.campaign.add(listRow{number: int32(row.Number), state: rowExcluded}, "excluded by --exclude") //nolint:gosec // a list has not so many rows
		return
	}
	content, problems := k.list.read(row.Cells, k.allowEmpty)
	for _, problem := range problems {
		k.problem(row.Number, problem)
	}
	if content.to == "" {
		k.campaign.add(listRow{number: int32(row.Number), state: rowWrong}, strings.Join(problems, "; ")) //nolint:gosec // a list has not so many rows
		return
	}
	r := listRow{id: content.id(), number: int32(row.Number)} //nolint:gosec // a list has not so many rows
	first, reason := 0, ""
	k.campaign.rows.of(r.id.recipient, func(_ int, other *listRow) bool {
		first = int(other.number)
		if other.id.message == r.id.message {
			r.id.occurrence = max(r.id.occurrence, other.id.occurrence+1)
		}
		return true
	})
	if first != 0 && !k.allowDuplicates {
		problems = append(problems, fmt.Sprintf("the phone is in row %d already; --allow-duplicates allows it", first))
		k.problem(row.Number, problems[len(problems)-1])
	} else if len(problems) == 0 {
		switch err := k.check(ctx, content); {
		case errors.Is(err, fs.ErrNotExist):
			r.state, reason = rowNoFile, inWordsOf(err)
		case err != nil:
			problems = append(problems, inWordsOf(err))
			k.problem(row.Number, problems[0])
		}
	}
	if len(problems) > 0 {
		r.state, reason = rowWrong, strings.Join(problems, "; ")
	}
	k.campaign.add(r, reason)
}

// check validates a row as the client does before it sends: its fields, and its file if no row before it had the same one,
// since that reads the file.
func (k *checker) check(ctx context.Context, content rowContent) error {
	path := content.file
	err, known := k.files[path]
	if content.kind == tgo.TypeVoice && !known {
		if k.list.durations[path], err = fileDuration(path); err != nil {
			k.files[path] = err
		}
	}
	if err != nil {
		return err
	}
	content.duration = k.list.durations[path]
	if err := k.fields(content); err != nil || known || path == "" {
		return err
	}
	k.files[path] = k.mail(ctx, content)
	return k.files[path]
}

func (k *checker) mail(ctx context.Context, content rowContent) error {
	_, err := content.mail(ctx, k.sender)
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// fields validates all of a message but its file. The client validates them before it opens the file and builds the request,
// so a context that has ended saves the rest.
func (k *checker) fields(content rowContent) error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	err := k.mail(ended, content)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// result returns an error with all problems; nil if there are none.
func (k *checker) result() error {
	if k.count == 0 {
		return nil
	}
	return withCode(exitValidation, fmt.Errorf("%s (%s): nothing was sent; %d of its rows must be corrected:\n%s",
		k.list.flags.name(), k.list.source.Kind, k.rowsToCorrect(), k.text()))
}

// rowsToCorrect is how many rows have a problem.
func (k *checker) rowsToCorrect() int {
	n := 0
	for _, r := range k.bad {
		n += r[1] - r[0] + 1
	}
	return n
}

// text returns the problems, one to a line, and how to send to the other rows.
func (k *checker) text() string {
	text := "  " + strings.Join(k.problems, "\n  ")
	if k.count > maxProblems {
		text += fmt.Sprintf("\n  and %d more", k.count-maxProblems)
	}
	if len(k.bad) <= maxProblems {
		text += fmt.Sprintf("\nTo send to the others without these: --exclude %s", append(slices.Clone(k.list.excluded), k.bad...))
	}
	return text
}
