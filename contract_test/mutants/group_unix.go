//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup lets the tests be stopped together with the go command that runs them.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func stop(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
