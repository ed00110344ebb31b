package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rowSet is a set of row numbers, written as 7,12-15.
type rowSet [][2]int

// UnmarshalText parses row numbers and ranges.
func (s *rowSet) UnmarshalText(text []byte) error {
	for part := range strings.SplitSeq(string(text), ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 1 || last < first {
			return fmt.Errorf("%q must be rows such as 7,12-15", part)
		}
		*s = append(*s, [2]int{first, last})
	}
	return nil
}

func (s rowSet) has(number int) bool {
	return slices.ContainsFunc(s, func(r [2]int) bool { return r[0] <= number && number <= r[1] })
}

// String formats rows the way UnmarshalText parses them.
func (s rowSet) String() string {
	var parts []string
	for _, r := range s {
		if r[0] == r[1] {
			parts = append(parts, strconv.Itoa(r[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", r[0], r[1]))
		}
	}
	return strings.Join(parts, ",")
}

// within returns an error if a flag names rows that are not between the first and the last row of the list.
func (s rowSet) within(flag string, first, last int) error {
	for _, r := range s {
		if r[0] < first || r[1] > last {
			return usageError(fmt.Sprintf("%s %s: the list has no such row; its rows are %d to %d", flag, rowSet{r}, first, last))
		}
	}
	return nil
}

// add adds a number that is greater than all others.
func (s *rowSet) add(number int) {
	if n := len(*s); n > 0 && (*s)[n-1][1] == number-1 {
		(*s)[n-1][1] = number
		return
	}
	*s = append(*s, [2]int{number, number})
}
