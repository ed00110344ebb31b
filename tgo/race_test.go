//go:build race

package tgo_test

const raceEnabled = true
