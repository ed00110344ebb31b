//go:build unix

package postgrestest

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ownFolder returns how to run the server, and makes its user the owner of the folder.
func ownFolder(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the terminal ends only the test, which stops the server
	endWithParent(attr)
	if os.Geteuid() != 0 {
		return attr, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid)) //nolint:gosec // the folder that the caller names
}

// killTree kills the server and its processes. Each process is in its own process group, and would otherwise finish its current statement
// before it notices that the server has ended. Without /proc, that cannot be prevented.
func killTree(server *os.Process) {
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		return // it has ended
	}
	// The server may be about to start a process for a connection. Once it has stopped, it starts no more.
	for {
		if _, err := syscall.Wait4(server.Pid, nil, syscall.WUNTRACED, nil); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var children []int
	for _, name := range stats {
		stat, _ := os.ReadFile(name) //nolint:gosec // a file of /proc; the process may have ended since
		// PID (NAME) STATE PARENT ...
		_, rest, _ := strings.Cut(string(stat), ") ")
		var pid, parent int
		var state string
		if n, _ := fmt.Sscan(string(stat), &pid); n != 1 {
			continue
		}
		if n, _ := fmt.Sscan(rest, &state, &parent); n == 2 && parent == server.Pid {
			children = append(children, pid)
		}
	}
	_ = server.Kill()
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
