package postgrestest

import "syscall"

// endWithParent makes the kernel stop the server when the test ends in any way.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
