//go:build !race

package tgo_test

const raceEnabled = false
