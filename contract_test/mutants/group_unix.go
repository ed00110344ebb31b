//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup starts the go command in a separate process group, so that stop also ends the tests that it runs.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func stop(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
