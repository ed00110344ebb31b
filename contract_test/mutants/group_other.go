//go:build !unix

package main

import "os/exec"

func ownGroup(*exec.Cmd) {}

func stop(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
